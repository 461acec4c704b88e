// SPDX-License-Identifier: MIT
#pragma once
// A request's head and an answer, as plain values. Pure; any thread.

#include "host/frontends/http/problem.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace microengine::http {

struct Field {
    std::string name;   ///< of a request: lower case
    std::string value;
};

struct Head {
    std::string method;
    std::string target;
    unsigned minor = 1;   ///< of HTTP/1.x
    std::vector<Field> fields;
    std::optional<std::uint64_t> content_length;
    bool chunked = false;
    bool keep_alive = true;   ///< as its version and "Connection" say

    /// The first field of that name, in lower case; null: there is none.
    [[nodiscard]] const std::string* find(std::string_view name) const;
    [[nodiscard]] std::size_t count(std::string_view name) const;
    [[nodiscard]] bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

struct Response {
    unsigned status = 200;
    std::string type = "application/json";
    std::string body = {};
    std::vector<Field> fields = {};
    std::optional<Problem> refused = {};   ///< for metrics and the log
    std::shared_ptr<void> held = {};       ///< let go of once it has been sent, or cannot be
};

/// The client is gone, and nothing is sent: for metrics and the log.
inline constexpr unsigned kClientGone = 499;

[[nodiscard]] Response json_response(unsigned status, std::string body);
/// `detail` is for this request; `problems` a list that belongs to it.
[[nodiscard]] Response refuse(Problem problem, std::string_view detail = {},
                              const std::vector<std::string>& problems = {});

struct Sending {
    std::string_view request_id;
    bool close = false;       ///< the connection ends with this answer
    bool head_only = false;   ///< the answer to HEAD
    bool endless = false;     ///< a stream: no length, and the connection ends with it
};
/// The status line and fields up to the empty line, and the body unless it is not to be sent.
[[nodiscard]] std::string to_bytes(const Response& response, const Sending& sending);

}   // namespace microengine::http
