// SPDX-License-Identifier: MIT
#include "table.hpp"

#include <algorithm>
#include <cstring>

namespace microengine::hashlist {
namespace {

/// std::array's own comparison goes byte by byte.
template <std::size_t kSize>
int compare(const std::array<std::uint8_t, kSize>& one, const std::uint8_t* other) {
    return std::memcmp(one.data(), other, kSize);
}

}   // namespace

template <class Self, class Do>
auto Table::with(Self& self, Kind kind, Do act) {
    if (kind == Kind::md5) return act(std::get<0>(self.entries_));
    if (kind == Kind::sha1) return act(std::get<1>(self.entries_));
    return act(std::get<2>(self.entries_));
}

void Table::add(const Digest& digest, Listed listed) {
    with(*this, digest.kind, [&](auto& entries) {
        auto& entry = entries.emplace_back();
        std::ranges::copy(digest.used(), entry.bytes.begin());
        entry.listed = listed;
    });
}

void Table::seal() {
    for (const Kind kind : kKinds)
        with(*this, kind, [](auto& entries) {
            std::ranges::sort(entries, [](const auto& one, const auto& other) {
                const int order = compare(one.bytes, other.bytes.data());
                return order != 0 ? order < 0 : one.listed.place < other.listed.place;
            });
            const auto same = [](const auto& one, const auto& other) {
                return compare(one.bytes, other.bytes.data()) == 0;
            };
            const auto duplicates = std::ranges::unique(entries, same);
            entries.erase(duplicates.begin(), duplicates.end());
            entries.shrink_to_fit();
        });
}

std::optional<Listed> Table::find(const Digest& digest) const {
    return with(*this, digest.kind, [&](const auto& entries) -> std::optional<Listed> {
        const auto found = std::ranges::partition_point(
            entries, [&](const auto& entry) { return compare(entry.bytes, digest.bytes.data()) < 0; });
        if (found == entries.end() || compare(found->bytes, digest.bytes.data()) != 0) return std::nullopt;
        return found->listed;
    });
}

std::size_t Table::count(Kind kind) const {
    return with(*this, kind, [](const auto& entries) { return entries.size(); });
}

}   // namespace microengine::hashlist
