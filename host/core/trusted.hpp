// SPDX-License-Identifier: MIT
#pragma once
// The operator's allow and block lists of SHA-256 digests.

#include "host/util/digest.hpp"

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace microengine::core {

/// Why the strategy was not asked, or not followed.
struct Override {
    enum class Kind : std::uint8_t { block_list, allow_list, veto };
    Kind kind = Kind::veto;
    std::string place;   ///< "lists/allow.sha256:12", or the names of the veto voters
};

struct HashOfSha256 {
    std::size_t operator()(const util::Sha256& digest) const noexcept {
        std::size_t value = 0;
        std::memcpy(&value, digest.data(), sizeof value);
        return value;
    }
};

/// One file: digest to line.
struct HashList {
    std::string file;
    std::unordered_map<util::Sha256, std::uint32_t, HashOfSha256> lines;
};

struct TrustedLists {
    std::vector<HashList> block;
    std::vector<HashList> allow;

    /// The override for this digest, block lists first.
    [[nodiscard]] std::optional<Override> find(const util::Sha256& digest) const;
};

}   // namespace microengine::core
