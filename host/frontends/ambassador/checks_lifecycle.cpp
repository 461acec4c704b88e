// SPDX-License-Identifier: MIT
// A14, A19 to A22: engines that are flooded, killed, ended and started.
#include "host/frontends/ambassador/check.hpp"
#include "host/util/random_id.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

namespace microengine::ambassador {

namespace {

using Manner = ArtifactScript::Manner;

constexpr std::uint32_t kFewPending = 8;
constexpr std::size_t kFlood = 60;
constexpr std::size_t kThreads = 8;
constexpr milliseconds kPatience{10'000};
constexpr milliseconds kLong{60'000};   // enough for another start
constexpr int kBadConfig = 78;

Plan held(std::string what, std::string bytes, milliseconds lasts) {
    return {.what = std::move(what),
            .artifact = {.bytes = std::move(bytes), .manner = Manner::held},
            .lasts = lasts};
}

/// One more bounty is taken and answered: the engine is well.
Fault fault_of_one_more(Desk& desk) {
    const Posted& bounty = desk.post({.what = "one more", .artifact = {.bytes = eicar(desk.dice()())}});
    const Fault fault = desk.await(bounty);
    return fault ? Fault(bounty.about(*fault)) : std::nullopt;
}

Fault flood(Desk& desk, std::size_t& accepted) {
    std::vector<Posted*> all;
    all.reserve(kFlood);
    for (std::size_t i = 0; i < kFlood; ++i)
        all.push_back(&desk.prepare(held("one of a flood", eicar(desk.dice()()), kLong)));
    desk.post_all(all, kThreads);
    for (const Posted* bounty : all)
        if (bounty->status != 202 && bounty->status != 503)
            return bounty->about(bounty->status == 0 ? bounty->problem : std::to_string(bounty->status));
    std::erase_if(all, [](const Posted* bounty) { return !bounty->accepted(); });
    accepted = all.size();
    if (accepted == 0 || accepted > kFewPending)
        return std::to_string(accepted) + " of " + std::to_string(kFlood) +
               " were accepted, with max_pending " + std::to_string(kFewPending);
    desk.market().release_all();
    if (const Fault fault = desk.await(all)) return fault;
    return fault_of_one_more(desk);
}

/// A bounty whose work has begun, and one whose reply is fixed but was not taken.
Fault fault_of_killing(Scene& scene, Spawner::Engine& engine) {
    Desk& desk = scene.desk_for(engine);
    Posted& begun = desk.post(held("killed while it fetched", eicar(desk.dice()()), kLong));
    Posted& fixed = desk.post({.what = "killed while it posted",
                               .artifact = {.bytes = eicar(desk.dice()())},
                               .replies = {.first = {{.status = 503, .retry_after_s = 30}}},
                               .lasts = kLong});
    for (const Posted* one : {&begun, &fixed})
        if (!one->accepted()) return one->about(one->problem + " status " + std::to_string(one->status));
    const auto until = Clock::now() + kPatience;
    if (!desk.market().wait_for_downloads(begun.artifact, 1, until)) return begun.about("no download");
    if (!desk.market().wait_for_replies(fixed.reply, 1, until)) return fixed.about("no reply");
    scene.spawner->kill(engine);
    desk.market().release_all();
    auto again = scene.spawner->restart(engine);
    if (!again) return again.error().text();
    engine = *std::move(again);
    for (const Posted* one : {&begun, &fixed})
        if (const Fault fault = desk.await(*one)) return one->about(*fault);
    return std::nullopt;
}

Fault fault_of_ending(Scene& scene, Spawner::Engine& engine) {
    Desk& desk = scene.desk_for(engine);
    std::vector<Posted*> all;
    for (int i = 0; i < 5; ++i) {
        Plan plan = held("open at the end", eicar(desk.dice()()), kLong);
        plan.truth = Truth{.verdicts = {core::Verdict::unknown}, .comment = ""};
        all.push_back(&desk.post(std::move(plan)));
    }
    const auto until = Clock::now() + kPatience;
    for (const Posted* one : all) {
        if (!one->accepted()) return one->about(one->problem + " status " + std::to_string(one->status));
        if (!desk.market().wait_for_downloads(one->artifact, 1, until)) return one->about("no download");
    }
    const auto code = scene.spawner->end(engine, engine.overlay.drain_timeout + kPatience);
    if (!code) return "it has not ended " + std::to_string(kPatience.count()) + " ms after drain_timeout_ms";
    if (*code != 0) return "it ended with " + std::to_string(*code);
    for (const Posted* one : all)   // nothing can come any more
        if (const Fault fault = judge(desk.evidence(*one))) return one->about(*fault);
    return std::nullopt;
}

/// Refuses to start with this: nothing, or what it did instead.
Fault fault_of_start(Spawner& spawner, const Overlay& overlay, std::string_view what) {
    auto child = spawner.start_child(overlay);
    if (!child) return child.error().text();
    const auto code = (*child)->wait(Clock::now() + kPatience);
    if (code == kBadConfig) return std::nullopt;
    return std::string(what) + (code ? ": ended with " + std::to_string(*code) + ", not 78" : ": it started");
}

Fault fault_of_rotation(Scene& scene, Spawner::Engine& engine, const bounty::Secret& previous) {
    const bounty::Secret third(util::random_id());
    Desk& current = scene.desk_for(engine);
    if (const Fault fault = fault_of_one_more(current)) return "the current secret: " + *fault;
    const Spawner::Engine as_before{
        .child = nullptr, .target = engine.target, .secret = previous, .overlay = {}};
    if (const Fault fault = fault_of_one_more(scene.desk_for(as_before)))
        return "the previous secret: " + *fault;
    const auto answer = current.send(webhook("ping", "", third));
    if (!answer) return answer.error().text();
    return answer->status == 401 ? std::nullopt : Fault("a third secret: " + std::to_string(answer->status));
}

}   // namespace

Outcome takes_a_flood(Scene& scene) {
    auto overlay = scene.spawner->plain();
    if (!overlay) return failed(overlay.error().text());
    overlay->max_pending = kFewPending;
    auto engine = scene.spawner->start(*overlay);
    if (!engine) return failed(engine.error().text());
    std::size_t accepted = 0;
    const Fault fault = flood(scene.desk_for(*engine), accepted);
    (void)scene.spawner->end(*engine, kPatience);
    return from(fault, std::to_string(accepted) + " of " + std::to_string(kFlood) +
                           " accepted and answered, the others 503");
}

Outcome survives_a_kill(Scene& scene) {
    const auto overlay = scene.spawner->plain();
    if (!overlay) return failed(overlay.error().text());
    auto engine = scene.spawner->start(*overlay);
    if (!engine) return failed(engine.error().text());
    const Fault fault = fault_of_killing(scene, *engine);
    if (engine->child) (void)scene.spawner->end(*engine, kPatience);
    return from(fault, "what was begun was done again, what was fixed was posted with the same bytes");
}

Outcome ends_well(Scene& scene) {
    const auto overlay = scene.spawner->plain();
    if (!overlay) return failed(overlay.error().text());
    auto engine = scene.spawner->start(*overlay);
    if (!engine) return failed(engine.error().text());
    return from(fault_of_ending(scene, *engine), "five open bounties answered, exit 0");
}

Outcome rotates_secrets(Scene& scene) {
    auto overlay = scene.spawner->plain();
    const auto file =
        scene.spawner->new_secret(" cl\xc3\xa9 ");   // its bytes count, whatever letters they are
    const auto longer = scene.spawner->new_secret(std::string(100, 'k'));   // than HMAC's block of 64
    if (!overlay || !file || !longer) return failed("no file for a secret");
    overlay->secret_file = *longer;
    overlay->previous_secret_file = *file;
    const auto previous = bounty::read_secret(*file);
    auto engine = scene.spawner->start(*overlay);
    if (!engine) return failed(engine.error().text());
    if (!previous) return failed(previous.error().text());
    const Fault fault = fault_of_rotation(scene, *engine, *previous);
    (void)scene.spawner->end(*engine, kPatience);
    return from(fault, "current and previous 202, a third 401");
}

Outcome needs_a_secret(Scene& scene) {
    Spawner& spawner = *scene.spawner;
    auto overlay = spawner.plain();
    const auto empty = spawner.new_file("empty-secret", "\n");
    if (!overlay || !empty) return failed("no file for a secret");
    overlay->secret_file = spawner.folder() / "no-such-secret";
    Fault fault = fault_of_start(spawner, *overlay, "a secret_file that does not exist");
    overlay->secret_file = *empty;
    if (!fault) fault = fault_of_start(spawner, *overlay, "an empty secret_file");
    overlay->secret_file.clear();
    if (!fault) fault = fault_of_start(spawner, *overlay, "no secret_file and no variable");
    return from(fault, "missing, empty and not named: exit 78");
}

}   // namespace microengine::ambassador
