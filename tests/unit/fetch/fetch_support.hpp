// SPDX-License-Identifier: MIT
#pragma once
// A server on real sockets that says what a test wrote down, a resolver that knows the test's names only, and
// answers to wait for.

#include "host/fetch/client.hpp"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::fetch {

inline constexpr std::chrono::seconds kPatience{20};   // of a test that waits for what must come

class TempDir {
public:
    TempDir() {
        std::string name = (std::filesystem::temp_directory_path() / "me-fetch-XXXXXX").native();
        path_ = ::mkdtemp(name.data());
    }
    ~TempDir() { std::filesystem::remove_all(path_); }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

/// Writes "key.pem" and "cert.pem", which vouches for itself, into that directory.
void write_certificate(const TempDir& dir, const std::string& name);

/// The server's end of one connection.
class Peer {
public:
    virtual ~Peer() = default;
    /// Head and body of the next one; empty: the client has gone.
    virtual std::string request() = 0;
    /// False: the client has gone.
    virtual bool send(std::string_view bytes) = 0;
    /// Closes without a word: with TLS, not as one ought to.
    virtual void vanish() = 0;
    void wait_until_gone() {
        while (!request().empty()) {
        }
    }
};
/// What is done with each connection, on a thread of its own; then it is closed.
using Script = std::function<void(Peer&)>;

class LocalServer {
public:
    explicit LocalServer(Script script);
    /// With TLS, and that directory's certificate.
    LocalServer(Script script, const TempDir& dir);
    /// Ends what is still connected.
    ~LocalServer();
    LocalServer(const LocalServer&) = delete;
    LocalServer& operator=(const LocalServer&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    /// "http://127.0.0.1:port/path".
    [[nodiscard]] std::string url(std::string_view path) const;
    [[nodiscard]] std::size_t connections() const;
    /// In the order in which they were read.
    [[nodiscard]] std::vector<std::string> requests() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The same answer to every request of every connection.
Script answering(std::string answer);
/// One answer for each request, in turn, whatever the connection; it is closed after each.
Script in_turn(std::vector<std::string> answers);
/// "HTTP/1.1 200 OK", with fields ("A: b\r\n") and Content-Length.
std::string ok(std::string_view body, std::string_view fields = {});

/// What getaddrinfo() knows in this program. Other names do not resolve.
class Names {
public:
    static void set(const std::string& name, std::vector<std::string> addresses);
    /// It does not resolve that often before it does.
    static void fail_first(const std::string& name, std::size_t times);
    /// Whoever asks for it waits until it is let go.
    static void hold(const std::string& name);
    static void let_go(const std::string& name);
    static std::size_t asked(const std::string& name);
};

/// Loopback is allowed, and so are the names of tests.
ClientSettings settings_for_tests();
std::shared_ptr<intake::SpoolRoom> new_room(std::uint64_t bytes = 64U << 20);

Get get_of(std::string url, std::uint64_t most_bytes = 1U << 20);
/// Begins it; the answer can be waited for.
std::future<GetAnswer> begin(Client& client, Get request);
std::future<PostAnswer> begin(Client& client, Post request);
/// Fails the test if none comes.
template <class Answer>
Answer answer_of(std::future<Answer> future) {
    if (future.wait_for(kPatience) == std::future_status::ready) return future.get();
    ADD_FAILURE() << "there is no answer";
    return {};
}
template <class Request>
auto fetch(Client& client, Request request) {
    return answer_of(begin(client, std::move(request)));
}

/// "none", or "timeout: the sentence".
std::string result_of(const GetAnswer& answer);
std::string result_of(const PostAnswer& answer);
/// What a slot would read.
std::string bytes_of(GetAnswer answer);

}   // namespace microengine::fetch
