// SPDX-License-Identifier: MIT
// What we ask of the broker.

#include "host/broker/link_impl.hpp"

#include <utility>
#include <vector>

namespace microengine::broker {

namespace {

constexpr std::uint8_t kPersistent = 2;

amqp_field_value_t field_of(const std::variant<std::int64_t, std::string>& value) {
    amqp_field_value_t field{};
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        field.kind = AMQP_FIELD_KIND_I64;
        field.value.i64 = *number;
    } else {
        field.kind = AMQP_FIELD_KIND_UTF8;
        field.value.bytes = bytes_of(std::get<std::string>(value));
    }
    return field;
}

}   // namespace

util::Result<LinkSettings> link_settings(const core::QueueSettings& settings, std::string name) {
    LinkSettings link;
    link.address = ME_TRY(util::parse_amqp_url(settings.url));
    if (!settings.credentials_file.empty())
        link.credentials = ME_TRY(read_credentials(settings.credentials_file));
    link.ca_file = settings.ca_file.native();
    link.certificate = settings.tls_certificate.native();
    link.key = settings.tls_key.native();
    link.heartbeat = settings.heartbeat;
    link.timeout = settings.connect_timeout;
    link.name = std::move(name);
    return link;
}

util::Result<void> Link::declare(const QueueSpec& queue) {
    std::vector<amqp_table_entry_t> entries;
    entries.reserve(queue.arguments.size());
    for (const auto& [key, value] : queue.arguments)
        entries.push_back({.key = bytes_of(key), .value = field_of(value)});
    const amqp_table_t arguments{.num_entries = static_cast<int>(entries.size()), .entries = entries.data()};
    amqp_queue_declare(impl_->state, 1, bytes_of(queue.name), 0, 1, 0, 0, arguments);
    auto declared = impl_->answered("cannot declare the queue '" + queue.name + "'");
    // RabbitMQ names its arguments, not our keys.
    if (!declared && declared.error().message.find("inequivalent arg") != std::string::npos)
        declared.error().message +=
            ": it was made with other settings. queue.max_jobs and queue.delivery_limit are the broker's "
            "once "
            "a queue is there; to change them, delete the queues";
    return declared;
}

util::Result<QueueState> Link::state(const std::string& queue) {
    const amqp_queue_declare_ok_t* const answer =
        amqp_queue_declare(impl_->state, 1, bytes_of(queue), 1, 1, 0, 0, amqp_empty_table);
    ME_CHECK(impl_->answered("cannot ask for the queue '" + queue + "'"));
    return QueueState{.messages = answer->message_count, .consumers = answer->consumer_count};
}

util::Result<void> Link::consume(Channel channel, const std::string& queue, std::uint16_t prefetch) {
    amqp_basic_qos(impl_->state, channel, 0, prefetch, 0);
    ME_CHECK(impl_->answered("cannot bound what is delivered"));
    const std::string tag = std::to_string(channel);
    amqp_basic_consume(impl_->state, channel, bytes_of(queue), bytes_of(tag), 0, 0, 0, amqp_empty_table);
    return impl_->answered("cannot consume the queue '" + queue + "'");
}

util::Result<void> Link::stop_consuming(Channel channel) {
    const std::string tag = std::to_string(channel);
    amqp_basic_cancel(impl_->state, channel, bytes_of(tag));
    return impl_->answered("cannot stop consuming");
}

util::Result<std::uint64_t> Link::publish(const std::string& queue, const Message& message) {
    amqp_basic_properties_t properties{};
    properties._flags =
        AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG;
    properties.content_type = amqp_cstring_bytes("application/json");
    properties.delivery_mode = kPersistent;
    properties.message_id = bytes_of(message.id);
    if (!message.reply_to.empty()) {
        properties._flags |= AMQP_BASIC_REPLY_TO_FLAG;
        properties.reply_to = bytes_of(message.reply_to);
    }
    const std::string ttl = std::to_string(message.ttl.count());
    if (message.ttl.count() > 0) {
        properties._flags |= AMQP_BASIC_EXPIRATION_FLAG;
        properties.expiration = bytes_of(ttl);
    }
    // Mandatory: where there is no such queue we hear of it, instead of the message vanishing.
    ME_CHECK(impl_->fine(amqp_basic_publish(impl_->state, 1, amqp_empty_bytes, bytes_of(queue), 1, 0,
                                            &properties, bytes_of(message.body)),
                         "cannot publish"));
    return ++impl_->published;
}

util::Result<void> Link::acknowledge(Channel channel, std::uint64_t tag) {
    return impl_->fine(amqp_basic_ack(impl_->state, channel, tag, 0), "cannot acknowledge");
}

util::Result<void> Link::reject(Channel channel, std::uint64_t tag, bool requeue) {
    return impl_->fine(amqp_basic_reject(impl_->state, channel, tag, requeue ? 1 : 0), "cannot give back");
}

int Link::fd() const { return amqp_get_sockfd(impl_->state); }

}   // namespace microengine::broker
