// SPDX-License-Identifier: MIT
#pragma once
// What one backend did with one artifact: a row of the report.

#include "host/core/outcome.hpp"
#include "host/core/verdict.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace microengine::core {

/// One signature that matched. All text is valid UTF-8 and bounded by the host.
struct Detection {
    std::string name;
    std::string family;
    std::string name_space;
    Verdict verdict = Verdict::malicious;   ///< unknown: information, such as a packer's name
    std::optional<BasisPoints> confidence;
    std::vector<std::string> tags;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;   ///< 0: unknown
    std::string detail;         ///< a JSON object, or empty
};

/// How the operator ranks a backend.
struct BackendPolicy {
    std::string name;
    std::uint32_t weight = 10'000;   ///< ten-thousandths, at most 1000.0; 0 makes it an observer
    bool required = false;
    bool veto = false;
    std::string group;
    std::optional<BasisPoints> default_confidence;
    [[nodiscard]] bool operator==(const BackendPolicy&) const = default;
};

struct SignatureFacts {
    std::string version;
    std::int64_t date_unix = 0;   ///< 0: unknown
    std::uint64_t count = 0;
    bool fleeting = false;   ///< answers hang on more than these and the bytes
    [[nodiscard]] bool operator==(const SignatureFacts&) const = default;
};

/// What is the same in every row of a backend as long as its generation lives.
struct BackendFacts {
    BackendPolicy policy;
    std::string plugin_id;
    std::string plugin_version;
    std::optional<SignatureFacts> signatures;
};

/// What the strongest of them says; unknown if none accuses.
[[nodiscard]] inline Verdict strongest(const std::vector<Detection>& detections) {
    Verdict most = Verdict::unknown;
    for (const Detection& detection : detections) most = std::max(most, detection.verdict);
    return most == Verdict::benign ? Verdict::unknown : most;
}

struct ScanResult {
    /// Never null. Shared by the generation and every report made with it, which may outlive the generation.
    std::shared_ptr<const BackendFacts> backend;
    Outcome outcome = Outcome::skipped;
    Reason reason = Reason::none;
    std::string message;   ///< for the operator: what the plugin or the host had to say; may be empty
    Verdict verdict = Verdict::unknown;
    std::optional<BasisPoints> confidence;   ///< unset: the policy's default, else certain
    std::optional<Partial> partial;          ///< set: not all of it was examined
    bool trusted = false;                    ///< positively known good
    std::vector<Detection> detections;
    bool detections_cut = false;   ///< there were more than the host keeps
    bool cached = false;           ///< of an earlier scan of the same bytes with the same signatures
    std::uint64_t bytes_scanned = 0;
    std::uint64_t duration_ns = 0;

    [[nodiscard]] BasisPoints effective_confidence() const {
        return confidence.value_or(backend->policy.default_confidence.value_or(kCertain));
    }
};

}   // namespace microengine::core
