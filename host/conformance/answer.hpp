// SPDX-License-Identifier: MIT
#pragma once
// What came of one call, and whether it kept the contract. Pure.

#include "host/conformance/notebook.hpp"
#include "host/core/scan_result.hpp"

#include <microengine/plugin.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace microengine::conformance {

/// What came back from scan().
struct Answer {
    me_status status = ME_OK;
    me_result result{};         ///< as the plugin left it
    core::ScanResult judged;    ///< what the host makes of it
    std::set<Finding> broken;   ///< laws, while it was made
    std::string fail_text;
    std::uint64_t duration_ns = 0;
};

/// The laws of answers: status, verdict, confidence, flags, reasons; and those that were broken on the way.
[[nodiscard]] std::vector<Finding> faults_of(const Answer& answer);
/// "malicious: Eicar-Test-Signature", "unsupported", "failed: no memory": what people see.
[[nodiscard]] std::string told(const Answer& answer);
[[nodiscard]] std::string told(const core::ScanResult& judged);
/// The same for two answers that are the same result: all but times and sentences.
[[nodiscard]] std::string fingerprint(const core::ScanResult& judged);

}   // namespace microengine::conformance
