// SPDX-License-Identifier: MIT
// An engine whose generation is replaced while it scans: nothing is lost, nothing waits for long, and nothing
// outlives its use.
#include "host/engine/live_engine.hpp"

#include "tests/support/fake_backend.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace microengine::engine {
namespace {

std::shared_ptr<Generation> numbered(std::uint64_t number, const Behaviour& behaviour) {
    auto made = generation({behaviour});
    made->number = number;
    return made;
}

/// The reports of the jobs it gave, in the order in which they came.
class Asker {
public:
    Offer ask(ScanService& service, const std::string& name = "x") {
        Job job;
        job.name = name;
        job.load = bytes_loader(name);
        job.done = [this](core::Report report) {
            const std::scoped_lock lock(mutex_);
            reports_.push_back(std::move(report));
        };
        return service.offer(std::move(job));
    }
    std::vector<core::Report> reports() {
        const std::scoped_lock lock(mutex_);
        return reports_;
    }

private:
    std::mutex mutex_;
    std::vector<core::Report> reports_;
};

TEST(LiveEngine, AScanEndsOnTheGenerationItBeganOn) {
    std::latch begun(1);
    std::latch go(1);
    const Behaviour waits = [&](const plugin::ScanRequest& request, core::ScanResult& out) {
        begun.count_down();
        go.wait();
        says(Verdict::malicious)(request, out);
    };
    LiveEngine engine(numbered(1, waits), {.slots = 1});
    Asker asker;
    ASSERT_EQ(asker.ask(engine), Offer::accepted);
    begun.wait();
    std::jthread replacing([&] { engine.replace(numbered(2, says(Verdict::benign))); });
    // New scans do not wait for the old one.
    while (engine.generation()->number != 2) std::this_thread::yield();
    std::promise<core::Report> second;
    Job job;
    job.load = bytes_loader("y");
    job.done = [&](core::Report report) { second.set_value(std::move(report)); };
    ASSERT_EQ(engine.offer(std::move(job)), Offer::accepted);
    EXPECT_EQ(second.get_future().get().generation, 2U);
    EXPECT_GE(engine.load().running, 1U) << "the old one counts";
    go.count_down();
    replacing.join();
    ASSERT_EQ(asker.reports().size(), 1U);
    EXPECT_EQ(asker.reports()[0].generation, 1U);
    EXPECT_EQ(asker.reports()[0].combined.verdict, Verdict::malicious);
}

TEST(LiveEngine, TheOldGenerationIsGoneOnceItIsReplaced) {
    auto first = numbered(1, says(Verdict::benign));
    const std::weak_ptr<const Generation> watched = first;
    LiveEngine engine(std::move(first), {.slots = 2});
    engine.replace(numbered(2, says(Verdict::benign)));
    EXPECT_TRUE(watched.expired());
}

TEST(LiveEngine, NothingIsLostWhileGenerationsAreReplacedUnderLoad) {
    constexpr int clients = 4;
    constexpr int each = 500;
    LiveEngine engine(numbered(1, says(Verdict::benign)), {.slots = 2, .queue_capacity = clients * each * 2});
    Asker asker;
    {
        std::vector<std::jthread> threads;
        for (int client = 0; client < clients; ++client)
            threads.emplace_back([&, client] {
                for (int i = 0; i < each; ++i)
                    EXPECT_EQ(asker.ask(engine, std::to_string(client * each + i)), Offer::accepted);
            });
        for (std::uint64_t number = 2; number < 40; ++number) {
            if (number % 3 == 0) engine.hold(numbered(number, says(Verdict::unknown)));
            engine.replace(numbered(number, says(Verdict::benign)));
        }
    }
    engine.drain();
    std::set<std::string> names;
    for (const core::Report& report : asker.reports()) {
        EXPECT_EQ(report.combined.verdict, Verdict::benign) << "no one is asked while jobs are held";
        names.insert(report.artifact.name);
    }
    EXPECT_EQ(asker.reports().size(), static_cast<std::size_t>(clients * each));
    EXPECT_EQ(names.size(), static_cast<std::size_t>(clients * each));
}

TEST(LiveEngine, HeldJobsWaitForTheNextGenerationInABoundedQueue) {
    LiveEngine engine(numbered(1, says(Verdict::benign)), {.slots = 1, .queue_capacity = 4});
    auto meanwhile = numbered(2, says(Verdict::unknown));
    const std::weak_ptr<const Generation> watched = meanwhile;
    engine.hold(std::move(meanwhile));
    Asker asker;
    std::size_t accepted = 0;
    while (asker.ask(engine) == Offer::accepted) ++accepted;
    EXPECT_GE(accepted, 1U);
    EXPECT_LE(accepted, 4U);
    EXPECT_EQ(engine.load().waiting, accepted);
    EXPECT_TRUE(asker.reports().empty());
    engine.replace(numbered(3, says(Verdict::malicious)));
    engine.drain();
    ASSERT_EQ(asker.reports().size(), accepted);
    for (const core::Report& report : asker.reports()) EXPECT_EQ(report.generation, 3U);
    EXPECT_TRUE(watched.expired());
}

TEST(LiveEngine, HeldJobsAreAnsweredWhenTheServiceEnds) {
    LiveEngine engine(numbered(1, says(Verdict::benign)), {.slots = 1});
    engine.hold(numbered(2, says(Verdict::benign)));
    Asker asker;
    ASSERT_EQ(asker.ask(engine), Offer::accepted);
    engine.cancel();
    engine.drain();
    ASSERT_EQ(asker.reports().size(), 1U);
    EXPECT_EQ(asker.reports()[0].combined.verdict, Verdict::unknown);
    EXPECT_EQ(asker.reports()[0].results.at(0).reason, Reason::cancelled);
    EXPECT_EQ(asker.ask(engine), Offer::closed);
}

TEST(LiveEngine, ARefusedJobIsUntouched) {
    LiveEngine engine(numbered(1, says(Verdict::benign)), {.slots = 1, .queue_capacity = 2});
    engine.cancel();
    bool told = false;
    Job job;
    job.name = "mine";
    job.done = [&](const core::Report&) { told = true; };
    EXPECT_EQ(engine.offer(std::move(job)), Offer::closed);
    // NOLINTNEXTLINE(bugprone-use-after-move): that is what is tested
    EXPECT_EQ(job.name, "mine");
    ASSERT_TRUE(static_cast<bool>(job.done));
    job.done({});
    EXPECT_TRUE(told);
}

}   // namespace
}   // namespace microengine::engine
