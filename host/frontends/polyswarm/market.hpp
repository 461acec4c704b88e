// SPDX-License-Identifier: MIT
#pragma once
// The marketplace's frontend: bounties in at paths of the HTTP server, replies out. Every bounty that was
// answered 202 gets exactly one reply, whatever crashes in between.

#include "host/bounty/settings.hpp"
#include "host/engine/scan_service.hpp"
#include "host/frontends/http/mount.hpp"
#include "host/intake/spool.hpp"
#include "host/util/result.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace microengine::polyswarm {

class Market {
public:
    /// What it is given; all of it outlives it.
    struct Parts {
        bounty::MarketSettings settings;
        engine::ScanService& service;
        std::shared_ptr<intake::SpoolRoom> room;   ///< shared with the artifacts that wait in it
    };
    /// Reads secrets and the journal. Main thread.
    [[nodiscard]] static util::Result<std::unique_ptr<Market>> open(Parts parts);
    /// Takes up what is owed, and works from here on: once everything else that serves could be started. What
    /// arrives before that waits. Once, main thread.
    void begin();
    /// After drain(). The HTTP server has let go of its paths, and the service has reported on every scan.
    ~Market();
    Market(const Market&) = delete;
    Market& operator=(const Market&) = delete;

    [[nodiscard]] http::Mount& mount();
    /// Secrets are read again; those that cannot be used stay as they were. Any thread.
    [[nodiscard]] util::Result<void> reload_files();
    /// New bounties are turned away; what is known is accepted again. Any thread.
    void stop_accepting();
    /// Waits until everything owed has been replied to. At that time the rest is answered unknown, or kept
    /// for the next start, as polyswarm.on_stop says. True: nothing is left. In any case whoever has asked
    /// before stop_accepting() has been answered.
    bool drain(std::chrono::steady_clock::time_point until, std::chrono::milliseconds last_replies);
    /// Does its thread do something that is asked of it before that time? Any thread.
    [[nodiscard]] bool answers(std::chrono::steady_clock::time_point until);
    /// Why bounties should be sent elsewhere; nothing: they need not. Any thread.
    [[nodiscard]] std::optional<std::string> why_not_ready() const;
    /// Numbers that are asked for, into the metrics. Any thread.
    void measure() const;

private:
    struct Impl;
    explicit Market(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}   // namespace microengine::polyswarm
