// SPDX-License-Identifier: MIT
#pragma once
// All scan results of one artifact and the verdict they make together.

#include "host/core/artifact.hpp"
#include "host/core/combiner_settings.hpp"
#include "host/core/scan_result.hpp"
#include "host/core/trusted.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace microengine::core {

/// "Without / had it said …, the verdict would be …".
struct Flip {
    enum class Kind : std::uint8_t { removed, said };
    Kind kind = Kind::removed;
    std::string backend;
    Verdict said = Verdict::unknown;   ///< only for Kind::said
    Verdict verdict = Verdict::unknown;
};

/// The combiner's answer and its reasons.
struct Combined {
    CombinerSettings settings;   ///< under which it was reached
    Verdict verdict = Verdict::unknown;
    BasisPoints confidence = 0;
    bool confidence_set = false;   ///< every agreeing voter set its own, or has a default_confidence
    UnknownBecause reason = UnknownBecause::none;
    bool incomplete = false;   ///< suspicious at least, perhaps malicious
    bool decided_early = false;
    std::string family;   ///< of the strongest accuser; may be empty
    std::string name;     ///< of its detection

    // The interval of verdicts that the missing votes leave open, and of scores where the strategy has one.
    Verdict low_verdict = Verdict::unknown;
    Verdict high_verdict = Verdict::unknown;
    std::optional<double> score, low, high;

    std::uint32_t quorum_have = 0;
    std::vector<std::string> missing;    ///< backends whose vote is missing, in config order
    std::vector<double> contributions;   ///< of each row to the score, in config order
    std::vector<Flip> flips;
    std::optional<Override> decided_by;            ///< an allow or block list, or a veto
    Verdict without_override = Verdict::unknown;   ///< what it would be without decided_by, if rows exist
    std::string explanation;                       ///< one sentence
};

struct Report {
    ArtifactFacts artifact;
    std::string error;                 ///< why the artifact's bytes could not be had; empty: they could
    std::vector<ScanResult> results;   ///< in config order
    Combined combined;
    std::uint64_t duration_ns = 0;
    std::uint64_t generation = 0;
    std::string fingerprint;   ///< of the generation, where another machine has judged; else empty
};

}   // namespace microengine::core
