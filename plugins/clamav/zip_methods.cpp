// SPDX-License-Identifier: GPL-2.0-only
#include "zip_methods.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace microengine::clamav {
namespace {

constexpr std::string_view kLocal("PK\3\4", 4), kCentral("PK\1\2", 4), kEnd("PK\5\6", 4);
constexpr std::size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22;
/// The end record lies so close to the end, unless something was appended to the zip.
constexpr std::size_t kTail = kEndSize + 0xFFFF;
constexpr std::uint32_t kInZip64 = 0xFFFFFFFF;
constexpr std::uint32_t kEncrypted = 1, kDescriptor = 8;

std::uint32_t number(std::string_view bytes, std::size_t at, int count) {
    std::uint32_t value = 0;
    for (int i = count; i-- > 0;)
        value = value << 8U | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
    return value;
}

/// libclamav 1.4: stored, imploded, deflated, deflate64, bzip2.
bool unpackable(std::uint32_t method) {
    return method == 0 || method == 6 || method == 8 || method == 9 || method == 12;
}

/// A local header, of which at least the fixed part is there.
struct Local {
    std::uint32_t version, flags, method, packed;
    std::size_t data;   // where the member's bytes begin
};

std::optional<Local> local_at(std::string_view bytes, std::size_t at) {
    if (bytes.size() < kLocalSize || at > bytes.size() - kLocalSize) return {};
    if (bytes.substr(at, 4) != kLocal) return {};
    return Local{.version = number(bytes, at + 4, 2),
                 .flags = number(bytes, at + 6, 2),
                 .method = number(bytes, at + 8, 2),
                 .packed = number(bytes, at + 18, 4),
                 .data = at + kLocalSize + number(bytes, at + 26, 2) + number(bytes, at + 28, 2)};
}

/// Is the member of this central header one that libclamav cannot read?
bool hidden(std::string_view bytes, std::size_t central) {
    const std::uint32_t flags = number(bytes, central + 8, 2);
    const std::uint32_t at = number(bytes, central + 42, 4);
    if ((flags & kEncrypted) != 0) return false;
    if (!unpackable(number(bytes, central + 10, 2)) || at == kInZip64) return true;
    const auto local = local_at(bytes, at);
    // Without the central header, whose offset is wrong, the length of such a member is not known.
    if (!local) return (flags & kDescriptor) != 0;
    if ((local->flags & kEncrypted) != 0) return false;
    const std::uint32_t packed =
        (local->flags & kDescriptor) != 0 ? number(bytes, central + 20, 4) : local->packed;
    return !unpackable(local->method) || local->data > bytes.size() || packed > bytes.size() - local->data;
}

/// Where the central directory begins, found as libclamav finds it: from the end, over whatever was appended.
std::optional<std::size_t> directory_of(std::string_view bytes) {
    const std::size_t first = bytes.starts_with("PK") || bytes.size() < kTail ? 0 : bytes.size() - kTail;
    for (std::size_t end = bytes.size(); end - first >= kEndSize;) {
        std::size_t at = bytes.substr(first, end - first - kEndSize + kEnd.size()).rfind(kEnd);
        if (at == std::string_view::npos) return {};
        at += first;
        const std::size_t directory = number(bytes, at + 16, 4);
        if (directory == kInZip64) return directory;
        if (bytes.size() >= kCentralSize && directory <= bytes.size() - kCentralSize) return directory;
        end = at + kEndSize - 1;
    }
    return {};
}

/// Members that only their local header knows. The header's mark may occur by chance in packed bytes: it
/// counts only if what follows makes sense.
bool hidden_local(std::string_view bytes) {
    for (std::size_t at = bytes.find(kLocal); at != std::string_view::npos; at = bytes.find(kLocal, at + 4)) {
        const auto local = local_at(bytes, at);
        if (!local) return false;
        const bool plausible = (local->version & 0xFFU) <= 63 && local->data <= bytes.size() &&
                               ((local->flags & kDescriptor) != 0 || local->packed == kInZip64 ||
                                local->packed <= bytes.size() - local->data);
        if (!plausible || (local->flags & kEncrypted) != 0) continue;
        if (!unpackable(local->method)) return true;
    }
    return false;
}

}   // namespace

bool zip_hides_members(std::string_view bytes) noexcept {
    const auto directory = directory_of(bytes);
    const auto first = local_at(bytes, 0);
    if (!directory && !first) return false;
    if (directory == kInZip64) return true;
    bool any = false;
    for (std::size_t at = directory.value_or(bytes.size());
         at <= bytes.size() && bytes.size() - at >= kCentralSize && bytes.substr(at, 4) == kCentral;) {
        any = true;
        if (hidden(bytes, at)) return true;
        at +=
            kCentralSize + number(bytes, at + 28, 2) + number(bytes, at + 30, 2) + number(bytes, at + 32, 2);
    }
    // A streamed member's length stands in the directory only.
    if (!any && first && (first->flags & (kDescriptor | kEncrypted)) == kDescriptor) return true;
    return hidden_local(bytes);
}

}   // namespace microengine::clamav
