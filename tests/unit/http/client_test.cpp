// SPDX-License-Identifier: MIT
// The client of the server's tests, and that it sees what is there.
#include "host/frontends/http/fields.hpp"
#include "host/util/unique_fd.hpp"
#include "http_support.hpp"

#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>

namespace microengine::http {

namespace {

struct FreeSsl {
    void operator()(SSL* ssl) const { ::SSL_free(ssl); }
    void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
    void operator()(X509* certificate) const { ::X509_free(certificate); }
    void operator()(EVP_PKEY* key) const { ::EVP_PKEY_free(key); }
};

const sockaddr* generic(const auto& address) { return reinterpret_cast<const sockaddr*>(&address); }

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

std::string form(const std::vector<std::pair<std::string, std::string>>& parts) {
    std::string out;
    for (const auto& [name, bytes] : parts)
        out += "--x-y\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name + "\"\r\n\r\n" +
               bytes + "\r\n";
    return out + "--x-y--\r\n";
}

core::HttpSettings with(const std::function<void(core::HttpSettings&)>& change) {
    core::HttpSettings settings;
    change(settings);
    return settings;
}

Running::Running(core::HttpSettings settings, std::uint64_t room_bytes,
                 const std::filesystem::path& spool_dir)
    : room(std::make_shared<intake::SpoolRoom>(room_bytes, spool_dir)) {
    (void)Record::the();   // before there are threads
    net::Inherited inherited;
    const std::vector<std::string> addresses{(dir / "http.sock").native(), "127.0.0.1:0"};
    auto listeners = net::listen_on(addresses, {}, inherited);
    if (!listeners) throw std::runtime_error(listeners.error().text());
    port = (*listeners)[1].endpoint.port;
    auto started = HttpServer::start(
        {.settings = std::move(settings), .service = service, .operations = operations, .room = room},
        *std::move(listeners));
    if (!started) throw std::runtime_error(started.error().text());
    server = *std::move(started);
}

Running::~Running() {
    server->stop_accepting();
    service.let_go();
    (void)server->drain(std::chrono::steady_clock::now() + kPatience);
    service.await_all();
    server.reset();
}

bool Running::wait_until_connections(int count) const {
    return Record::the().await("http_connections", [count](double now) { return now == count; });
}

Reply Running::ask(std::string_view bytes, bool head) const {
    Client client = unix_client();
    return client.send(bytes).reply(head);
}

void write_file(const std::filesystem::path& path, std::string_view text, unsigned mode) {
    std::ofstream(path, std::ios::binary) << text;
    ::chmod(path.c_str(), mode);
}

void write_certificate(const TempDir& dir, const std::string& name) {
    const std::unique_ptr<EVP_PKEY, FreeSsl> key(::EVP_EC_gen("P-256"));
    const std::unique_ptr<X509, FreeSsl> certificate(::X509_new());
    ::X509_set_version(certificate.get(), 2);
    ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate.get()), 1);
    ::X509_gmtime_adj(::X509_getm_notBefore(certificate.get()), 0);
    ::X509_gmtime_adj(::X509_getm_notAfter(certificate.get()), 3600);
    ::X509_set_pubkey(certificate.get(), key.get());
    X509_NAME* subject = ::X509_get_subject_name(certificate.get());
    ::X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                 reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    ::X509_set_issuer_name(certificate.get(), subject);
    ::X509_sign(certificate.get(), key.get(), ::EVP_sha256());
    std::FILE* file = std::fopen((dir / "cert.pem").c_str(), "w");
    ::PEM_write_X509(file, certificate.get());
    std::fclose(file);
    file = std::fopen((dir / "key.pem").c_str(), "w");
    ::PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    ::chmod((dir / "key.pem").c_str(), 0600);
}

namespace {

TEST(ClientTest, OfNobodyThere_IsNotConnected) {
    const TempDir dir;
    EXPECT_FALSE(Client(dir / "none.sock").connected());
}

}   // namespace
}   // namespace microengine::http
