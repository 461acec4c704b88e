// SPDX-License-Identifier: MIT
#pragma once
// Sorted digests: 24, 28 or 40 bytes for each, found in some twenty steps among a million.

#include "digest.hpp"
#include "names.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

namespace microengine::hashlist {

struct Listed {
    Names::Id name = Names::kNone;
    std::uint32_t place = 0;   ///< which line, counted through all lists
};

/// Filled by one thread, then sealed; after that read by any.
class Table {
public:
    void add(const Digest& digest, Listed listed);
    /// Sorts. Of equal digests the one with the first place stays.
    void seal();

    [[nodiscard]] std::optional<Listed> find(const Digest& digest) const;
    [[nodiscard]] std::size_t count(Kind kind) const;

private:
    template <Kind kKind>
    struct Entry {
        std::array<std::uint8_t, size_of(kKind)> bytes;
        Listed listed;
    };
    template <Kind kKind>
    using Entries = std::vector<Entry<kKind>>;
    // In the order of Kind.
    std::tuple<Entries<Kind::md5>, Entries<Kind::sha1>, Entries<Kind::sha256>> entries_;

    template <class Self, class Do>
    static auto with(Self& self, Kind kind, Do act);
};

}   // namespace microengine::hashlist
