// SPDX-License-Identifier: MIT
// Thousands of artifacts through the whole engine, of which every tenth crashes one of three backends and
// every fiftieth hangs it; and the same while somebody kills helpers and workers. Every artifact has exactly
// one report, none is benign because of a fault, and in the end everything is as it was.
#include "host/engine/engine.hpp"
#include "tests/unit/isolate/isolated.hpp"

#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <random>
#include <thread>

namespace microengine::isolate {
namespace {

using core::Outcome;
using core::Verdict;

#if defined(ME_SANITIZED)
constexpr int kDefaultArtifacts = 400;
constexpr bool kMemoryIsGivenBack = false;   // sanitizers keep what is freed, to recognise its use
#else
constexpr int kDefaultArtifacts = 2'000;
constexpr bool kMemoryIsGivenBack = true;
#endif

int artifacts() {
    const char* given = std::getenv("MICROENGINE_STRESS_ARTIFACTS");   // NOLINT(concurrency-mt-unsafe)
    return given == nullptr ? kDefaultArtifacts : std::atoi(given);
}

enum class Kind : std::uint8_t { benign, malicious, crash, hang };
Kind kind_of(int number) {
    if (number % 50 == 7) return Kind::hang;
    if (number % 10 == 3) return Kind::crash;
    return number % 4 == 0 ? Kind::malicious : Kind::benign;
}
std::string text_of(int number) {
    switch (kind_of(number)) {
        case Kind::hang:
            return "HANG " + std::to_string(number);
        case Kind::crash:
            return "CRASH " + std::to_string(number);
        case Kind::malicious:
            return "BAD " + std::to_string(number);
        case Kind::benign:
            return "letter " + std::to_string(number);
    }
    return {};
}

core::ArtifactLoader loader(int number) {
    return [number](core::ArtifactBuffer& buffer) -> std::expected<core::Artifact, core::LoadFailure> {
        const std::string text = text_of(number);
        const std::span<std::uint8_t> space = buffer.prepare(text.size());
        std::ranges::copy(text, space.begin());
        core::Artifact artifact;
        artifact.facts.name = std::to_string(number);
        artifact.facts.size = text.size();
        artifact.facts.sha256 = util::sha256(space);
        artifact.bytes = space;
        return artifact;
    };
}

/// Of this process: resident, and not shared.
std::uint64_t private_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::uint64_t total = 0, resident = 0, shared = 0;
    statm >> total >> resident >> shared;
    return (resident - shared) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

struct Stress : Isolated {
    /// Two that judge by the same marker, and between them the one that is attacked.
    std::shared_ptr<engine::Generation> generation() {
        auto made = std::make_shared<engine::Generation>();
        for (const auto& [plugin, set] :
             std::vector<std::pair<std::string, std::vector<std::pair<std::string, std::string>>>>{
                 {"puppet", {{"does", "malicious"}, {"marker", "BAD"}}},
                 {"crasher", {}},
                 {"no_fork_promise", {}}}) {
            auto backend = open(plugin, set);
            EXPECT_TRUE(backend) << backend.error().text();
            engine::OpenBackend open;
            open.backend = *std::move(backend);
            open.timeout = std::chrono::milliseconds(250);
            if (plugin != "crasher") open.timeout = std::chrono::seconds(60);
            made->backends.push_back(std::move(open));
        }
        return made;
    }

    void run(engine::Engine& engine, int count) {
        for (int number = 0; number < count; ++number) {
            engine::Job job;
            job.name = std::to_string(number);
            job.load = loader(number);
            job.done = [this, number](core::Report report) { take(number, report); };
            ASSERT_TRUE(engine.submit(std::move(job)));
        }
        engine.drain();
    }

    /// Honest ones, until every scanner has its worker again.
    void settle(engine::Engine& engine) {
        for (int i = 0; i < 200; ++i) {
            engine::Job job;
            job.name = "letter";
            job.load = loader(0);
            job.done = [](const core::Report&) {};
            ASSERT_TRUE(engine.submit(std::move(job)));
        }
        engine.drain();
    }

    void take(int number, const core::Report& report) {
        const std::scoped_lock lock(mutex);
        ++reports[number];
        const core::ScanResult& attacked = report.results.at(1);
        ++outcomes[std::string(core::to_text(attacked.outcome))];
        const bool fault = attacked.outcome != Outcome::completed;
        if (fault && report.combined.verdict == Verdict::benign) benign_by_fault.push_back(number);
        // The others are not concerned, unless somebody kills them.
        const Verdict others = kind_of(number) == Kind::malicious ? Verdict::malicious : Verdict::benign;
        for (const std::size_t row : {std::size_t{0}, std::size_t{2}})
            if (report.results.at(row).verdict != others) ++disturbed;
        if (kind_of(number) == Kind::benign || kind_of(number) == Kind::malicious) {
            // On a busy machine an honest one may be out of time; what it may not be is hit by another.
            if (fault && attacked.outcome != Outcome::timed_out) ++missed;
            if (!fault && report.combined.verdict != others) wrong.push_back(number);
        } else if (!fault) {
            wrong.push_back(number);
        }
    }

    std::mutex mutex;
    std::map<int, int> reports;
    std::map<std::string, int> outcomes;
    std::vector<int> benign_by_fault, wrong;
    int disturbed = 0, missed = 0;
};

TEST_F(Stress, CrashesAndHangsCostOneVoteEach) {
    settings.breaker.faults = 1'000'000;   // every attack shall reach a worker
    const int count = artifacts();
    {
        engine::Engine engine(generation(), {.slots = 2});
        run(engine, 200);
        settle(engine);
        const std::size_t descriptors = open_descriptors();
        const std::uint64_t memory = private_bytes();
        reports.clear();
        run(engine, count);
        settle(engine);
        EXPECT_EQ(open_descriptors(), descriptors);
        if (kMemoryIsGivenBack) {
            EXPECT_LT(private_bytes(), memory + (std::uint64_t{8} << 20));
        }
    }
    EXPECT_EQ(reports.size(), static_cast<std::size_t>(count));
    for (const auto& [number, times] : reports) EXPECT_EQ(times, 1) << number;
    EXPECT_TRUE(benign_by_fault.empty());
    EXPECT_TRUE(wrong.empty());
    EXPECT_EQ(disturbed, 0);
    EXPECT_EQ(missed, 0) << "an honest artifact paid for another's attack";
    EXPECT_GT(outcomes["crashed"], count / 20);
    EXPECT_GT(outcomes["timed_out"], 0);
    EXPECT_TRUE(children_of(::getpid()).empty());
    for (const auto& [outcome, times] : outcomes) std::printf("  %-10s %d\n", outcome.c_str(), times);
}

TEST_F(Stress, WithTheBreakerNothingIsLostEither) {
    const int count = artifacts();
    {
        engine::Engine engine(generation(), {.slots = 2});
        run(engine, count);
    }
    EXPECT_EQ(reports.size(), static_cast<std::size_t>(count));
    EXPECT_TRUE(benign_by_fault.empty());
    EXPECT_TRUE(wrong.empty());
    EXPECT_EQ(disturbed, 0);
    EXPECT_GT(outcomes["skipped"], 0);
    EXPECT_GT(outcomes["completed"], 20) << "it never came back";
}

TEST_F(Stress, KillingAnyOfItsProcessesAtAnyMomentLosesNoReport) {
    settings.breaker.faults = 1'000'000;
    const int count = artifacts();
    int kills = 0;
    {
        engine::Engine engine(generation(), {.slots = 2});
        std::jthread killer([&](const std::stop_token& stop) {
            std::minstd_rand random(42);
            while (!stop.stop_requested()) {
                std::vector<int> all = children_of(::getpid());
                for (const int helper : std::vector<int>(all))
                    for (const int worker : children_of(helper)) all.push_back(worker);
                // Every so many rounds of looking: a helper or a worker, as it comes.
                if (!all.empty() && random() % 400 == 0) {
                    ::kill(all[random() % all.size()], SIGKILL);
                    ++kills;
                }
                std::this_thread::yield();
            }
        });
        run(engine, count);
    }
    EXPECT_GT(kills, 0);
    EXPECT_EQ(reports.size(), static_cast<std::size_t>(count));
    for (const auto& [number, times] : reports) EXPECT_EQ(times, 1) << number;
    EXPECT_TRUE(benign_by_fault.empty());
    EXPECT_TRUE(children_of(::getpid()).empty());
    std::printf("  %d kills\n", kills);
    for (const auto& [outcome, times] : outcomes) std::printf("  %-10s %d\n", outcome.c_str(), times);
}

}   // namespace
}   // namespace microengine::isolate
