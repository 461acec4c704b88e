// SPDX-License-Identifier: MIT
#pragma once
// Who sent it: HMAC-SHA256 over the raw body, as lower-case hexadecimal digits in X-POLYSWARM-SIGNATURE.
// Compared in constant time. Pure; any thread.

#include "host/util/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::bounty {

void wipe(void* memory, std::size_t bytes);
/// What it gives back is wiped.
template <class T>
struct WipingAllocator {
    using value_type = T;
    WipingAllocator() = default;
    template <class U>
    explicit WipingAllocator(const WipingAllocator<U>& /*other*/) {}
    [[nodiscard]] T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
    void deallocate(T* memory, std::size_t count) {
        wipe(memory, count * sizeof(T));
        std::allocator<T>().deallocate(memory, count);
    }
    [[nodiscard]] bool operator==(const WipingAllocator&) const = default;
};

/// Never empty; never printed. Its memory is wiped when it goes, or goes over to another.
class Secret {
public:
    /// Precondition: not empty.
    explicit Secret(std::string bytes);
    [[nodiscard]] std::string_view bytes() const { return {bytes_.data(), bytes_.size()}; }

private:
    std::vector<char, WipingAllocator<char>> bytes_;   // no string: that keeps short ones within itself
};

/// One final line end is not part of it. An error (Errc::config, place: the file): missing, unreadable,
/// empty, no regular file, more than 4 KiB. What is only unwise is logged: short, or readable by others.
[[nodiscard]] util::Result<Secret> read_secret(const std::filesystem::path& file);

/// While a secret is changed both are taken.
struct Secrets {
    Secret current;
    std::optional<Secret> previous;
};

enum class Signed : std::uint8_t {
    no,          ///< of the right form, with another secret or over other bytes
    malformed,   ///< not 64 lower-case hexadecimal digits
    current,
    previous,
};
/// Both secrets are always compared: the time taken does not tell which one matched, or how far.
[[nodiscard]] Signed check_signature(std::string_view body, std::string_view header, const Secrets& secrets);
/// The header's value for a body.
[[nodiscard]] std::string sign(std::string_view body, const Secret& secret);

}   // namespace microengine::bounty
