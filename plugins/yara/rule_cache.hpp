// SPDX-License-Identifier: MIT
#pragma once
// Compiled rules on disk, so that a second start needs no compiler. libyara trusts compiled rules as it would
// code, so the directory must be ours alone, and bytes reach libyara only after their digest was checked.

#include "compile.hpp"
#include "digest.hpp"
#include "handles.hpp"

#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace microengine::yara {

class RuleCache {
public:
    /// Makes the directory if it is not there. Nothing and a reason if it cannot be used, or not safely.
    struct Opened;
    [[nodiscard]] static Opened open(const std::filesystem::path& directory);

    /// What was stored under this key; a damaged file is removed and counts as none.
    [[nodiscard]] std::optional<Compiled> load(const Digest& key) const;
    /// Empty, or why it could not be written; never throws for that. Nobody ever sees half a file.
    [[nodiscard]] std::string save(const Digest& key, const Compiled& compiled) const;

private:
    explicit RuleCache(Fd directory) : directory_(std::move(directory)) {}
    [[nodiscard]] std::string write(const std::string& name,
                                    std::initializer_list<std::string_view> parts) const;
    void prune() const;
    Fd directory_;
};

struct RuleCache::Opened {
    std::optional<RuleCache> cache;
    std::string reason;
};

/// Where the cache is when nobody says: below $XDG_CACHE_HOME or $HOME. Empty: neither is known.
[[nodiscard]] std::filesystem::path default_cache_directory();

}   // namespace microengine::yara
