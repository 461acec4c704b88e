// SPDX-License-Identifier: MIT
#pragma once
// The server for ClamAV's clients: its sockets and connections live on one thread of its own.

#include "host/core/serve_settings.hpp"
#include "host/engine/operations.hpp"
#include "host/engine/scan_service.hpp"
#include "host/intake/spool.hpp"
#include "host/net/listen.hpp"
#include "host/util/result.hpp"

#include <chrono>
#include <memory>
#include <vector>

namespace microengine::clamd {

class ClamdServer {
public:
    /// What it is given; all of it outlives it.
    struct Parts {
        core::ClamdSettings settings;
        engine::ScanService& service;
        engine::Operations& operations;
        std::shared_ptr<intake::SpoolRoom> room;   ///< shared with the artifacts that wait in it
    };
    /// Serves from here on. An error names a user or a root that does not exist. Main thread.
    [[nodiscard]] static util::Result<std::unique_ptr<ClamdServer>> start(
        Parts parts, std::vector<net::Listener> listeners);
    /// Every job it has offered has been answered by now.
    ~ClamdServer();
    ClamdServer(const ClamdServer&) = delete;
    ClamdServer& operator=(const ClamdServer&) = delete;

    /// No more connections, and no more commands of those that are: what is in work is answered. Any thread.
    void stop_accepting();
    /// Waits until all connections have ended; at that time those left are closed. True: none was left.
    bool drain(std::chrono::steady_clock::time_point until);
    /// Does its thread do something that is asked of it before that time? Any thread.
    [[nodiscard]] bool answers(std::chrono::steady_clock::time_point until);

private:
    struct Impl;
    explicit ClamdServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}   // namespace microengine::clamd
