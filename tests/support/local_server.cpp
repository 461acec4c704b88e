// SPDX-License-Identifier: MIT
#include "tests/support/local_server.hpp"

#include "host/util/unique_fd.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include <array>
#include <csignal>
#include <mutex>
#include <thread>
#include <utility>

namespace microengine::support {

namespace {

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

}   // namespace microengine::support
