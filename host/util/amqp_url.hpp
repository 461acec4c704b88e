// SPDX-License-Identifier: MIT
#pragma once
// Where a message broker is: amqp://HOST[:PORT][/VHOST] or amqps://…, as
// https://www.rabbitmq.com/uri-spec.html has it. Pure.

#include "host/util/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace microengine::util {

struct AmqpAddress {
    std::string host;
    std::uint16_t port = 0;
    std::string vhost = "/";
    bool tls = false;
    /// "amqps://host:5671/vhost", for people and logs.
    [[nodiscard]] std::string text() const;
};

/// A user and password in it are refused, because configurations are shown.
[[nodiscard]] Result<AmqpAddress> parse_amqp_url(std::string_view url);

}   // namespace microengine::util
