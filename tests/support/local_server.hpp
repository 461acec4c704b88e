// SPDX-License-Identifier: MIT
#pragma once
// A server on real sockets that says what a test wrote down.

#include "tests/support/certificate.hpp"
#include "tests/support/temp_dir.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::support {

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

}   // namespace microengine::support
