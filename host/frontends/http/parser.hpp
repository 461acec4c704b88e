// SPDX-License-Identifier: MIT
#pragma once
// One request out of a client's bytes, as RFC 9112 frames it. Pure: server, tests and fuzzer call the same.
// One thread at a time.

#include "host/frontends/http/message.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace microengine::http {

inline constexpr std::size_t kMostHeadBytes = std::size_t{16} << 10;
inline constexpr std::size_t kMostFields = 100;

class RequestParser {
public:
    enum class Status {
        more,   ///< what is there is not enough
        head,   ///< head() is complete
        body,   ///< `piece` belongs to the body
        done,   ///< the request is complete
        bad,    ///< `problem`: nothing more can be read of this client
    };
    struct Step {
        Status status = Status::more;
        std::size_t used = 0;          ///< bytes at the front that are of no more use
        std::string_view piece = {};   ///< into the bytes that were given
        Problem problem = Problem::malformed_request;
        std::string why = {};
    };

    RequestParser();
    ~RequestParser();
    RequestParser(const RequestParser&) = delete;
    RequestParser& operator=(const RequestParser&) = delete;

    /// `bytes` begins where the last step's `used` ended. After `done` or `bad` not called again.
    [[nodiscard]] Step next(std::string_view bytes);
    /// Complete from Status::head on.
    [[nodiscard]] const Head& head() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}   // namespace microengine::http
