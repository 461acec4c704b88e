// SPDX-License-Identifier: MIT
#pragma once
// A scan result as the combiner sees it: what it says, how loud, and how far it could still go. Values; any
// thread.

#include "host/core/scan_result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace microengine::combine {

struct Vote {
    enum class Kind : std::uint8_t {
        malicious,         ///< whatever the outcome: a detection stands
        suspicious,        ///< completed, and saw everything
        suspicious_open,   ///< at least suspicious: it saw only part, or did not finish
        benign,
        abstains,
        missing,
        pending,    ///< no result yet
        observes,   ///< weight 0: shown, and counts nowhere
    };
    Kind kind = Kind::pending;
    bool required = false;   ///< not where the operator's own routing kept the artifact away
    bool veto = false;
    bool confidence_set = false;   ///< by the backend or as its default, not assumed
    core::BasisPoints confidence = core::kCertain;
    std::uint32_t weight = core::kCertain;   ///< ten-thousandths

    [[nodiscard]] bool accuses() const {
        return kind == Kind::malicious || kind == Kind::suspicious || kind == Kind::suspicious_open;
    }
    [[nodiscard]] bool spoke() const { return accuses() || kind == Kind::benign; }
    [[nodiscard]] bool is_open() const { return kind == Kind::missing || kind == Kind::pending; }
};

[[nodiscard]] Vote vote_of(const core::ScanResult& result);
/// The vote of a backend that has not answered yet.
[[nodiscard]] Vote pending_vote(const core::BackendPolicy& policy);

/// The votes of one scan, in config order; up to 16 of them need no allocation.
class Votes {
public:
    explicit Votes(std::span<const core::ScanResult> results);
    [[nodiscard]] std::span<Vote> all() { return many_.empty() ? std::span(few_).first(size_) : many_; }
    [[nodiscard]] std::span<const Vote> all() const {
        return many_.empty() ? std::span(few_).first(size_) : std::span(many_);
    }

private:
    std::size_t size_;
    std::array<Vote, 16> few_;
    std::vector<Vote> many_;
};

}   // namespace microengine::combine
