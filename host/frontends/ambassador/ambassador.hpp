// SPDX-License-Identifier: MIT
#pragma once
// The offline marketplace: posts signed bounties to an engine, serves their artifacts, receives the replies
// and judges them. Main thread.

#include "host/frontends/ambassador/check.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::ambassador {

struct Options {
    std::string target;                  ///< --target: a URL
    std::filesystem::path secret_file;   ///< of that engine; empty: MICROENGINE_POLYSWARM_SECRET
    bool spawn = false;                  ///< the engine is started here
    std::string listen = "127.0.0.1:0";
    std::chrono::milliseconds lasts{5000};   ///< a bounty, until it expires
    Phases phases = Phases::both;
    std::optional<std::uint64_t> seed;   ///< else one of the system's
    std::vector<std::string> checks;     ///< empty: all
    std::uint64_t count = 0;             ///< not 0: a load run of so many bounties, instead of the checks
    double rate = 0;                     ///< bounties a second; 0: as fast as they are taken
    std::filesystem::path corpus;        ///< artifacts of a load run; empty: EICAR and harmless texts
    bool json = false;
};

/// What the program lends it.
struct Lent {
    std::function<bool(std::string_view text)> print;      ///< results
    std::function<void(std::string_view line)> progress;   ///< what goes on; "" at the end
    /// Takes what is to be done when a signal ends the program; on another thread, then.
    std::function<void(std::function<void()> clean)> at_interrupt;
    std::optional<SpawnParts> spawning;   ///< for Options::spawn
};

/// The exit code: 0 all passed, 1 something failed. An error: it could not run.
[[nodiscard]] util::Result<int> run(const Options& options, const Lent& lent);

}   // namespace microengine::ambassador
