// SPDX-License-Identifier: MIT
#pragma once
// One accepted bounty on its way to a reply, in memory. Only on the desk's thread.

#include "host/bounty/bounty.hpp"
#include "host/bounty/filter.hpp"
#include "host/core/artifact.hpp"
#include "host/core/deadline.hpp"
#include "host/frontends/polyswarm/engine.hpp"
#include "host/util/digest.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace microengine::polyswarm {

struct Case {
    enum class Stage : std::uint8_t {
        waiting,   ///< for its turn to be fetched
        fetching,
        fetched,   ///< waits for a slot
        scanning,
        fixing,   ///< the reply is on its way into the journal
        posting,
        done,
    };
    Case(boost::asio::io_context& io, Engine& its_engine, bounty::Bounty what)
        : engine(its_engine), bounty(std::move(what)), timer(io) {}

    Engine& engine;
    bounty::Bounty bounty;
    util::Sha256 key{};
    std::string name;               ///< twelve digits of the key, for the log
    std::string delivery;           ///< printable
    core::Deadline deadline;        ///< the reply must have arrived
    core::Deadline scan_deadline;   ///< its content must be known
    Stage stage = Stage::waiting;
    bool taken = false;   ///< it counts for the rate limits
    bounty::Leaning leaning = bounty::Leaning::none;
    core::ArtifactLoader load;   ///< from fetched to scanning
    std::string verdict;
    std::string reply;
    std::uint32_t attempts = 0;
    std::uint32_t last_status = 0;
    std::chrono::steady_clock::time_point begun;   ///< of the stage
    boost::asio::steady_timer timer;               ///< the watchdog's, the journal's, then the next attempt's
};

[[nodiscard]] inline double seconds_in_stage(const Case& one) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - one.begun).count();
}

[[nodiscard]] constexpr std::string_view to_text(Case::Stage stage) {
    switch (stage) {
        case Case::Stage::waiting:
            return "waiting for its turn";
        case Case::Stage::fetching:
            return "fetching the artifact";
        case Case::Stage::fetched:
            return "waiting for a slot";
        case Case::Stage::scanning:
            return "scanning";
        case Case::Stage::fixing:
        case Case::Stage::posting:
        case Case::Stage::done:
            break;
    }
    return "replying";
}

}   // namespace microengine::polyswarm
