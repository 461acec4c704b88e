// SPDX-License-Identifier: MIT
#pragma once
// Paths of this server that another frontend answers: it gets each request whole, and answers it once. Who
// asks is its own affair: tokens are not looked at.

#include "host/frontends/http/message.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::http {

class Mount {
public:
    struct Request {
        std::string path;
        Head head;
        std::string body;
        std::string peer;   ///< for the log
    };
    /// Called once, on any thread, while the server lives.
    using Answer = std::move_only_function<void(Response)>;

    Mount() = default;
    Mount(const Mount&) = delete;
    Mount& operator=(const Mount&) = delete;
    virtual ~Mount() = default;

    [[nodiscard]] virtual std::string_view name() const = 0;            ///< the route of logs and metrics
    [[nodiscard]] virtual std::vector<std::string> paths() const = 0;   ///< all that it has
    [[nodiscard]] virtual bool has(std::string_view path) const = 0;
    /// Without, such a request is answered by its head alone.
    [[nodiscard]] virtual bool wants_body(std::string_view method) const = 0;
    [[nodiscard]] virtual std::uint64_t most_body_bytes() const = 0;
    [[nodiscard]] virtual std::chrono::milliseconds body_timeout() const = 0;   ///< for all of a body
    /// On the server's thread: must not wait.
    virtual void answer(Request request, Answer done) = 0;
    /// The server itself has refused one: too slow, too large, broken.
    virtual void refused(unsigned status) = 0;
    /// Waits until every request has been answered. Not on the server's thread, which reads no more.
    virtual void settle() = 0;
};

}   // namespace microengine::http
