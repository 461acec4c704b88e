// SPDX-License-Identifier: MIT
// A13, A15 to A18: one reply, in time, whatever becomes of it on its way.
#include "host/bounty/reply.hpp"
#include "host/frontends/ambassador/check.hpp"

#include <algorithm>
#include <latch>
#include <thread>
#include <utility>

namespace microengine::ambassador {

namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr milliseconds kTimeToRetry{5000};
constexpr milliseconds kWireTime{50};   // between a client that waits and what is seen of it here

/// Retry-After was heeded: the next attempt came not earlier.
Fault fault_of_haste(const Desk& desk, const Posted& bounty) {
    const auto replies = desk.market().replies(bounty.reply);
    const auto& steps = bounty.plan.replies.first;
    for (std::size_t i = 0; i + 1 < replies.size() && i < steps.size(); ++i) {
        const auto wanted = std::chrono::seconds(steps[i].retry_after_s) - kWireTime;
        const auto waited = std::chrono::duration_cast<milliseconds>(replies[i + 1].when - replies[i].when);
        if (steps[i].retry_after_s > 0 && waited < wanted)
            return "again after " + std::to_string(waited.count()) + " ms, though Retry-After said " +
                   std::to_string(steps[i].retry_after_s) + " s";
    }
    return std::nullopt;
}

/// The market gave up as it was told, and then took the reply.
Fault fault_of_attempts(const Desk& desk, const Posted& bounty) {
    const std::size_t wanted = bounty.plan.replies.first.size() + 1;
    const std::size_t seen = desk.market().replies(bounty.reply).size();
    return seen == wanted ? std::nullopt
                          : Fault(std::to_string(seen) + " attempts, not " + std::to_string(wanted));
}

}   // namespace

Outcome answers_once(Scene& scene) {
    Desk& desk = scene.desk;
    Posted& bounty =
        desk.prepare({.what = "the same delivery five times", .artifact = {.bytes = eicar(desk.dice()())}});
    constexpr std::ptrdiff_t at_once = 3;
    std::latch ready(at_once);
    std::array<unsigned, at_once> statuses{};
    {
        std::vector<std::jthread> posters;
        posters.reserve(statuses.size());
        for (unsigned& status : statuses)
            posters.emplace_back([&] {
                Poster poster = desk.poster();
                ready.arrive_and_wait();
                const auto answer = desk.deliver(bounty, poster);
                status = answer ? answer->status : 0;
            });
    }
    for (const unsigned status : statuses)
        if (status != 202)
            return failed(bounty.about("answered with " + std::to_string(status) + ", not 202"));
    desk.post(bounty);
    if (const Fault fault = desk.await(bounty)) return failed(bounty.about(*fault));
    desk.post(bounty);   // a reply has been given: still nothing new
    return from(desk.await(bounty), "three at once, one more, one after the reply: one reply");
}

Outcome is_never_late(Scene& scene) {
    const Truth late{.verdicts = {core::Verdict::unknown}, .comment = ""};
    Outcome slow =
        judged(scene.desk, {{.what = "an artifact that is held back",
                             .artifact = {.bytes = eicar(), .manner = ArtifactScript::Manner::held},
                             .truth = late},
                            {.what = "an artifact of a byte a second",
                             .artifact = {.bytes = eicar(), .manner = ArtifactScript::Manner::trickled},
                             .truth = late}});
    if (slow.status != Status::pass) return slow;
    if (scene.spawner == nullptr || !scene.spawner->has_puppet())
        return passed(slow.seen + "; slow artifacts only, for slow backends it needs --spawn and --puppet");
    return waits_for_no_backend(scene);
}

Outcome answers_expired(Scene& scene) {
    const auto expire = [](std::int64_t ago_ms) {
        return [ago_ms](BountyFields& f, const Spelling::Moment& m) {
            f.expiration = json_string(timestamp(m.now_ms - ago_ms));
        };
    };
    const Truth late{.verdicts = {core::Verdict::unknown}, .comment = std::string(bounty::kSkipped)};
    return judged(scene.desk, {{.what = "expired a minute ago",
                                .artifact = {.bytes = eicar()},
                                .truth = late,
                                .edit = expire(kMinuteMs)},
                               {.what = "expired an hour ago",
                                .artifact = {.bytes = eicar()},
                                .truth = late,
                                .edit = expire(60 * kMinuteMs)}});
}

Outcome delivers_at_last(Scene& scene) {
    Desk& desk = scene.desk;
    const auto plan = [&](std::string what, std::vector<ReplyScript::Step> first) {
        return Plan{.what = std::move(what),
                    .artifact = {.bytes = eicar(desk.dice()())},
                    .replies = {.first = std::move(first)},
                    .lasts = std::max(desk.lasts(), kTimeToRetry)};
    };
    std::vector<Posted*> all;
    for (Plan& one :
         std::vector<Plan>{plan("500 twice", {{.status = 500}, {.status = 500}}),
                           plan("503 once", {{.status = 503}}), plan("408 once", {{.status = 408}}),
                           plan("429 with Retry-After: 1", {{.status = 429, .retry_after_s = 1}}),
                           plan("cut twice", {{.status = 0}, {.status = 0}})})
        all.push_back(&desk.prepare(std::move(one)));
    desk.post_all(all, all.size());
    if (const Fault fault = desk.await(all)) return failed(*fault);
    for (const Posted* bounty : all) {
        if (const Fault fault = fault_of_attempts(desk, *bounty)) return failed(bounty->about(*fault));
        if (const Fault fault = fault_of_haste(desk, *bounty)) return failed(bounty->about(*fault));
    }
    return passed(std::to_string(all.size()) + " ways to fail, each delivered with the same bytes");
}

Outcome takes_no_for_an_answer(Scene& scene) {
    Desk& desk = scene.desk;
    std::vector<Plan> plans;
    for (const unsigned status : {400U, 404U, 409U})
        plans.push_back({.what = "replies met with " + std::to_string(status),
                         .artifact = {.bytes = eicar(desk.dice()())},
                         .replies = {.first = {{.status = status}}}});
    plans.push_back({.what = "replies met with a redirect",
                     .artifact = {.bytes = eicar(desk.dice()())},
                     .replies = {.first = {{.status = 307, .location = "/elsewhere"}}}});
    return judged(desk, std::move(plans));
}

}   // namespace microengine::ambassador
