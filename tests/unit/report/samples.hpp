// SPDX-License-Identifier: MIT
#pragma once
// Reports as the engine makes them, one for each thing a writer has to show.

#include "host/core/report.hpp"

#include <string>
#include <vector>

namespace microengine::report::samples {

struct Sample {
    std::string name;   ///< of its golden files
    core::Report report;
};

/// All of them, in the order of their golden files.
[[nodiscard]] std::vector<Sample> all();
[[nodiscard]] core::Report named(const std::string& name);

/// One voter of weight 1 that completed; change what the test is about.
[[nodiscard]] core::ScanResult row(const std::string& backend, core::Verdict verdict);
/// The policy and facts of a row, to be changed before the row is used.
[[nodiscard]] core::BackendFacts& facts(core::ScanResult& result);
[[nodiscard]] core::Report report(const std::string& name, core::Verdict verdict,
                                  std::vector<core::ScanResult> rows);

}   // namespace microengine::report::samples
