// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/load.hpp"

#include "host/frontends/ambassador/corpus.hpp"
#include "host/util/mutex.hpp"

#include <deque>
#include <stop_token>
#include <thread>
#include <utility>

namespace microengine::ambassador {

namespace {

constexpr std::size_t kThreads = 32;
constexpr std::size_t kProgressEvery = 100;

/// Bounties that wait for somebody to post them. Any thread.
class Outbox {
public:
    explicit Outbox(const Desk& desk) {
        for (std::size_t i = 0; i < kThreads; ++i)
            posters_.emplace_back([this, &desk](const std::stop_token& stop) { post(desk, stop); });
    }
    /// With no rate to keep, not before somebody is free.
    void put(Posted& bounty, bool wait) {
        util::Lock lock(mutex_);
        if (wait) changed_.wait(lock, [this]() ME_REQUIRES(mutex_) { return waiting_.size() < kThreads; });
        waiting_.push_back(&bounty);
        changed_.notify_all();
    }
    /// Waits until all are posted.
    void finish() {
        util::Lock lock(mutex_);
        changed_.wait(lock, [this]() ME_REQUIRES(mutex_) { return waiting_.empty() && working_ == 0; });
    }

private:
    void post(const Desk& desk, const std::stop_token& stop) {
        Poster poster = desk.poster();
        util::Lock lock(mutex_);
        while (changed_.wait(lock, stop, [this]() ME_REQUIRES(mutex_) { return !waiting_.empty(); })) {
            Posted& bounty = *waiting_.front();
            waiting_.pop_front();
            ++working_;
            changed_.notify_all();
            lock.unlock();
            desk.post(bounty, poster);
            lock.lock();
            --working_;
            changed_.notify_all();
        }
    }

    util::Mutex mutex_;
    util::Condition changed_;
    std::deque<Posted*> waiting_ ME_GUARDED_BY(mutex_);
    std::size_t working_ ME_GUARDED_BY(mutex_) = 0;
    std::vector<std::jthread> posters_;   // last: they end before what they use
};

bounty::Phase phase_of(Phases phases, std::uint64_t number) {
    // Artifacts alternate as well: pairs of each.
    if (phases == Phases::both) return number / 2 % 2 == 0 ? bounty::Phase::assertion : bounty::Phase::vote;
    return phases == Phases::assertion ? bounty::Phase::assertion : bounty::Phase::vote;
}

}   // namespace

util::Result<LoadNumbers> run_load(Desk& desk, const LoadPlan& plan,
                                   const std::function<void(std::string_view)>& progress) {
    Corpus corpus = plan.corpus.empty() ? Corpus(desk.dice()()) : ME_TRY(Corpus::read(plan.corpus));
    std::vector<Posted*> all;
    {
        Outbox outbox(desk);
        const auto begun = Clock::now();
        for (std::uint64_t i = 0; i < plan.count; ++i) {
            if (plan.rate > 0)
                std::this_thread::sleep_until(
                    begun + std::chrono::duration_cast<Clock::duration>(
                                std::chrono::duration<double>(static_cast<double>(i) / plan.rate)));
            Specimen specimen = ME_TRY(corpus.next());
            all.push_back(&desk.prepare({.what = std::move(specimen.name),
                                         .artifact = {.bytes = std::move(specimen.bytes)},
                                         .truth = std::move(specimen.truth),
                                         .phase = phase_of(plan.phases, i)}));
            outbox.put(*all.back(), plan.rate == 0);
            if (i % kProgressEvery == 0)
                progress(std::to_string(i) + " of " + std::to_string(plan.count) + " posted …");
        }
        outbox.finish();
    }
    progress("waiting for replies …");
    std::vector<LoadEntry> entries;
    entries.reserve(all.size());
    for (const Posted* bounty : all)
        if (bounty->accepted()) (void)desk.await(*bounty);
    for (const Posted* bounty : all)
        entries.push_back(
            {.evidence = desk.evidence(*bounty),
             .posted = bounty->deadline - desk.lasts(),
             .accepted_after = bounty->took,
             .what = bounty->plan.what + (bounty->problem.empty() ? "" : ": " + bounty->problem)});
    progress("");
    return numbers_of(entries);
}

}   // namespace microengine::ambassador
