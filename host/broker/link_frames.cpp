// SPDX-License-Identifier: MIT
// What the broker sends: frames, put together to events. A message comes in three parts, its method, its
// header and its body, and those of several channels may be mixed.

#include "host/broker/link_impl.hpp"

#include <algorithm>
#include <utility>

namespace microengine::broker {

namespace {

constexpr std::size_t kMostLabel = 255;   // of a short string of AMQP

std::string label_of(amqp_bytes_t bytes) { return text_of(bytes).substr(0, kMostLabel); }

std::uint64_t number_of(const amqp_field_value_t& value) {
    switch (value.kind) {
        case AMQP_FIELD_KIND_I64:
        case AMQP_FIELD_KIND_TIMESTAMP:
            return static_cast<std::uint64_t>(std::max<std::int64_t>(value.value.i64, 0));
        case AMQP_FIELD_KIND_I32:
            return static_cast<std::uint64_t>(std::max(value.value.i32, 0));
        case AMQP_FIELD_KIND_I16:
            return static_cast<std::uint64_t>(std::max<std::int16_t>(value.value.i16, 0));
        case AMQP_FIELD_KIND_I8:
            return static_cast<std::uint64_t>(std::max<std::int8_t>(value.value.i8, 0));
        default:
            return 0;
    }
}

/// The broker's own headers. Those of dead letters are set by it alone, but who publishes can forge them:
/// they only choose words.
void read_headers(const amqp_table_t& table, Delivery& delivery) {
    for (int i = 0; i < table.num_entries; ++i) {
        const amqp_table_entry_t& entry = table.entries[i];
        const std::string key = label_of(entry.key);
        if (key == "x-delivery-count")
            delivery.deliveries = number_of(entry.value) + 1;
        else if (key == "x-first-death-reason" && entry.value.kind == AMQP_FIELD_KIND_UTF8)
            delivery.death = label_of(entry.value.value.bytes);
    }
}

void read_properties(const amqp_basic_properties_t& properties, Incoming& incoming) {
    if (auto* returned = std::get_if<Returned>(&incoming.what)) {
        if ((properties._flags & AMQP_BASIC_MESSAGE_ID_FLAG) != 0)
            returned->id = label_of(properties.message_id);
        return;
    }
    auto* delivery = std::get_if<Delivery>(&incoming.what);
    if (delivery == nullptr) return;
    if ((properties._flags & AMQP_BASIC_MESSAGE_ID_FLAG) != 0)
        delivery->message.id = label_of(properties.message_id);
    if ((properties._flags & AMQP_BASIC_REPLY_TO_FLAG) != 0)
        delivery->message.reply_to = label_of(properties.reply_to);
    if ((properties._flags & AMQP_BASIC_HEADERS_FLAG) != 0) read_headers(properties.headers, *delivery);
}

Event finished(Incoming& incoming) {
    if (auto* delivery = std::get_if<Delivery>(&incoming.what)) {
        delivery->message.body = std::move(incoming.body);
        Event event = std::move(*delivery);
        incoming = {};
        return event;
    }
    Event event = std::move(std::get<Returned>(incoming.what));
    incoming = {};
    return event;
}

/// Nothing: the method was none of the events, or only began a message.
std::optional<Event> on_method(Channel channel, const amqp_method_t& method,
                               std::map<Channel, Incoming>& incoming) {
    switch (method.id) {
        case AMQP_BASIC_ACK_METHOD: {
            const auto& ack = *static_cast<const amqp_basic_ack_t*>(method.decoded);
            return Confirmed{.number = ack.delivery_tag, .multiple = ack.multiple != 0, .kept = true};
        }
        case AMQP_BASIC_NACK_METHOD: {
            const auto& nack = *static_cast<const amqp_basic_nack_t*>(method.decoded);
            return Confirmed{.number = nack.delivery_tag, .multiple = nack.multiple != 0, .kept = false};
        }
        case AMQP_CONNECTION_BLOCKED_METHOD:
            return Blocked{.now = true};
        case AMQP_CONNECTION_UNBLOCKED_METHOD:
            return Blocked{.now = false};
        case AMQP_BASIC_CANCEL_METHOD:
            return ConsumerLost{channel};
        case AMQP_BASIC_DELIVER_METHOD: {
            const auto& deliver = *static_cast<const amqp_basic_deliver_t*>(method.decoded);
            incoming[channel] = {.what = Delivery{.channel = channel,
                                                  .tag = deliver.delivery_tag,
                                                  .message = {},
                                                  .redelivered = deliver.redelivered != 0,
                                                  .death = {}},
                                 .body = {}};
            return std::nullopt;
        }
        case AMQP_BASIC_RETURN_METHOD:
            incoming[channel] = {.what = Returned{}, .body = {}};
            return std::nullopt;
        default:
            return std::nullopt;
    }
}

bool closes(amqp_method_number_t method) {
    return method == AMQP_CONNECTION_CLOSE_METHOD || method == AMQP_CHANNEL_CLOSE_METHOD;
}

std::string why_closed(const amqp_method_t& method) {
    if (method.id == AMQP_CONNECTION_CLOSE_METHOD)
        return text_of(static_cast<const amqp_connection_close_t*>(method.decoded)->reply_text);
    return text_of(static_cast<const amqp_channel_close_t*>(method.decoded)->reply_text);
}

/// A header or a piece of a body. An error is a sentence.
std::optional<std::string> on_content(const amqp_frame_t& frame, std::uint64_t most, Incoming& incoming) {
    if (std::holds_alternative<std::monostate>(incoming.what)) return "a message without a method";
    if (frame.frame_type == AMQP_FRAME_HEADER) {
        if (incoming.headed) return "a message with two headers";
        if (frame.payload.properties.class_id != AMQP_BASIC_CLASS) return "a header of another class";
        incoming.size = frame.payload.properties.body_size;
        incoming.headed = true;
        // Whoever may publish may publish too much: it is read past, and its receiver says so.
        auto* delivery = std::get_if<Delivery>(&incoming.what);
        if (delivery != nullptr && incoming.size > most) delivery->too_large = incoming.size;
        read_properties(*static_cast<const amqp_basic_properties_t*>(frame.payload.properties.decoded),
                        incoming);
        return std::nullopt;
    }
    const amqp_bytes_t piece = frame.payload.body_fragment;
    if (!incoming.headed || piece.len > incoming.size - incoming.come) return "a body that is too long";
    incoming.come += piece.len;
    if (incoming.size <= most) incoming.body.append(static_cast<const char*>(piece.bytes), piece.len);
    return std::nullopt;
}

}   // namespace

util::Result<std::optional<Event>> Link::next() {
    Impl& impl = *impl_;
    for (;;) {
        amqp_maybe_release_buffers(impl.state);
        amqp_frame_t frame{};
        const timeval at_once{.tv_sec = 0, .tv_usec = 0};
        const int status = amqp_simple_wait_frame_noblock(impl.state, &frame, &at_once);
        if (status == AMQP_STATUS_TIMEOUT) return std::optional<Event>();
        ME_CHECK(impl.fine(status, "the connection is lost"));
        if (frame.frame_type == AMQP_FRAME_METHOD) {
            const amqp_method_t& method = frame.payload.method;
            if (closes(method.id))
                return impl.broken("the broker has closed the connection", why_closed(method));
            if (auto event = on_method(frame.channel, method, impl.incoming)) return event;
            continue;
        }
        if (frame.frame_type != AMQP_FRAME_HEADER && frame.frame_type != AMQP_FRAME_BODY) continue;
        Incoming& incoming = impl.incoming[frame.channel];
        if (const auto wrong = on_content(frame, impl.settings.max_message_bytes, incoming))
            return impl.broken("the broker sends what it should not", *wrong);
        if (incoming.headed && incoming.come == incoming.size) return std::optional(finished(incoming));
    }
}

}   // namespace microengine::broker
