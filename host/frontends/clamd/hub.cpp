// SPDX-License-Identifier: MIT
#include "host/frontends/clamd/hub.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <vector>

namespace microengine::clamd {

namespace {

/// Of this process, in MiB; proc(5), statm.
double resident_mebibytes() {
    std::ifstream file("/proc/self/statm");
    std::uint64_t size = 0;
    std::uint64_t resident = 0;
    file >> size >> resident;
    return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1024.0 * 1024.0);
}

template <class... Values>
std::string line(const char* format, Values... values) {
    std::array<char, 512> text{};
    const int size = std::snprintf(text.data(), text.size(), format, values...);
    return {text.data(), std::min(static_cast<std::size_t>(std::max(size, 0)), text.size() - 1)};
}

}   // namespace

std::string Hub::version() const {
    const auto generation = parts.service.generation();
    std::vector<std::shared_ptr<const core::BackendFacts>> facts;
    for (const engine::OpenBackend& open : generation->backends) facts.push_back(open.backend->facts());
    return version_text(facts, generation->number, settings().version_compat);
}

std::string Hub::stats(bool with_names) const {
    const engine::Load load = parts.service.load();
    const std::size_t live = std::max(load.slots, load.running);
    std::string text = "POOLS: 1\n\nSTATE: VALID PRIMARY\n";
    text += line("THREADS: live %zu  idle %zu max %zu idle-timeout %lld\n", live, live - load.running, live,
                 static_cast<long long>(settings().command_timeout.count() / 1000));
    text += line("QUEUE: %zu items", load.waiting);
    const auto now = std::chrono::steady_clock::now();
    const auto seconds = [now](const Running& scan) {
        return std::chrono::duration<double>(now - scan.since).count();
    };
    if (load.waiting > 0 && !running.empty()) {
        double least = seconds(running.begin()->second);
        double most = least;
        double sum = 0;
        for (const auto& [number, scan] : running) {
            least = std::min(least, seconds(scan));
            most = std::max(most, seconds(scan));
            sum += seconds(scan);
        }
        text += line(" min_wait: %.6f max_wait: %.6f avg_wait: %.6f", least, most,
                     sum / static_cast<double>(running.size()));
    }
    text += '\n';
    for (const auto& [number, scan] : running) {
        text += line("\t%.*s %.6f ", static_cast<int>(to_text(scan.word).size()), to_text(scan.word).data(),
                     seconds(scan));
        // One line each, whatever the name is.
        for (const char c : with_names ? scan.name : std::string())
            text += static_cast<unsigned char>(c) < 0x20 ? '_' : c;
        text += '\n';
    }
    const double used = resident_mebibytes();
    text += line(
        "\nMEMSTATS: heap N/A mmap N/A used N/A free N/A releasable N/A pools 1 pools_used %.3fM "
        "pools_total %.3fM\nEND",
        used, used);
    return text;
}

}   // namespace microengine::clamd
