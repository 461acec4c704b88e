// SPDX-License-Identifier: MIT
// From an address to a connection that is logged in.

#include "host/broker/link_impl.hpp"

#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>

namespace microengine::broker {

namespace {

using util::Errc, util::fail;

constexpr int kFrameBytes = 131'072;
constexpr const char* kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";

timeval timeval_of(std::chrono::milliseconds time) {
    return {.tv_sec = static_cast<time_t>(time.count() / 1000),
            .tv_usec = static_cast<suseconds_t>(time.count() % 1000 * 1000)};
}

std::string sentence_of(const amqp_rpc_reply_t& reply) {
    if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION) return amqp_error_string2(reply.library_error);
    if (reply.reply_type != AMQP_RESPONSE_SERVER_EXCEPTION) return "no answer";
    if (reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD)
        return text_of(static_cast<const amqp_connection_close_t*>(reply.reply.decoded)->reply_text);
    if (reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD)
        return text_of(static_cast<const amqp_channel_close_t*>(reply.reply.decoded)->reply_text);
    return "an unexpected answer";
}

/// Null: no memory, or a file that cannot be used; `why` says which.
amqp_socket_t* make_socket(amqp_connection_state_t state, const LinkSettings& settings, std::string& why) {
    if (!settings.address.tls) return amqp_tcp_socket_new(state);
    amqp_socket_t* const socket = amqp_ssl_socket_new(state);
    if (socket == nullptr) return nullptr;
    amqp_ssl_socket_set_verify_peer(socket, 1);
    amqp_ssl_socket_set_verify_hostname(socket, 1);
    amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST);
    const char* const authorities = settings.ca_file.empty() ? kSystemAuthorities : settings.ca_file.c_str();
    if (amqp_ssl_socket_set_cacert(socket, authorities) != AMQP_STATUS_OK) {
        why = std::string(authorities) + " holds no certificates";
        return nullptr;
    }
    if (!settings.certificate.empty() && amqp_ssl_socket_set_key(socket, settings.certificate.c_str(),
                                                                 settings.key.c_str()) != AMQP_STATUS_OK) {
        why = settings.certificate + " and " + settings.key + " are no certificate with its key";
        return nullptr;
    }
    return socket;
}

/// What went wrong with the certificates, in words that say what to do.
std::string why_not_open(int status, const LinkSettings& settings) {
    if (status == AMQP_STATUS_SSL_PEER_VERIFY_FAILED)
        return "the broker's certificate is signed by nobody whom queue.ca_file names";
    if (status == AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED)
        return "the broker's certificate is not for the name '" + settings.address.host +
               "' (it must be a name: an address is not looked for in certificates)";
    return amqp_error_string2(status);
}

amqp_rpc_reply_t log_in(const LinkSettings& settings, amqp_connection_state_t state) {
    // What we want to be told: that a queue we consume is gone, that no messages are taken.
    std::array<amqp_table_entry_t, 2> wanted{
        {{.key = amqp_cstring_bytes("consumer_cancel_notify"), .value = {}},
         {.key = amqp_cstring_bytes("connection.blocked"), .value = {}}}};
    for (amqp_table_entry_t& entry : wanted) {
        entry.value.kind = AMQP_FIELD_KIND_BOOLEAN;
        entry.value.value.boolean = 1;
    }
    // The broker shows the name beside the connection.
    std::array<amqp_table_entry_t, 2> entries{{{.key = amqp_cstring_bytes("connection_name"), .value = {}},
                                               {.key = amqp_cstring_bytes("capabilities"), .value = {}}}};
    entries[0].value.kind = AMQP_FIELD_KIND_UTF8;
    entries[0].value.value.bytes = bytes_of(settings.name);
    entries[1].value.kind = AMQP_FIELD_KIND_TABLE;
    entries[1].value.value.table = {.num_entries = static_cast<int>(wanted.size()), .entries = wanted.data()};
    const amqp_table_t properties{.num_entries = static_cast<int>(entries.size()), .entries = entries.data()};
    const int heartbeat = std::max(1, static_cast<int>(settings.heartbeat.count() / 1000));
    return amqp_login_with_properties(state, settings.address.vhost.c_str(), 0, kFrameBytes, heartbeat,
                                      &properties, AMQP_SASL_METHOD_PLAIN, settings.credentials.user.c_str(),
                                      settings.credentials.password.c_str());
}

}   // namespace

util::Result<void> Link::Impl::answered(std::string_view doing) {
    const amqp_rpc_reply_t reply = amqp_get_rpc_reply(state);
    if (reply.reply_type == AMQP_RESPONSE_NORMAL) return {};
    return broken(doing, sentence_of(reply));
}

util::Result<void> Link::Impl::fine(int status, std::string_view doing) {
    if (status == AMQP_STATUS_OK) return {};
    return broken(doing, amqp_error_string2(status));
}

std::unexpected<util::Error> Link::Impl::broken(std::string_view doing, std::string_view why) {
    alive = false;
    return fail(Errc::io, settings.address.text(), std::string(doing) + ": " + std::string(why));
}

util::Result<std::unique_ptr<Link>> Link::open(const LinkSettings& settings, Channel channels) {
    auto impl = std::make_unique<Impl>(settings);
    const std::string place = settings.address.text();
    if (impl->state == nullptr) return fail(Errc::io, place, "out of memory");
    const timeval patience = timeval_of(settings.timeout);
    (void)amqp_set_handshake_timeout(impl->state, &patience);
    (void)amqp_set_rpc_timeout(impl->state, &patience);
    std::string why = "out of memory";
    amqp_socket_t* const socket = make_socket(impl->state, settings, why);
    if (socket == nullptr) return fail(Errc::config, place, why);
    const int opened =
        amqp_socket_open_noblock(socket, settings.address.host.c_str(), settings.address.port, &patience);
    if (opened != AMQP_STATUS_OK) return impl->broken("cannot connect", why_not_open(opened, settings));
    // So much of what is published fits here while the broker takes nothing.
    const int buffer = 1 << 20;
    (void)::setsockopt(amqp_get_sockfd(impl->state), SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    const amqp_rpc_reply_t reply = log_in(settings, impl->state);
    if (reply.reply_type != AMQP_RESPONSE_NORMAL)
        return impl->broken("cannot log in as '" + settings.credentials.user + "'", sentence_of(reply));
    for (Channel channel = 1; channel <= channels; ++channel) {
        amqp_channel_open(impl->state, channel);
        ME_CHECK(impl->answered("cannot open a channel"));
    }
    amqp_confirm_select(impl->state, 1);
    ME_CHECK(impl->answered("cannot have messages confirmed"));
    impl->alive = true;
    return std::unique_ptr<Link>(new Link(std::move(impl)));
}

Link::Impl::~Impl() {
    if (state == nullptr) return;
    if (alive) {
        const timeval briefly{.tv_sec = 1, .tv_usec = 0};
        (void)amqp_set_rpc_timeout(state, &briefly);
        (void)amqp_connection_close(state, AMQP_REPLY_SUCCESS);
    }
    (void)amqp_destroy_connection(state);
}

Link::Link(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Link::~Link() = default;

}   // namespace microengine::broker
