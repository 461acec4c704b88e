// SPDX-License-Identifier: MIT
#pragma once
// The command line of `microengine plugin check`, which is that of microengine-check. Both programs read it:
// the one for its help, its completions and its complaints, the other to act on it.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace microengine::conformance {

/// How long to scan mutations: so many, or so long.
struct FuzzBudget {
    std::uint64_t count = 0;   ///< 0: by time
    std::chrono::seconds time{0};
};

struct Options {
    std::string plugin;                  ///< a path
    std::vector<std::string> settings;   ///< KEY=VALUE
    std::vector<std::string> grants;     ///< network, exec_memory, programs
    std::optional<std::uint64_t> seed;   ///< none: another one each time
    std::optional<FuzzBudget> fuzz;
    std::vector<std::string> only;         ///< names of tests or of their groups; empty: all
    std::uint64_t scans = 10'000;          ///< of the endurance tests
    bool quick = false;                    ///< 500 scans instead
    std::chrono::seconds step_limit{60};   ///< for one call into the plugin
    bool list = false;
    bool json = false;
};

/// Declares them. `options` is filled when `app` parses, and must live until then.
void add_options(CLI::App& app, Options& options);

/// "30s", "2m": a time; "5000": a number of scans. Nothing for anything else, or nothing at all of it.
[[nodiscard]] std::optional<FuzzBudget> fuzz_budget(const std::string& text);

}   // namespace microengine::conformance
