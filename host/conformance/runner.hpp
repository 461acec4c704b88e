// SPDX-License-Identifier: MIT
#pragma once
// Runs the tests, each in a process of its own: whatever the plugin does there is that test's failure.

#include "host/conformance/test.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::conformance {

enum class Status : std::uint8_t { passed, warned, failed, skipped };
[[nodiscard]] std::string_view to_text(Status status);   // "pass", "warn", "FAIL", "skip"

struct Ran {
    const Test* test = nullptr;
    Status status = Status::passed;
    std::string seen;   ///< or why it was skipped; empty if it failed
    std::vector<Finding> findings;
    std::uint64_t duration_ns = 0;
    bool impossible =
        false;   ///< skipped because the plugin is not fit for it: nobody knows what it would do
};

/// The tests that `--only` and `--fuzz` choose; empty: none is called so.
[[nodiscard]] std::vector<const Test*> chosen(const Options& options);
/// `told` hears of each as soon as it is over. One thread: the process must have no other.
[[nodiscard]] std::vector<Ran> run_tests(Subject& subject, const std::vector<const Test*>& tests,
                                         const std::function<void(const Ran&)>& told);

}   // namespace microengine::conformance
