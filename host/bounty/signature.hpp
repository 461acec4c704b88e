// SPDX-License-Identifier: MIT
#pragma once
// Who sent it: HMAC-SHA256 over the raw body, as lower-case hexadecimal digits in X-POLYSWARM-SIGNATURE.
// Compared in constant time. Pure; any thread.

#include "host/util/result.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace microengine::bounty {

/// Never empty; never printed. Its memory is wiped when it goes.
class Secret {
public:
    /// Precondition: not empty.
    explicit Secret(std::string bytes);
    ~Secret();
    Secret(const Secret&) = default;
    Secret& operator=(const Secret&) = default;
    Secret(Secret&&) noexcept = default;
    Secret& operator=(Secret&&) noexcept = default;
    [[nodiscard]] std::string_view bytes() const { return bytes_; }

private:
    std::string bytes_;
};

/// One final line end is not part of it. An error (Errc::config, place: the file): missing, unreadable, empty,
/// no regular file, more than 4 KiB. What is only unwise is logged: short, or readable by others.
[[nodiscard]] util::Result<Secret> read_secret(const std::filesystem::path& file);

/// While a secret is changed both are taken.
struct Secrets {
    Secret current;
    std::optional<Secret> previous;
};

enum class Signed : std::uint8_t {
    no,         ///< of the right form, with another secret or over other bytes
    malformed,   ///< not 64 lower-case hexadecimal digits
    current,
    previous,
};
/// Both secrets are always compared: the time taken does not tell which one matched, or how far.
[[nodiscard]] Signed check_signature(std::string_view body, std::string_view header, const Secrets& secrets);
/// The header's value for a body.
[[nodiscard]] std::string sign(std::string_view body, const Secret& secret);

}   // namespace microengine::bounty
