// SPDX-License-Identifier: MIT
// What the host costs besides the scanning: one artifact through fan-out and combiner, a cached verdict, and
// the pieces they are made of. The backends do nothing.

#include "host/cache/memory_cache.hpp"
#include "host/combine/combine.hpp"
#include "host/combine/explain.hpp"
#include "host/combine/flips.hpp"
#include "host/engine/crew.hpp"
#include "host/engine/engine.hpp"
#include "host/engine/slot.hpp"
#include "host/intake/file.hpp"
#include "host/util/allocator.hpp"
#include "host/util/digest.hpp"
#include "tests/bench/bench_host.hpp"

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace microengine;

/// One plugin, opened as often as there shall be backends.
std::shared_ptr<engine::Generation> generation(std::size_t backends, bool cached = false) {
    static bench::Host host;
    auto made = std::make_shared<engine::Generation>();
    if (cached) made->cache = std::make_shared<cache::MemoryCache>(std::size_t{16} << 20);
    for (std::size_t i = 0; i < backends; ++i) {
        engine::OpenBackend open;
        open.backend = host.in_process("toucher");
        open.cache_key = util::Sha256{static_cast<std::uint8_t>(i)};
        made->backends.push_back(std::move(open));
    }
    return made;
}

core::ArtifactLoader bytes(std::size_t size) {
    return [size](core::ArtifactBuffer& buffer) -> std::expected<core::Artifact, core::LoadFailure> {
        core::Artifact artifact;
        artifact.facts.size = size;
        artifact.facts.sha256 = util::Sha256{};
        artifact.bytes = buffer.prepare(size);
        return artifact;
    };
}

/// From loaded bytes to the combined report. Less the same of one backend less: what a further one costs.
void dispatch(benchmark::State& state) {
    const auto made = generation(static_cast<std::size_t>(state.range(0)));
    engine::Costs costs(made->backends.size());
    engine::Flights flights;
    engine::Slot slot(made, costs, flights);
    for (auto _ : state) {
        engine::Job job;
        job.load = bytes(68);
        job.detail = engine::Detail::verdict;
        benchmark::DoNotOptimize(slot.judge(job, engine::Spread::in_turn));
    }
}

/// The same through the engine's queue and its threads, one waiting for the other.
void round_trip(benchmark::State& state) {
    engine::Engine engine(generation(1), {.slots = 1, .queue_capacity = 64});
    for (auto _ : state) {
        engine::Job job;
        job.load = bytes(68);
        job.detail = engine::Detail::verdict;
        job.done = [](const core::Report& report) { benchmark::DoNotOptimize(report.combined.verdict); };
        if (!engine.submit(std::move(job))) std::abort();
        engine.drain();
    }
}

/// A file of that size, opened, read and hashed; its verdict is remembered.
void cached_verdict(benchmark::State& state) {
    const util::UniqueFd file(::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    const std::string content(static_cast<std::size_t>(state.range(0)), 'x');
    if (::write(file.get(), content.data(), content.size()) < 0) std::abort();
    const std::string path = "/proc/self/fd/" + std::to_string(file.get());
    const auto made = generation(2, true);
    engine::Costs costs(made->backends.size());
    engine::Flights flights;
    engine::Slot slot(made, costs, flights);
    for (auto _ : state) {
        engine::Job job;
        job.load = intake::file_loader(path, {});
        job.detail = engine::Detail::verdict;
        benchmark::DoNotOptimize(slot.judge(job, engine::Spread::in_turn));
    }
}

void handed_to_a_helper(benchmark::State& state) {
    engine::Crew crew;
    std::atomic<int> parts = 0;
    for (auto _ : state) crew.run(2, [&](std::size_t) { ++parts; });
}

std::vector<core::ScanResult> results(std::size_t count) {
    auto facts = std::make_shared<core::BackendFacts>();
    facts->policy.name = "backend";
    core::ScanResult row;
    row.backend = facts;
    row.outcome = core::Outcome::completed;
    row.verdict = core::Verdict::benign;
    return std::vector<core::ScanResult>(count, row);
}
void combine(benchmark::State& state) {
    const auto rows = results(static_cast<std::size_t>(state.range(0)));
    core::CombinerSettings settings;
    settings.strategy = core::Strategy::weighted;
    for (auto _ : state) benchmark::DoNotOptimize(combine::combine(settings, rows));
}
void explain(benchmark::State& state) {
    const auto rows = results(static_cast<std::size_t>(state.range(0)));
    const auto combined = combine::combine({}, rows);
    for (auto _ : state) benchmark::DoNotOptimize(combine::explain(combined, rows, "text/plain"));
}
void flips(benchmark::State& state) {
    const auto rows = results(static_cast<std::size_t>(state.range(0)));
    const auto combined = combine::combine({}, rows);
    for (auto _ : state) benchmark::DoNotOptimize(combine::flips(combined, rows));
}

void cache_find(benchmark::State& state) {
    cache::MemoryCache cache(std::size_t{16} << 20);
    for (std::uint8_t i = 0; i < 200; ++i)
        cache.keep({.artifact = util::Sha256{i}, .backend = {}}, results(1).front());
    for (auto _ : state) benchmark::DoNotOptimize(cache.find({.artifact = util::Sha256{7}, .backend = {}}));
}

void sha256(benchmark::State& state) {
    const std::vector<std::uint8_t> bytes(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) benchmark::DoNotOptimize(util::sha256(bytes));
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

/// Their names are kept: instructions.txt has a line for each that one thread does alone.
std::vector<benchmark::internal::Benchmark*> all() {
    return {
        benchmark::RegisterBenchmark("dispatch", dispatch)
            ->ArgName("backends")
            ->Arg(1)
            ->Arg(2)
            ->Arg(4)
            ->Arg(16)
            ->Unit(benchmark::kMicrosecond),
        benchmark::RegisterBenchmark("round_trip", round_trip)->Unit(benchmark::kMicrosecond)->UseRealTime(),
        benchmark::RegisterBenchmark("cached_verdict", cached_verdict)
            ->ArgName("bytes")
            ->Arg(68)
            ->Arg(10'240)
            ->Arg(1 << 20)
            ->Unit(benchmark::kMicrosecond),
        benchmark::RegisterBenchmark("handed_to_a_helper", handed_to_a_helper)
            ->Unit(benchmark::kMicrosecond)
            ->UseRealTime(),
        benchmark::RegisterBenchmark("combine", combine)->ArgName("backends")->Arg(2)->Arg(16),
        benchmark::RegisterBenchmark("explain", explain)->ArgName("backends")->Arg(2)->Arg(16),
        benchmark::RegisterBenchmark("flips", flips)->ArgName("backends")->Arg(2)->Arg(16),
        benchmark::RegisterBenchmark("cache_find", cache_find),
        benchmark::RegisterBenchmark("sha256", sha256)->ArgName("bytes")->Arg(68)->Arg(10'240)->Arg(1 << 20),
    };
}

}   // namespace

int main(int argc, char** argv) {
    util::tune_allocator();
    // A fixed number of iterations, for instructions.py.
    const char* iterations = std::getenv("ITERATIONS");
    for (benchmark::internal::Benchmark* each : all())
        if (iterations != nullptr) each->Iterations(std::strtoll(iterations, nullptr, 10));
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
