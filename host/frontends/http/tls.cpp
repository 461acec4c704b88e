// SPDX-License-Identifier: MIT
#include "host/frontends/http/tls.hpp"

#include "host/frontends/http/secret_file.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <string>
#include <utility>

namespace microengine::http {

namespace {

using util::Errc;
using util::fail;

struct FreeContext {
    void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
};
struct FreeSsl {
    void operator()(SSL* ssl) const { ::SSL_free(ssl); }
};

constexpr std::size_t kMostKeyBytes = std::size_t{1} << 20;

std::string last_error() {
    std::array<char, 256> text{};
    const unsigned long code = ::ERR_get_error();
    if (code == 0) return "unknown reason";
    ::ERR_error_string_n(code, text.data(), text.size());
    ::ERR_clear_error();
    return text.data();
}

/// Nobody can be asked for a passphrase.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return -1; }

int choose_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned offered_size, void* /*data*/) {
    static constexpr std::array<unsigned char, 9> ours{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* chosen = nullptr;
    if (::SSL_select_next_proto(&chosen, out_size, ours.data(), ours.size(), offered, offered_size) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;   // it speaks another protocol
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

int fd_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(::BIO_get_data(bio))); }

void note_retry(BIO* bio, bool reading) {
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return;
    if (reading)
        BIO_set_retry_read(bio);
    else
        BIO_set_retry_write(bio);
}

int bio_write(BIO* bio, const char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    const ssize_t sent =
        ::send(fd_of(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) note_retry(bio, false);
    return static_cast<int>(sent);
}

int bio_read(BIO* bio, char* into, int size) {
    BIO_clear_retry_flags(bio);
    const ssize_t got = ::recv(fd_of(bio), into, static_cast<std::size_t>(size), MSG_DONTWAIT);
    if (got < 0) note_retry(bio, true);
    return static_cast<int>(got);
}

long bio_control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

/// OpenSSL's own for sockets writes without MSG_NOSIGNAL.
const BIO_METHOD* bio_method() {
    static const BIO_METHOD* const method = [] {
        BIO_METHOD* made = ::BIO_meth_new(::BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
        ::BIO_meth_set_write(made, bio_write);
        ::BIO_meth_set_read(made, bio_read);
        ::BIO_meth_set_ctrl(made, bio_control);
        return made;
    }();
    return method;
}

class Tls final : public Transport {
public:
    Tls(SSL_CTX* context, int fd) : ssl_(::SSL_new(context)), fd_(fd) {
        util::ensure(ssl_ != nullptr, "there is memory for a connection");
        BIO* bio = ::BIO_new(bio_method());
        util::ensure(bio != nullptr, "there is memory for a connection");
        ::BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(fd)));   // NOLINT: no pointer
        ::BIO_set_init(bio, 1);
        ::SSL_set_bio(ssl_.get(), bio, bio);
        ::SSL_set_accept_state(ssl_.get());
    }

    Step handshake() override {
        ::ERR_clear_error();
        return step(::SSL_accept(ssl_.get()), 0);
    }
    Step read(std::span<char> into) override {
        ::ERR_clear_error();
        std::size_t got = 0;
        const int result = ::SSL_read_ex(ssl_.get(), into.data(), into.size(), &got);
        return step(result, got);
    }
    Step write(std::string_view bytes) override {
        if (bytes.empty()) return {.state = State::moved};
        ::ERR_clear_error();
        std::size_t sent = 0;
        const int result = ::SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent);
        return step(result, sent);
    }
    void finish() override {
        ::ERR_clear_error();
        if (::SSL_is_init_finished(ssl_.get()) != 0 && !broken_) (void)::SSL_shutdown(ssl_.get());
        ::ERR_clear_error();
        (void)::shutdown(fd_, SHUT_WR);
    }

private:
    Step step(int result, std::size_t bytes) {
        if (result > 0) return {.state = State::moved, .bytes = bytes};
        switch (::SSL_get_error(ssl_.get(), result)) {
            case SSL_ERROR_WANT_READ:
                return {.state = State::wait_read};
            case SSL_ERROR_WANT_WRITE:
                return {.state = State::wait_write};
            case SSL_ERROR_ZERO_RETURN:
                return {.state = State::end};
            default:
                broken_ = true;   // SSL_shutdown must not be called then
                ::ERR_clear_error();
                return {.state = State::broken};
        }
    }

    std::unique_ptr<SSL, FreeSsl> ssl_;
    int fd_;
    bool broken_ = false;
};

}   // namespace

struct TlsContext::Impl {
    std::unique_ptr<SSL_CTX, FreeContext> context;
};

TlsContext::TlsContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsContext::~TlsContext() = default;

util::Result<std::shared_ptr<const TlsContext>> TlsContext::load(const std::filesystem::path& certificate,
                                                                 const std::filesystem::path& key) {
    ME_CHECK(check_secret(key, kMostKeyBytes));
    ::ERR_clear_error();
    auto impl = std::make_unique<Impl>();
    impl->context.reset(::SSL_CTX_new(::TLS_server_method()));
    SSL_CTX* context = impl->context.get();
    if (context == nullptr) return fail(Errc::unsupported, "TLS", last_error());
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    ::SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    ::SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    ::SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
    if (::SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1)
        return fail(Errc::config, certificate.native(), "no certificate can be read: " + last_error());
    if (::SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
        return fail(Errc::config, key.native(),
                    "no key without a passphrase that fits the certificate can be read: " + last_error());
    return std::shared_ptr<const TlsContext>(new TlsContext(std::move(impl)));
}

std::unique_ptr<Transport> TlsContext::transport(int fd) const {
    return std::make_unique<Tls>(impl_->context.get(), fd);
}

}   // namespace microengine::http
