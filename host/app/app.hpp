// SPDX-License-Identifier: MIT
#pragma once
// Everything a run has, in the order in which it comes to be; it ends in the reverse order.

#include "host/app/compose.hpp"
#include "host/app/options.hpp"
#include "host/app/serve/opened.hpp"
#include "host/app/signals.hpp"
#include "host/config/load.hpp"
#include "host/core/trusted.hpp"
#include "host/engine/engine.hpp"
#include "host/frontends/cli/console.hpp"
#include "host/isolate/isolation.hpp"
#include "host/plugin/catalog.hpp"
#include "host/plugin/temp_root.hpp"

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace microengine::app {

/// Main thread only, but for the engine.
struct App {
    App(const Options& given, SignalWatch& watch);
    ~App() { signals.stop(); }   // before the engine, which a signal may reach for
    App(const App&) = delete;
    App& operator=(const App&) = delete;

    const Options& options;
    SignalWatch& signals;
    cli::Console console;
    std::filesystem::path config_file;   // empty: there is none
    config::Loaded loaded;
    core::TrustedLists trusted;
    std::optional<plugin::Catalog> catalog;
    std::optional<plugin::TempRoot> temp_root;
    std::optional<isolate::Isolation> isolation;   // empty: no backend needs it
    std::vector<Rung> rungs;                       // point into `loaded` and `catalog`
    std::vector<Origin> origins;                   // of the rungs, before they are opened; only for serve
    std::optional<engine::Engine> engine;          // of the commands that end by themselves
    std::atomic<const std::function<void()>*> on_signal = nullptr;   // ends what is in work

    /// Prints one error and gives the code back.
    int complain(const util::Error& error, int code);
    void tell(std::span<const config::Diagnostic> diagnostics);
    /// Are the scans of this daemon done by workers on other machines?
    [[nodiscard]] bool scans_elsewhere() const {
        return options.command == Command::serve && !loaded.config.queue.url.empty();
    }
    /// Is any backend refused? Prints why, once.
    bool any_stopped();
    void start_engine();

private:
    std::function<void()> cancel_ = [this] { engine->cancel(); };
};

}   // namespace microengine::app
