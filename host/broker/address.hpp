// SPDX-License-Identifier: MIT
#pragma once
// Where the broker is and who we are to it. Pure, but for the file of credentials.

#include "host/core/queue_settings.hpp"
#include "host/util/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace microengine::broker {

struct Address {
    std::string host;
    std::uint16_t port = 0;
    std::string vhost = "/";
    bool tls = false;
    /// "amqps://host:5671/vhost": without credentials, for people and logs.
    [[nodiscard]] std::string text() const;
};

/// amqp://HOST[:PORT][/VHOST] or amqps://…; a password in it is refused, because configurations are shown.
/// RFC 3986; https://www.rabbitmq.com/uri-spec.html.
[[nodiscard]] util::Result<Address> parse_address(std::string_view url);

struct Credentials {
    std::string user = "guest";
    std::string password = "guest";
};

/// The first line of a file that only its owner and group may read: "user:password".
[[nodiscard]] util::Result<Credentials> read_credentials(const std::filesystem::path& file);

}   // namespace microengine::broker
