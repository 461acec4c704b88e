// SPDX-License-Identifier: MIT
#pragma once
// One connection to a broker that speaks AMQP 0-9-1, through librabbitmq. One thread. Whatever fails, the
// connection is over: open another one. Everything that arrives is bounded before memory is spent on it.

#include "host/broker/credentials.hpp"
#include "host/core/queue_settings.hpp"
#include "host/util/amqp_url.hpp"
#include "host/util/result.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace microengine::broker {

struct LinkSettings {
    util::AmqpAddress address;
    Credentials credentials;
    std::string ca_file, certificate, key;
    std::chrono::milliseconds heartbeat{10'000};
    std::chrono::milliseconds timeout{5'000};   ///< to connect, and for every answer
    std::uint64_t max_message_bytes = std::uint64_t{24} << 20;
    std::string name;   ///< what the broker shows of us
};

/// From the configuration; reads the credentials. `name` is what the broker shows of us.
[[nodiscard]] util::Result<LinkSettings> link_settings(const core::QueueSettings& settings, std::string name);

struct QueueState {
    std::uint64_t messages = 0;    ///< that wait
    std::uint64_t consumers = 0;   ///< channels that take them out
};

/// A queue as it should be. Declaring one that is otherwise is an error of the operator's.
struct QueueSpec {
    std::string name;
    std::map<std::string, std::variant<std::int64_t, std::string>> arguments;
};

struct Message {
    std::string body;
    std::string id;                     ///< message-id
    std::string reply_to;               ///< the queue for the answer; may be empty
    std::chrono::milliseconds ttl{0};   ///< 0: none
};

using Channel = std::uint16_t;   ///< from 1 on

struct Delivery {
    Channel channel = 0;
    std::uint64_t tag = 0;
    Message message;
    bool redelivered = false;
    std::uint64_t deliveries = 1;   ///< this one included
    std::uint64_t too_large = 0;    ///< its size, where that is over max_message_bytes: its body was dropped
    std::string death;              ///< why it was dead-lettered: "expired", "delivery_limit", …; else empty
};
/// The broker's word on messages that were published.
struct Confirmed {
    std::uint64_t number = 0;
    bool multiple = false;   ///< and all before it
    bool kept = false;       ///< false: refused, the queue is full
};
/// There is no such queue: the message is nowhere. Its confirmation follows.
struct Returned {
    std::string id;
};
/// The broker takes no messages on this connection until it says otherwise: it has too little memory or disk.
struct Blocked {
    bool now = false;
};
/// The broker has taken the queue away from this consumer.
struct ConsumerLost {
    Channel channel = 0;
};
using Event = std::variant<Delivery, Confirmed, Returned, ConsumerLost, Blocked>;

class Link {
public:
    /// Connects, logs in, and opens that many channels; on the first one publishing is confirmed.
    [[nodiscard]] static util::Result<std::unique_ptr<Link>> open(const LinkSettings& settings,
                                                                  Channel channels);
    /// Takes leave of the broker if the connection stands, without waiting long.
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    [[nodiscard]] util::Result<void> declare(const QueueSpec& queue);
    /// Of one that is there. That there is no such queue is an error. Not on a connection that publishes:
    /// one that is blocked has no answer.
    [[nodiscard]] util::Result<QueueState> state(const std::string& queue);
    /// From here on next() gives deliveries of it, at most `prefetch` of them not yet acknowledged.
    [[nodiscard]] util::Result<void> consume(Channel channel, const std::string& queue,
                                             std::uint16_t prefetch);
    /// No more deliveries on this channel; those under way still come.
    [[nodiscard]] util::Result<void> stop_consuming(Channel channel);

    /// Into a queue, to be kept on disk. Waits where the socket's buffer is full, so not much should be under
    /// way unconfirmed. The number by which it will be confirmed: 1, 2, 3, …
    [[nodiscard]] util::Result<std::uint64_t> publish(const std::string& queue, const Message& message);
    [[nodiscard]] util::Result<void> acknowledge(Channel channel, std::uint64_t tag);
    /// Gives it back: to be delivered again, or (`requeue` false) to be dead-lettered.
    [[nodiscard]] util::Result<void> reject(Channel channel, std::uint64_t tag, bool requeue);

    /// What has arrived, without waiting; nothing: no more at the moment. Must be asked at least every half
    /// heartbeat, because it also sends ours.
    [[nodiscard]] util::Result<std::optional<Event>> next();
    /// Readable when next() may have something.
    [[nodiscard]] int fd() const;

private:
    struct Impl;
    explicit Link(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}   // namespace microengine::broker
