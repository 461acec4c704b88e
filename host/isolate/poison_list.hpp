// SPDX-License-Identifier: MIT
#pragma once
// Artifacts that killed a backend's worker twice: that backend is not given them again, so that one artifact
// sent over and over cannot take it out of service. One list per opened backend: new signatures or a new
// plugin get a new start.

#include "host/util/digest.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>

namespace microengine::isolate {

struct PoisonSettings {
    unsigned strikes = 2;      ///< so many list an artifact
    std::size_t most = 1024;   ///< artifacts remembered: those last asked for
    std::chrono::nanoseconds forget_after = std::chrono::hours(24);   ///< after the last strike
};

/// One thread at a time. `now` is util::monotonic_ns(). An artifact without a digest has no identity: it is
/// never listed.
class PoisonList {
public:
    explicit PoisonList(const PoisonSettings& settings = {});

    /// It killed a worker. Returns how often it has, as far as is remembered; 0 without a digest.
    unsigned strike(const std::optional<util::Sha256>& key, std::uint64_t now);
    /// Must it be kept from the backend? Asking keeps an entry from being displaced, not from being
    /// forgotten.
    [[nodiscard]] bool listed(const std::optional<util::Sha256>& key, std::uint64_t now);
    /// Artifacts remembered, with whatever number of strikes.
    [[nodiscard]] std::size_t size() const { return by_key_.size(); }

private:
    struct Entry {
        util::Sha256 key;
        unsigned strikes = 0;
        std::uint64_t last_strike = 0;
    };
    struct Hash {
        [[nodiscard]] std::size_t operator()(const util::Sha256& key) const noexcept;
    };
    using Entries = std::list<Entry>;

    /// The entry, moved to the front; end() when there is none or its time is over.
    [[nodiscard]] Entries::iterator find(const util::Sha256& key, std::uint64_t now);

    PoisonSettings settings_;
    Entries entries_;   // the last asked for in front
    std::unordered_map<util::Sha256, Entries::iterator, Hash> by_key_;
};

}   // namespace microengine::isolate
