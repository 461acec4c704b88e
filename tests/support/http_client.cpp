// SPDX-License-Identifier: MIT
#include "tests/support/http_client.hpp"

#include "host/util/unique_fd.hpp"
#include "tests/support/certificate.hpp"
#include "tests/support/temp_dir.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace microengine::support {

namespace {

const sockaddr* generic(const auto& address) { return reinterpret_cast<const sockaddr*>(&address); }

std::string lower_case(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    return text;
}

}   // namespace

struct Client::Impl {
    util::UniqueFd fd;
    std::unique_ptr<SSL_CTX, FreeSsl> context;
    std::unique_ptr<SSL, FreeSsl> ssl;
    bool connected = false;
    bool ended = false;
    std::string in;
};

Client::Client(const std::filesystem::path& path) : impl_(std::make_unique<Impl>()) {
    impl_->fd.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(path.native(), address.sun_path);
    impl_->connected = ::connect(impl_->fd.get(), generic(address), sizeof address) == 0;
}

Client::Client(std::uint16_t port, bool tls) : impl_(std::make_unique<Impl>()) {
    impl_->fd.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    impl_->connected = ::connect(impl_->fd.get(), generic(address), sizeof address) == 0;
    if (!tls || !impl_->connected) return;
    const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
    (void)::setsockopt(impl_->fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    impl_->context.reset(::SSL_CTX_new(::TLS_client_method()));
    impl_->ssl.reset(::SSL_new(impl_->context.get()));
    ::SSL_set_fd(impl_->ssl.get(), impl_->fd.get());
    impl_->connected = ::SSL_connect(impl_->ssl.get()) == 1;
}

Client::~Client() = default;
Client::Client(Client&&) noexcept = default;

bool Client::connected() const { return impl_->connected; }

Client& Client::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = impl_->ssl
                                 ? ::SSL_write(impl_->ssl.get(), bytes.data(), static_cast<int>(bytes.size()))
                                 : ::send(impl_->fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) break;   // the server has closed: what it said is still to be read
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return *this;
}

void Client::finish() { ::shutdown(impl_->fd.get(), SHUT_WR); }

bool Client::more() {
    if (impl_->ended) return false;
    std::array<char, 65536> piece{};
    ssize_t got = 0;
    if (impl_->ssl) {
        got = ::SSL_read(impl_->ssl.get(), piece.data(), piece.size());
    } else {
        pollfd state{.fd = impl_->fd.get(), .events = POLLIN, .revents = 0};
        const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(kPatience).count();
        if (::poll(&state, 1, static_cast<int>(patience)) <= 0) {
            ADD_FAILURE() << "nothing came";
            return false;
        }
        got = ::recv(impl_->fd.get(), piece.data(), piece.size(), 0);
    }
    impl_->ended = got <= 0;
    if (got > 0) impl_->in.append(piece.data(), static_cast<std::size_t>(got));
    return got > 0;
}

std::string Client::until(std::string_view text) {
    std::size_t found = 0;
    while ((found = impl_->in.find(text)) == std::string::npos)
        if (!more()) return {};
    std::string all = impl_->in.substr(0, found + text.size());
    impl_->in.erase(0, all.size());
    return all;
}

Reply Client::reply(bool head) {
    Reply reply;
    const std::string block = until("\r\n\r\n");
    if (!block.starts_with("HTTP/1.1 ")) return reply;
    reply.status = std::stoi(block.substr(9, 3));
    std::size_t at = block.find("\r\n") + 2;
    while (at + 2 < block.size()) {
        const std::size_t end = block.find("\r\n", at);
        const std::size_t colon = block.find(": ", at);
        reply.fields.emplace_back(lower_case(block.substr(at, colon - at)),
                                  block.substr(colon + 2, end - colon - 2));
        at = end + 2;
    }
    const std::string length = reply.field("content-length");
    const std::size_t size = length.empty() || head ? 0 : std::stoul(length);
    while (impl_->in.size() < size && more()) {
    }
    reply.body = impl_->in.substr(0, size);
    impl_->in.erase(0, size);
    return reply;
}

bool Client::ended() { return impl_->in.empty() && !more() && impl_->ended; }

std::string Client::subject() const {
    const std::unique_ptr<X509, FreeSsl> certificate(::SSL_get1_peer_certificate(impl_->ssl.get()));
    if (!certificate) return {};
    std::array<char, 256> text{};
    ::X509_NAME_oneline(::X509_get_subject_name(certificate.get()), text.data(), text.size());
    return text.data();
}

std::string Reply::field(std::string_view name) const {
    for (const auto& [key, value] : fields)
        if (key == name) return value;
    return {};
}

std::string Reply::code() const {
    const std::string type = json().value("type", "");
    return type.substr(type.rfind(':') + 1);
}

std::string request(std::string_view method, std::string_view target, std::string_view body,
                    std::string_view fields) {
    std::string out(method);
    out.append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n").append(fields);
    if (method != "GET" && method != "HEAD")
        out.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
    return out.append("\r\n").append(body);
}

std::string get(std::string_view target, std::string_view fields) {
    return request("GET", target, "", fields);
}

}   // namespace microengine::support
