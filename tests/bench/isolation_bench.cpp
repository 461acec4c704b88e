// SPDX-License-Identifier: MIT
// What a process of its own costs: time added to each scan, time until a worker that crashed is replaced, and
// private memory of a worker. The backend touches each page of the artifact and answers, so everything
// measured is ours. Both ways take turns in one run, ABBA, so that a machine that changes its speed changes
// both. With host and worker on two cores of a busy or virtual machine this is mostly the time to wake a
// core: `taskset -c 0` leaves that out.

#include "host/isolate/shared_buffer.hpp"
#include "host/util/allocator.hpp"
#include "host/util/clock.hpp"
#include "tests/bench/bench_host.hpp"

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace microengine;
using bench::give_up, bench::value, bench::median;
namespace fs = std::filesystem;

constexpr double kTarget = 25, kTargetOfMebibyte = 70;   // µs that isolation may add; 0: none
constexpr int kScansEachWay = 4000;                      // of one size
constexpr int kCrashes = 100;

/// A slot's memory with an artifact, loaded anew for each scan as a slot does: what the host has just written
/// the worker's core must fetch.
class Loaded {
public:
    explicit Loaded(std::string_view content) : content_(content) { load(); }
    void load() {
        const auto bytes = buffer_->prepare(content_.size());
        std::memcpy(bytes.data(), content_.data(), content_.size());
        artifact_.bytes = bytes;
        artifact_.facts.size = bytes.size();   // and no digest: what crashes twice would not be asked again
        artifact_.memory = buffer_->share(bytes.size());
    }
    /// Nanoseconds.
    std::uint64_t scan(plugin::Scanner& scanner, core::Outcome expected) const {
        core::ScanResult result;
        const std::uint64_t start = util::monotonic_ns();
        scanner.scan({.artifact = &artifact_,
                      .deadline = core::Deadline::after(std::chrono::minutes(1)),
                      .backend_deadline = {}},
                     result);
        const std::uint64_t took = util::monotonic_ns() - start;
        if (result.outcome != expected)
            give_up({.place = "a scan", .message = "not as expected: " + result.message});
        return took;
    }

private:
    std::string content_;
    std::unique_ptr<core::ArtifactBuffer> buffer_ = isolate::make_shared_buffer();
    core::Artifact artifact_;
};

void added_by_isolation(benchmark::State& state, plugin::Scanner& here, plugin::Scanner& there,
                        double target_us) {
    Loaded artifact(std::string(static_cast<std::size_t>(state.range(0)), 'x'));
    std::vector<std::uint64_t> in_process, isolated;
    const auto turn = [&](bool away) {
        artifact.load();
        const std::uint64_t took = artifact.scan(away ? there : here, core::Outcome::completed);
        (away ? isolated : in_process).push_back(took);
    };
    for (auto _ : state) {
        const std::size_t before = isolated.size();
        for (const bool away : {false, true, true, false}) turn(away);
        state.SetIterationTime(static_cast<double>(isolated[before] + isolated[before + 1]) / 2e9);
    }
    const double a = static_cast<double>(median(in_process)) / 1e3;
    const double b = static_cast<double>(median(isolated)) / 1e3;
    state.counters = {{"in_process_us", a}, {"isolated_us", b}, {"added_us", b - a}};
    if (target_us > 0) state.counters["target_us"] = target_us;
}

/// From the moment that the host knows of the death until an artifact is judged by another worker.
void replacement(benchmark::State& state, plugin::Scanner& crasher) {
    const Loaded bad("CRASH"), good("harmless");
    std::vector<std::uint64_t> times;
    for (auto _ : state) {
        (void)bad.scan(crasher, core::Outcome::crashed);
        times.push_back(good.scan(crasher, core::Outcome::completed));
        state.SetIterationTime(static_cast<double>(times.back()) / 1e9);
    }
    state.counters["p50_us"] = static_cast<double>(median(times)) / 1e3;
}

// ---- memory

/// Of /proc/PID/stat; 0: gone.
pid_t parent_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    const std::string line{std::istreambuf_iterator<char>(file), {}};
    const std::size_t name_ends = line.rfind(") ");
    if (name_ends == std::string::npos) return 0;
    return static_cast<pid_t>(std::strtol(line.c_str() + name_ends + 4, nullptr, 10));
}
std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> children;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const auto pid = static_cast<pid_t>(std::strtol(entry.path().filename().c_str(), nullptr, 10));
        if (pid != 0 && parent_of(pid) == parent) children.push_back(pid);
    }
    return children;
}
/// Private_Clean and Private_Dirty, in KiB. 0: may not be read.
double private_kib(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
    double sum = 0;
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("Private_Clean:") || line.starts_with("Private_Dirty:"))
            sum += std::strtod(line.c_str() + line.find(':') + 1, nullptr);
    return sum;
}

/// Its one worker as yet, or 0.
pid_t first_child_of(pid_t parent) {
    const std::vector<pid_t> children = children_of(parent);
    return children.empty() ? 0 : children.front();
}

/// Of a worker that was just probed, and of the helper that forks them.
void memory(benchmark::State& state, double fresh_kib, pid_t helper) {
    for (auto _ : state) state.SetIterationTime(0);
    state.counters = {{"worker_KiB", fresh_kib}, {"helper_KiB", private_kib(helper)}};
}

}   // namespace

int main(int argc, char** argv) {
    util::tune_allocator();
    std::vector<char*> arguments(argv, argv + argc);
    std::string tabular = "--benchmark_counters_tabular=true";
    arguments.insert(arguments.begin() + 1, tabular.data());
    int count = static_cast<int>(arguments.size());
    benchmark::Initialize(&count, arguments.data());
    if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 1;

    bench::Host host;
    const auto here = host.in_process("toucher");
    const auto there = host.isolated("toucher");
    const pid_t helper = first_child_of(::getpid());
    const double fresh_kib = private_kib(first_child_of(helper));
    const auto local = value(here->open_scanner());
    const auto remote = value(there->open_scanner());
    core::Settings by_content;
    by_content.all.push_back({.name = "does", .values = {std::string("by_content")}, .place = {}});
    const auto crashing = host.isolated("crasher", std::move(by_content));
    const auto crasher = value(crashing->open_scanner());

    struct Size {
        std::int64_t bytes;
        double target_us;
    };
    for (const Size& size : {Size{68, kTarget}, Size{4096, kTarget}, Size{65'536, kTarget},
                             Size{1 << 20, kTargetOfMebibyte}, Size{4 << 20, 0}})
        benchmark::RegisterBenchmark("isolation",
                                     [&, target = size.target_us](benchmark::State& state) {
                                         added_by_isolation(state, *local, *remote, target);
                                     })
            ->ArgName("bytes")
            ->Arg(size.bytes)
            ->Iterations(kScansEachWay / 2)
            ->UseManualTime()
            ->Unit(benchmark::kMicrosecond);
    benchmark::RegisterBenchmark("replacement",
                                 [&](benchmark::State& state) { replacement(state, *crasher); })
        ->Iterations(kCrashes)
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
    benchmark::RegisterBenchmark("worker_memory",
                                 [&](benchmark::State& state) { memory(state, fresh_kib, helper); })
        ->Iterations(1)
        ->UseManualTime();
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
