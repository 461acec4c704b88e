// SPDX-License-Identifier: MIT
// The engine with backends written here: what is asked, in which case, and that nothing is lost.
#include "host/engine/engine.hpp"

#include "tests/support/fake_backend.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <latch>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace microengine::engine {
namespace {

using core::Outcome;
using core::Reason;
using core::Verdict;

core::Report scan_one(Engine& engine, core::ArtifactLoader loader = bytes_loader("x"),
                      std::chrono::nanoseconds timeout = {}) {
    core::Report got;
    Job job;
    job.name = "x";
    job.load = std::move(loader);
    job.timeout = timeout;
    job.done = [&](core::Report report) { got = std::move(report); };
    EXPECT_TRUE(engine.submit(std::move(job)));
    engine.drain();
    return got;
}

TEST(Engine, EveryBackendIsAskedAndTheRowsKeepTheConfigsOrder) {
    Engine engine(generation({says(Verdict::benign), says(Verdict::malicious), says(Verdict::unknown)}),
                  {.slots = 2});
    const core::Report report = scan_one(engine);
    ASSERT_EQ(report.results.size(), 3U);
    EXPECT_EQ(report.results[0].backend->policy.name, "a");
    EXPECT_EQ(report.results[1].verdict, Verdict::malicious);
    EXPECT_EQ(report.combined.verdict, Verdict::malicious);
    EXPECT_FALSE(report.combined.explanation.empty());
}

TEST(Engine, WithIdleSlotsBackendsRunSideBySide) {
    // Each waits for the other: only side by side can this end.
    std::latch both(2);
    const Behaviour meet = [&](const plugin::ScanRequest&, core::ScanResult& out) {
        both.arrive_and_wait();
        out.outcome = Outcome::completed;
        out.verdict = Verdict::benign;
    };
    Engine engine(generation({meet, meet}), {.slots = 2});
    EXPECT_EQ(scan_one(engine).combined.verdict, Verdict::benign);
}

TEST(Engine, EveryAcceptedJobIsAnsweredExactlyOnce) {
    std::mutex mutex;
    std::multiset<std::string> answered;
    Engine engine(generation({says(Verdict::benign), says(Verdict::benign)}),
                  {.slots = 3, .queue_capacity = 5});
    for (int i = 0; i < 500; ++i) {
        Job job;
        job.name = std::to_string(i);
        job.load = bytes_loader(job.name);
        job.done = [&](core::Report report) {
            const std::scoped_lock lock(mutex);
            answered.insert(report.artifact.name);
        };
        ASSERT_TRUE(engine.submit(std::move(job)));
    }
    engine.drain();
    EXPECT_EQ(answered.size(), 500U);
    for (int i = 0; i < 500; ++i) EXPECT_EQ(answered.count(std::to_string(i)), 1U);
}

TEST(Engine, CancelEndsWhatRunsAnswersWhatWaitsAndTakesNoMore) {
    std::atomic<int> answers = 0, running = 0;
    const Behaviour hold = [&](const plugin::ScanRequest& request, core::ScanResult& out) {
        ++running;
        running.notify_all();
        wait_for_stop(request, out);
    };
    Engine engine(generation({hold}), {.slots = 1, .queue_capacity = 10});
    for (int i = 0; i < 5; ++i) {
        Job job;
        job.name = "x";
        job.load = bytes_loader("x");
        job.done = [&](const core::Report& report) {
            EXPECT_EQ(report.combined.verdict, Verdict::unknown);
            EXPECT_EQ(report.results.at(0).reason, Reason::cancelled);
            ++answers;
        };
        ASSERT_TRUE(engine.submit(std::move(job)));
    }
    running.wait(0);
    engine.cancel();
    engine.drain();
    EXPECT_EQ(answers, 5);
    EXPECT_EQ(running, 1);
    Job late;
    EXPECT_FALSE(engine.submit(std::move(late)));
}

TEST(Engine, EarlyDecisionStopsTheRestAndCountsItAsNotNeeded) {
    std::latch inside(1);
    const Behaviour decides = [&](const plugin::ScanRequest& request, core::ScanResult& out) {
        inside.wait();
        says(Verdict::malicious)(request, out);
    };
    const Behaviour holds = [&](const plugin::ScanRequest& request, core::ScanResult& out) {
        inside.count_down();
        wait_for_stop(request, out);
    };
    Engine engine(generation({decides, holds}, true), {.slots = 2});
    const core::Report report = scan_one(engine);
    EXPECT_EQ(report.combined.verdict, Verdict::malicious);
    EXPECT_TRUE(report.combined.decided_early);
    EXPECT_EQ(report.results[1].outcome, Outcome::skipped);
    EXPECT_EQ(report.results[1].reason, Reason::decided);
}

TEST(Engine, WithoutEarlyDecisionEverybodyIsWaitedFor) {
    Engine engine(generation({says(Verdict::malicious), says(Verdict::suspicious)}), {.slots = 1});
    EXPECT_EQ(scan_one(engine).results[1].outcome, Outcome::completed);
}

TEST(Engine, AnArtifactThatCannotBeReadIsUnknownInEveryRow) {
    Engine engine(generation({says(Verdict::benign)}), {.slots = 1});
    const core::Report report =
        scan_one(engine, [](core::ArtifactBuffer&) -> std::expected<core::Artifact, core::LoadFailure> {
            core::LoadFailure failure;
            failure.error = {.code = util::Errc::limit, .place = "x", .message = "is too large"};
            return std::unexpected(failure);
        });
    EXPECT_EQ(report.combined.verdict, Verdict::unknown);
    EXPECT_EQ(report.results[0].reason, Reason::too_big);
    EXPECT_EQ(report.error, "is too large");
}

TEST(Engine, ALoaderThatThrowsCostsItsOwnArtifactOnly) {
    Engine engine(generation({says(Verdict::benign)}), {.slots = 1});
    const core::Report report =
        scan_one(engine, [](core::ArtifactBuffer&) -> std::expected<core::Artifact, core::LoadFailure> {
            throw std::bad_alloc();
        });
    EXPECT_EQ(report.combined.verdict, Verdict::unknown);
    EXPECT_EQ(report.error, "out of memory");
    EXPECT_EQ(scan_one(engine).combined.verdict, Verdict::benign);
}

TEST(Engine, ABackendThatThrowsHasFailed) {
    const Behaviour throws = [](const plugin::ScanRequest&, core::ScanResult&) {
        throw std::runtime_error("no more");
    };
    Engine engine(generation({throws, says(Verdict::benign)}), {.slots = 2});
    const core::Report report = scan_one(engine);
    EXPECT_EQ(report.results[0].outcome, Outcome::failed);
    EXPECT_EQ(report.results[0].message, "no more");
    EXPECT_EQ(report.combined.verdict, Verdict::unknown);
}

TEST(Engine, LoadingDoesNotUseUpTheTimeToScan) {
    // The loader takes until the whole timeout has passed; the scan has it still.
    const auto timeout = std::chrono::milliseconds(30);
    Engine engine(generation({says(Verdict::benign)}), {.slots = 1});
    const core::Report report = scan_one(
        engine,
        [&](core::ArtifactBuffer& buffer) {
            const core::Deadline passed = core::Deadline::after(timeout);
            while (!passed.passed()) std::this_thread::yield();
            return bytes_loader("x")(buffer);
        },
        timeout);
    EXPECT_EQ(report.combined.verdict, Verdict::benign);
}

TEST(Engine, TheDeadlineReachesTheBackend) {
    Engine engine(generation({wait_for_stop, says(Verdict::benign)}), {.slots = 1});
    const core::Report report = scan_one(engine, bytes_loader("x"), std::chrono::milliseconds(20));
    EXPECT_EQ(report.results[0].outcome, Outcome::timed_out);
    EXPECT_EQ(report.results[1].reason, Reason::no_time) << "nothing was left for it";
    EXPECT_EQ(report.combined.verdict, Verdict::unknown);
}

TEST(Engine, AJobThatWaitedUntilItsDeadlineIsNotLoadedAndUnknown) {
    Engine engine(generation({says(Verdict::malicious)}), {.slots = 1});
    core::Report got;
    Job job;
    job.name = "x";
    job.load = [](core::ArtifactBuffer&) -> std::expected<core::Artifact, core::LoadFailure> {
        ADD_FAILURE() << "nobody waits for it";
        return bytes_loader("x")(*std::make_unique<core::ArtifactBuffer>());
    };
    job.deadline = core::Deadline(1);
    job.done = [&](core::Report report) { got = std::move(report); };
    ASSERT_TRUE(engine.submit(std::move(job)));
    engine.drain();
    EXPECT_EQ(got.combined.verdict, Verdict::unknown);
    ASSERT_EQ(got.results.size(), 1U);
    EXPECT_EQ(got.results[0].reason, Reason::no_time);
    EXPECT_EQ(got.artifact.name, "x");
}

TEST(Engine, OfAJobsBackendsOnlyThoseAreAsked) {
    Engine engine(generation({says(Verdict::benign), says(Verdict::malicious)}), {.slots = 1});
    core::Report got;
    Job job;
    job.name = "x";
    job.load = bytes_loader("x");
    job.backends = std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"a"});
    job.done = [&](core::Report report) { got = std::move(report); };
    ASSERT_TRUE(engine.submit(std::move(job)));
    engine.drain();
    EXPECT_EQ(got.combined.verdict, Verdict::benign);
    ASSERT_EQ(got.results.size(), 2U);
    EXPECT_EQ(got.results[1].outcome, Outcome::skipped);
    EXPECT_EQ(got.results[1].reason, Reason::routed);
}

TEST(Engine, ABackendsOwnSizeLimitSkipsItVisibly) {
    auto made = generation({says(Verdict::benign), says(Verdict::benign)});
    made->backends[1].max_artifact_bytes = 3;
    Engine engine(made, {.slots = 1});
    const core::Report report = scan_one(engine);
    EXPECT_EQ(report.results[1].reason, Reason::too_big);
    EXPECT_EQ(report.combined.verdict, Verdict::unknown);
}

TEST(Engine, APluginWithoutParallelScannersIsUsedByOneAtATime) {
    std::atomic<int> inside = 0, most = 0;
    const Behaviour count = [&](const plugin::ScanRequest&, core::ScanResult& out) {
        const int now = ++inside;
        if (now > most) most = now;
        std::this_thread::yield();
        --inside;
        out.outcome = Outcome::completed;
        out.verdict = Verdict::benign;
    };
    Engine engine(generation({count}, false, false), {.slots = 4, .queue_capacity = 100});
    std::atomic<int> answers = 0;
    for (int i = 0; i < 100; ++i) {
        Job job;
        job.load = bytes_loader("x");
        job.done = [&](const core::Report&) { ++answers; };
        ASSERT_TRUE(engine.submit(std::move(job)));
    }
    engine.drain();
    EXPECT_EQ(answers, 100);
    EXPECT_EQ(most, 1);
}

TEST(Engine, AListedDigestOverridesTheStrategy) {
    auto made = generation({says(Verdict::malicious)});
    core::HashList allow;
    allow.file = "allow.sha256";
    allow.lines[util::Sha256{}] = 12;
    made->trusted.allow.push_back(allow);
    Engine engine(made, {.slots = 1});
    const core::Report report = scan_one(engine);
    EXPECT_EQ(report.combined.verdict, Verdict::benign);
    EXPECT_EQ(report.results[0].verdict, Verdict::malicious) << "asked, and shown";
    ASSERT_TRUE(report.combined.decided_by);
    EXPECT_EQ(report.combined.decided_by->place, "allow.sha256:12");
}

TEST(Engine, OffersAreTurnedAwayWhenTheQueueIsFullAndAfterCancel) {
    std::atomic<int> running = 0, answers = 0;
    const Behaviour hold = [&](const plugin::ScanRequest& request, core::ScanResult& out) {
        ++running;
        running.notify_all();
        wait_for_stop(request, out);
    };
    Engine engine(generation({hold}), {.slots = 1, .queue_capacity = 4});
    const auto offer = [&] {
        Job job;
        job.name = "x";
        job.load = bytes_loader("x");
        job.done = [&](const core::Report&) { ++answers; };
        return engine.offer(std::move(job));
    };
    EXPECT_EQ(offer(), Offer::accepted);
    running.wait(0);
    EXPECT_EQ(offer(), Offer::accepted);
    EXPECT_EQ(offer(), Offer::accepted);
    EXPECT_EQ(offer(), Offer::full);
    engine.cancel();
    EXPECT_EQ(offer(), Offer::closed);
    engine.drain();
    EXPECT_EQ(answers, 3);
}

struct MapCache final : core::VerdictCache {
    std::optional<core::ScanResult> find(const core::CacheKey& key) override {
        const std::scoped_lock lock(mutex);
        const auto found = kept.find({key.artifact, key.backend});
        return found == kept.end() ? std::nullopt : std::optional(found->second);
    }
    void keep(const core::CacheKey& key, const core::ScanResult& result) override {
        const std::scoped_lock lock(mutex);
        kept[{key.artifact, key.backend}] = result;
        kept[{key.artifact, key.backend}].cached = true;
    }
    std::mutex mutex;
    std::map<std::pair<util::Sha256, util::Sha256>, core::ScanResult> kept;
};

/// Each backend with a key of its own.
std::shared_ptr<Generation> remembering(std::vector<Behaviour> behaviours, bool early = false) {
    auto made = generation(std::move(behaviours), early);
    made->cache = std::make_shared<MapCache>();
    for (std::size_t i = 0; i < made->backends.size(); ++i)
        made->backends[i].cache_key = util::Sha256{static_cast<std::uint8_t>(i + 1)};
    return made;
}

TEST(EngineCache, AKnownArtifactIsNotScannedAgainAndItsRowsSaySo) {
    std::atomic<int> asked = 0;
    const Behaviour counted = [&](const plugin::ScanRequest&, core::ScanResult& out) {
        ++asked;
        out.outcome = Outcome::completed;
        out.verdict = Verdict::malicious;
    };
    Engine engine(remembering({counted, says(Verdict::benign)}), {.slots = 1});
    const core::Report first = scan_one(engine), second = scan_one(engine);
    EXPECT_EQ(asked, 1);
    EXPECT_FALSE(first.results.at(0).cached);
    for (const core::ScanResult& row : second.results) EXPECT_TRUE(row.cached);
    EXPECT_EQ(second.results.at(0).backend->policy.name, "a");
    EXPECT_EQ(second.combined.verdict, first.combined.verdict);
}

TEST(EngineCache, WhatFailedOrSawOnlyAPartIsAskedAgain) {
    int asked = 0;
    const Behaviour fails_then_partial = [&](const plugin::ScanRequest&, core::ScanResult& out) {
        out.outcome = ++asked == 1 ? Outcome::failed : Outcome::completed;
        if (asked == 1) out.reason = Reason::plugin_error;
        if (asked == 2) out.partial = core::Partial{};
        if (asked == 3) out.verdict = Verdict::benign;
    };
    Engine engine(remembering({fails_then_partial}), {.slots = 1});
    EXPECT_EQ(scan_one(engine).combined.verdict, Verdict::unknown);
    EXPECT_EQ(scan_one(engine).combined.verdict, Verdict::unknown);
    EXPECT_EQ(scan_one(engine).combined.verdict, Verdict::benign);
    EXPECT_TRUE(scan_one(engine).results.at(0).cached);
    EXPECT_EQ(asked, 3);
}

TEST(EngineCache, ABackendWithoutAKeyIsAskedEveryTime) {
    int asked = 0;
    auto made = remembering({[&](const plugin::ScanRequest&, core::ScanResult& out) {
        ++asked;
        out.outcome = Outcome::completed;
    }});
    made->backends[0].cache_key.reset();
    Engine engine(made, {.slots = 1});
    (void)scan_one(engine);
    EXPECT_FALSE(scan_one(engine).results.at(0).cached);
    EXPECT_EQ(asked, 2);
}

TEST(EngineCache, WhoMayStopAtTheFirstMatchIsNotRemembered) {
    Engine engine(remembering({says(Verdict::malicious)}), {.slots = 1});
    Job job;
    job.name = "x";
    job.load = bytes_loader("x");
    job.all_matches = false;
    job.done = [](const core::Report&) {};
    ASSERT_TRUE(engine.submit(std::move(job)));
    engine.drain();
    EXPECT_FALSE(scan_one(engine).results.at(0).cached);
}

TEST(EngineCache, TheSameArtifactTwiceAtOnceIsScannedOnce) {
    std::atomic<int> asked = 0, loaded = 0, cached = 0;
    constexpr int kTimes = 8;
    // The scan ends only when another slot has the same artifact in its hands.
    const Behaviour slow = [&](const plugin::ScanRequest&, core::ScanResult& out) {
        ++asked;
        while (loaded < 2) std::this_thread::yield();
        out.outcome = Outcome::completed;
        out.verdict = Verdict::benign;
    };
    Engine engine(remembering({slow}), {.slots = 4});
    for (int i = 0; i < kTimes; ++i) {
        Job job;
        job.name = "x";
        job.load = [&, inner = bytes_loader("x")](core::ArtifactBuffer& buffer) mutable {
            ++loaded;
            return inner(buffer);
        };
        job.done = [&](const core::Report& report) { cached += report.results.at(0).cached ? 1 : 0; };
        ASSERT_TRUE(engine.submit(std::move(job)));
    }
    engine.drain();
    EXPECT_EQ(asked, 1);
    EXPECT_EQ(cached, kTimes - 1);
}

TEST(EngineCache, CancelDoesNotWaitForTheSameArtifactElsewhere) {
    std::atomic<int> loaded = 0, answers = 0;
    std::atomic<bool> scanning = false;
    // Whoever scans goes on until the other one, which waits for it, has been answered.
    const Behaviour hold = [&](const plugin::ScanRequest&, core::ScanResult& out) {
        scanning = true;
        scanning.notify_all();
        answers.wait(0);
        out.outcome = Outcome::completed;
    };
    Engine engine(remembering({hold}), {.slots = 2});
    for (int i = 0; i < 2; ++i) {
        Job job;
        job.name = "x";
        job.done = [&](const core::Report&) {
            ++answers;
            answers.notify_all();
        };
        job.load = [&, inner = bytes_loader("x")](core::ArtifactBuffer& buffer) mutable {
            ++loaded;
            loaded.notify_all();
            return inner(buffer);
        };
        ASSERT_TRUE(engine.submit(std::move(job)));
    }
    scanning.wait(false);
    for (int n = loaded; n < 2; n = loaded) loaded.wait(n);
    engine.cancel();
    engine.drain();
    EXPECT_EQ(answers, 2);
}

}   // namespace
}   // namespace microengine::engine
