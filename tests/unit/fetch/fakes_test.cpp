// SPDX-License-Identifier: MIT
// The server of the client's tests, and what waits for answers.
#include "fetch_support.hpp"
#include "host/util/unique_fd.hpp"

#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <mutex>
#include <thread>

namespace microengine::fetch {

namespace {

struct FreeSsl {
    void operator()(SSL* ssl) const { ::SSL_free(ssl); }
    void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
    void operator()(X509* certificate) const { ::X509_free(certificate); }
    void operator()(EVP_PKEY* key) const { ::EVP_PKEY_free(key); }
};

/// Where a request ends: behind the head and what Content-Length says.
std::size_t end_of_request(std::string_view in) {
    const std::size_t head = in.find("\r\n\r\n");
    if (head == std::string_view::npos) return std::string_view::npos;
    constexpr std::string_view field = "\r\nContent-Length: ";
    const std::size_t length = in.substr(0, head).find(field);
    const std::size_t body =
        length == std::string_view::npos ? 0 : std::stoul(std::string(in.substr(length + field.size(), 10)));
    return in.size() < head + 4 + body ? std::string_view::npos : head + 4 + body;
}

class SocketPeer final : public Peer {
public:
    using Record = std::function<void(const std::string&)>;
    SocketPeer(int fd, SSL_CTX* context, Record record) : fd_(fd), record_(std::move(record)) {
        if (context == nullptr) return;
        ssl_.reset(::SSL_new(context));
        ::SSL_set_fd(ssl_.get(), fd_);
        gone_ = ::SSL_accept(ssl_.get()) != 1;
    }
    ~SocketPeer() override {
        if (ssl_ && !gone_) (void)::SSL_shutdown(ssl_.get());
    }
    SocketPeer(const SocketPeer&) = delete;
    SocketPeer& operator=(const SocketPeer&) = delete;

    std::string request() override {
        for (;;) {
            if (const std::size_t end = end_of_request(in_); end != std::string_view::npos) {
                std::string request = in_.substr(0, end);
                in_.erase(0, end);
                record_(request);
                return request;
            }
            std::array<char, 16'384> piece{};
            const long count = gone_ ? 0 : read(piece);
            if (count <= 0) return {};
            in_.append(piece.data(), static_cast<std::size_t>(count));
        }
    }
    bool send(std::string_view bytes) override {
        while (!bytes.empty() && !gone_) {
            const long count = ssl_ ? ::SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                                    : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            gone_ = count <= 0;
            if (!gone_) bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return !gone_;
    }
    void vanish() override {
        (void)::shutdown(fd_, SHUT_RDWR);
        gone_ = true;
    }

private:
    long read(std::array<char, 16'384>& piece) {
        return ssl_ ? ::SSL_read(ssl_.get(), piece.data(), static_cast<int>(piece.size()))
                    : ::recv(fd_, piece.data(), piece.size(), 0);
    }

    int fd_;
    Record record_;
    std::unique_ptr<SSL, FreeSsl> ssl_;
    bool gone_ = false;
    std::string in_;
};

}   // namespace

struct LocalServer::Impl {
    explicit Impl(Script given)
        : script(std::move(given)), listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listener.get(), generic, size) != 0 || ::listen(listener.get(), 64) != 0 ||
            ::getsockname(listener.get(), generic, &size) != 0)
            ADD_FAILURE() << "there is no port to listen on";
        port = ntohs(address.sin_port);
    }

    void start() {
        accepting = std::jthread([this] {
            for (;;) {
                util::UniqueFd fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
                if (!fd) return;
                const std::scoped_lock lock(mutex);
                sockets.push_back(std::move(fd));
                threads.emplace_back([this, own = sockets.back().get()] { serve(own); });
            }
        });
    }

    void serve(int fd) {
        sigset_t pipe{};   // OpenSSL writes as if nobody ever left
        ::sigemptyset(&pipe);
        ::sigaddset(&pipe, SIGPIPE);
        (void)::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
        {
            SocketPeer peer(fd, context.get(), [this](const std::string& request) {
                const std::scoped_lock lock(mutex);
                requests.push_back(request);
            });
            script(peer);
        }
        (void)::shutdown(fd, SHUT_RDWR);
    }

    ~Impl() {
        (void)::shutdown(listener.get(), SHUT_RDWR);
        accepting.join();
        for (const util::UniqueFd& fd : sockets) (void)::shutdown(fd.get(), SHUT_RDWR);
        threads.clear();
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Script script;
    util::UniqueFd listener;
    std::uint16_t port = 0;
    std::unique_ptr<SSL_CTX, FreeSsl> context;
    std::mutex mutex;
    std::vector<util::UniqueFd> sockets;
    std::vector<std::string> requests;
    std::vector<std::jthread> threads;
    std::jthread accepting;
};

LocalServer::LocalServer(Script script) : impl_(std::make_unique<Impl>(std::move(script))) { impl_->start(); }

LocalServer::LocalServer(Script script, const TempDir& dir)
    : impl_(std::make_unique<Impl>(std::move(script))) {
    impl_->context.reset(::SSL_CTX_new(::TLS_server_method()));
    EXPECT_EQ(
        ::SSL_CTX_use_certificate_file(impl_->context.get(), (dir / "cert.pem").c_str(), SSL_FILETYPE_PEM),
        1);
    EXPECT_EQ(
        ::SSL_CTX_use_PrivateKey_file(impl_->context.get(), (dir / "key.pem").c_str(), SSL_FILETYPE_PEM), 1);
    impl_->start();
}

LocalServer::~LocalServer() = default;

std::uint16_t LocalServer::port() const { return impl_->port; }

std::string LocalServer::url(std::string_view path) const {
    return "http://127.0.0.1:" + std::to_string(impl_->port) + std::string(path);
}

std::size_t LocalServer::connections() const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->sockets.size();
}

std::vector<std::string> LocalServer::requests() const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->requests;
}

Script answering(std::string answer) {
    return [answer = std::move(answer)](Peer& peer) {
        while (!peer.request().empty())
            if (!peer.send(answer)) return;
    };
}

Script in_turn(std::vector<std::string> answers) {
    struct Turns {
        std::mutex mutex;
        std::vector<std::string> answers;
        std::size_t next = 0;
    };
    auto turns = std::make_shared<Turns>();
    turns->answers = std::move(answers);
    return [turns](Peer& peer) {
        if (peer.request().empty()) return;
        const std::scoped_lock lock(turns->mutex);
        if (turns->next < turns->answers.size()) peer.send(turns->answers[turns->next++]);
    };
}

std::string ok(std::string_view body, std::string_view fields) {
    return "HTTP/1.1 200 OK\r\n" + std::string(fields) + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + std::string(body);
}

void write_certificate(const TempDir& dir, const std::string& name) {
    const std::unique_ptr<EVP_PKEY, FreeSsl> key(::EVP_EC_gen("P-256"));
    const std::unique_ptr<X509, FreeSsl> certificate(::X509_new());
    ::X509_set_version(certificate.get(), 2);
    ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate.get()), 1);
    ::X509_gmtime_adj(::X509_getm_notBefore(certificate.get()), -60);
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
}

ClientSettings allowing(const std::vector<std::string>& allow_hosts) {
    ClientSettings settings;
    settings.guard = *AddressGuard::make(allow_hosts);
    settings.connect_timeout = kPatience;
    settings.stall_timeout = kPatience;
    return settings;
}

ClientSettings settings_for_tests() { return allowing({"127.0.0.1"}); }

std::shared_ptr<intake::SpoolRoom> new_room(std::uint64_t bytes) {
    return std::make_shared<intake::SpoolRoom>(bytes, std::filesystem::path());
}

Get get_of(std::string url, std::uint64_t most_bytes) {
    Get request;
    request.url = std::move(url);
    request.deadline = core::Deadline::after(kPatience);
    request.most_bytes = most_bytes;
    return request;
}

std::future<GetAnswer> begin(Client& client, Get request) {
    std::promise<GetAnswer> promise;
    auto future = promise.get_future();
    client.get(std::move(request), [promise = std::move(promise)](GetAnswer answer) mutable {
        promise.set_value(std::move(answer));
    });
    return future;
}

std::future<PostAnswer> begin(Client& client, Post request) {
    std::promise<PostAnswer> promise;
    auto future = promise.get_future();
    client.post(std::move(request), [promise = std::move(promise)](PostAnswer answer) mutable {
        promise.set_value(std::move(answer));
    });
    return future;
}

namespace {

std::string result_text(Failure failure, const std::string& why) {
    return std::string(to_text(failure)) + (why.empty() ? "" : ": " + why);
}

class Memory final : public core::ArtifactBuffer {
public:
    std::span<std::uint8_t> prepare(std::size_t size) override {
        bytes.resize(size);
        return bytes;
    }
    std::vector<std::uint8_t> bytes;
};

}   // namespace

std::string result_of(const GetAnswer& answer) { return result_text(answer.failure, answer.why); }
std::string result_of(const PostAnswer& answer) { return result_text(answer.failure, answer.why); }

std::string bytes_of(GetAnswer answer) {
    EXPECT_EQ(result_of(answer), "none");
    if (!answer.got) return {};
    EXPECT_TRUE(answer.why.empty());
    const util::Sha256 sha256 = answer.got->sha256;
    Memory memory;
    auto loader = intake::Spool::loader(std::move(answer.got->bytes), "fetched", {});
    const auto loaded = loader(memory);
    if (!loaded) return "not loaded: " + loaded.error().error.text();
    EXPECT_EQ(loaded->facts.sha256, sha256);
    return {loaded->bytes.begin(), loaded->bytes.end()};
}

}   // namespace microengine::fetch
