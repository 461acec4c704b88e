// SPDX-License-Identifier: MIT
#pragma once
// What a Link is made of. Only for link*.cpp: they alone know librabbitmq.

#include "host/broker/link.hpp"

#include <amqp.h>
#include <amqp_framing.h>

#include <map>

namespace microengine::broker {

/// A message on its way in: its method has been read, then comes a header, then the body in pieces.
struct Incoming {
    std::variant<std::monostate, Delivery, Returned> what;
    std::uint64_t size = 0;
    std::uint64_t come = 0;   // of it
    bool headed = false;
    std::string body;   // empty, if it is too large
};

struct Link::Impl {
    explicit Impl(const LinkSettings& given) : settings(given), state(amqp_new_connection()) {}
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    /// The last call's answer; `doing` is for the message.
    [[nodiscard]] util::Result<void> answered(std::string_view doing);
    [[nodiscard]] util::Result<void> fine(int status, std::string_view doing);
    [[nodiscard]] std::unexpected<util::Error> broken(std::string_view doing, std::string_view why);

    const LinkSettings settings;
    amqp_connection_state_t state;
    bool alive = false;   // logged in, and nothing has failed since
    std::uint64_t published = 0;
    std::map<Channel, Incoming> incoming;
};

[[nodiscard]] inline amqp_bytes_t bytes_of(std::string_view text) {
    // The library takes what it only reads as not constant.
    return {text.size(), const_cast<char*>(text.data())};   // NOLINT(cppcoreguidelines-pro-type-const-cast)
}
[[nodiscard]] inline std::string text_of(amqp_bytes_t bytes) {
    return bytes.len == 0 ? std::string() : std::string(static_cast<const char*>(bytes.bytes), bytes.len);
}

}   // namespace microengine::broker
