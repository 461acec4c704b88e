// SPDX-License-Identifier: MIT
#pragma once
// What came of the tests, as text for people or as JSON. Pure.

#include "host/conformance/runner.hpp"

#include <string>
#include <vector>

namespace microengine::conformance {

/// "org.example.mine 1.0.0, /path/mine.so, seed 42".
[[nodiscard]] std::string headline(const Subject& subject);
/// A line for the test, and two more for each thing that is wrong with it. Ends with a line feed.
[[nodiscard]] std::string line_of(const Ran& ran);
/// "31 passed, 1 failed, 3 skipped; --seed 42 repeats it".
[[nodiscard]] std::string summary(const Subject& subject, const std::vector<Ran>& all);
/// One document of the form microengine.check/1.
[[nodiscard]] std::string json_of(const Subject& subject, const std::vector<Ran>& all);
/// Every test and what it proves; as text, or as JSON.
[[nodiscard]] std::string list_of(const std::vector<const Test*>& tests, bool json);
/// 0: all passed; 1: something failed; 2: nothing failed, and something could not be tried.
[[nodiscard]] int exit_code(const std::vector<Ran>& all);

}   // namespace microengine::conformance
