// SPDX-License-Identifier: MIT
#include "host/app/app.hpp"

#include "host/util/text.hpp"

#include <unistd.h>

#include <algorithm>
#include <thread>
#include <utility>

namespace microengine::app {

App::App(const Options& given, SignalWatch& watch)
    : options(given), signals(watch), console(given.colour, watch.stop_fd()) {
    signals.start([this](int signal) {
        // Nothing is in work yet: signatures are being loaded, and nobody can interrupt that.
        if (const std::function<void()>* end = on_signal) return (*end)();
        console.status("");
        ::_exit(128 + signal);
    });
}

int App::complain(const util::Error& error, int code) {
    console.note(util::printable(error.place.empty() ? "microengine" : error.place) +
                 ": error: " + util::printable_lines(error.message));
    return code;
}

void App::tell(std::span<const config::Diagnostic> diagnostics) {
    std::string text = config::to_text(diagnostics);
    if (!text.empty() && text.back() == '\n') text.pop_back();
    if (!text.empty()) console.note(text);
}

bool App::any_stopped() {
    bool stopped = false;
    for (const Rung& rung : rungs) {
        if (!rung.refusal.empty()) console.note(util::printable_lines(rung.refusal));
        stopped = stopped || rung.stopped();
    }
    return stopped;
}

void App::start_engine() {
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    const std::size_t configured = loaded.config.scan.workers == 0 ? cores : loaded.config.scan.workers;
    const std::size_t slots = options.scan.jobs == 0 ? configured : options.scan.jobs;
    engine.emplace(make_generation(loaded.config, std::move(trusted), rungs, make_cache(loaded.config.cache)),
                   engine::EngineSettings{.slots = slots, .queue_capacity = 8 * slots});
    on_signal = &cancel_;
}

}   // namespace microengine::app
