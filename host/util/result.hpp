// SPDX-License-Identifier: MIT
#pragma once
// The one error type of the host: what can be expected to go wrong is a Result, a bug is ensure().

#include <cstdint>
#include <expected>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

namespace microengine::util {

enum class Errc : std::uint8_t {
    usage,         ///< the command line
    config,        ///< the configuration, or what it names
    plugin,        ///< a plugin was refused
    io,            ///< a file or stream
    unsupported,   ///< asked for what this build or system cannot do
    limit,         ///< a limit of ours was hit
    cancelled,     ///< the caller or the deadline ended it
};

struct Error {
    Errc code = Errc::io;
    std::string place;     ///< "microengine.toml:7:1", a path, a peer; may be empty
    std::string message;   ///< a sentence for the operator: lower case, no full stop

    /// "place: message".
    [[nodiscard]] std::string text() const;
};

template <class T>
struct [[nodiscard]] Result : std::expected<T, Error> {
    using std::expected<T, Error>::expected;
};

[[nodiscard]] inline std::unexpected<Error> fail(Errc code, std::string_view place,
                                                 std::string_view message) {
    return std::unexpected(Error{.code = code, .place = std::string(place), .message = std::string(message)});
}
/// The same with the text of an errno behind the message.
[[nodiscard]] std::unexpected<Error> fail_errno(Errc code, std::string_view place, std::string_view message,
                                                int number);

/// A bug if it does not hold: says file, line and what, and aborts. Never for what a file, peer or plugin can
/// cause.
void ensure(bool holds, std::string_view what, std::source_location where = std::source_location::current());

/// The text of an errno, thread-safe.
[[nodiscard]] std::string errno_text(int number);

}   // namespace microengine::util

/// The value of a Result, or return its error to the caller. One per statement; not inside another ME_TRY.
#define ME_TRY(expr)                                                          \
    __extension__({                                                           \
        auto me_result = (expr);                                              \
        if (!me_result) return std::unexpected(std::move(me_result).error()); \
        *std::move(me_result);                                                \
    })
/// The same for a Result<void>.
#define ME_CHECK(expr)                                                                                 \
    do {                                                                                               \
        if (auto me_result = (expr); !me_result) return std::unexpected(std::move(me_result).error()); \
    } while (false)
