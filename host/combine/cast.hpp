// SPDX-License-Identifier: MIT
#pragma once
// Who played which part in a verdict, as texts that are safe to show. Values; for explain.cpp.

#include "host/core/report.hpp"
#include "host/core/scan_result.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace microengine::combine {

/// A backend in a sentence: "vendor_y", and "vendor_y (timed out)" or "clamav: Eicar-Test-Signature".
struct Player {
    std::string name;
    std::string with_detail;
    std::string detail;
};
using Players = std::vector<Player>;

struct Cast {
    Players malicious, suspicious;   ///< detail: the name of the detection
    Players benign, abstained;
    Players missing;    ///< detail: why
    Players open;       ///< missing, and suspicious ones that did not see everything; detail: why
    Players unmet;      ///< required, and did not find it benign; detail: why not
    Players vetoing;    ///< malicious, with a veto
    Players required;   ///< accusing, and required
    std::size_t required_malicious = 0;
    Players not_waited_for;   ///< the verdict was fixed without them
    Players observers_malicious, observers_suspicious;
    std::size_t voters = 0;        ///< everybody who did not abstain
    std::size_t unsupported = 0;   ///< of those who abstained
    std::size_t unasked = 0;       ///< of those who abstained
    std::size_t no_artifact = 0;   ///< of the missing

    [[nodiscard]] std::size_t accusers() const { return malicious.size() + suspicious.size(); }
};

[[nodiscard]] Cast cast_of(const core::Combined& combined, std::span<const core::ScanResult> results);

[[nodiscard]] std::string names(const Players& players);
[[nodiscard]] std::string details(const Players& players);

}   // namespace microengine::combine
