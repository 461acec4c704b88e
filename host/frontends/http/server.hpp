// SPDX-License-Identifier: MIT
#pragma once
// The server of the HTTP API: its sockets and connections live on one thread of its own.

#include "host/core/serve_settings.hpp"
#include "host/engine/operations.hpp"
#include "host/engine/scan_service.hpp"
#include "host/intake/spool.hpp"
#include "host/net/listen.hpp"
#include "host/util/result.hpp"

#include <chrono>
#include <memory>
#include <vector>

namespace microengine::http {

class Mount;

class HttpServer {
public:
    /// What it is given; all of it outlives it.
    struct Parts {
        core::HttpSettings settings;
        engine::ScanService& service;
        engine::Operations& operations;
        std::shared_ptr<intake::SpoolRoom> room;   ///< shared with the artifacts that wait in it
        Mount* mount = nullptr;                    ///< another frontend's paths, if any
    };
    /// Serves from here on. An error names what cannot be used of tokens, certificate and key, or an address
    /// that others can reach while nobody is asked for a token. Main thread.
    [[nodiscard]] static util::Result<std::unique_ptr<HttpServer>> start(
        Parts parts, std::vector<net::Listener> listeners);
    /// Every job it has offered and every reload it has asked for has been answered by now.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// No more connections, and no more requests of those that are: what is in work is answered. Any thread.
    void stop_accepting();
    /// Waits until all connections have ended; at that time those left are closed. True: none was left.
    bool drain(std::chrono::steady_clock::time_point until);
    /// Tokens, certificate and key are read again; those that cannot be used stay as they were. Any thread.
    [[nodiscard]] util::Result<void> reload_files();
    /// Does its thread do something that is asked of it before that time? Any thread.
    [[nodiscard]] bool answers(std::chrono::steady_clock::time_point until);
    /// For the events; as long as the server lives.
    [[nodiscard]] engine::ReportListener& listener();

private:
    struct Impl;
    explicit HttpServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}   // namespace microengine::http
