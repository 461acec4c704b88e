// SPDX-License-Identifier: MIT
// A15, A26, A27: backends that misbehave, played by a plugin that does what it is told.
#include "host/frontends/ambassador/check.hpp"

#include <utility>

namespace microengine::ambassador {

namespace {

constexpr milliseconds kPatience{10'000};
constexpr std::string_view kNoPuppet = "needs --puppet FILE.so, the plugin that misbehaves as it is told";

Outcome with_puppets(Scene& scene, std::vector<std::string> puppets, bool only, std::vector<Plan> plans) {
    auto overlay = scene.spawner->plain();
    if (!overlay) return failed(overlay.error().text());
    overlay->puppets = std::move(puppets);
    overlay->only_puppets = only;
    auto engine = scene.spawner->start(*overlay);
    if (!engine) return failed(engine.error().text());
    Desk& desk = scene.desk_for(*engine);
    Outcome outcome = skipped("nothing to post");
    // One after another: a backend that hangs holds its slot, and who waits behind it is not judged at all.
    for (Plan& plan : plans) {
        outcome = judged(desk, {std::move(plan)});
        if (outcome.status != Status::pass) break;
    }
    if (const auto code = engine->child->wait(Clock::now()))
        outcome = failed("it ended with " + std::to_string(*code));
    (void)scene.spawner->end(*engine, kPatience);
    return outcome;
}

std::vector<Plan> some(const std::string& what, const Truth& truth) {
    std::vector<Plan> plans;
    plans.reserve(2);
    for (std::uint64_t i = 0; i < 2; ++i)
        plans.push_back({.what = what, .artifact = {.bytes = eicar(i)}, .truth = truth});
    return plans;
}

const Truth kUnknown{.verdicts = {core::Verdict::unknown}, .comment = ""};

}   // namespace

Outcome waits_for_no_backend(Scene& scene) {
    if (!scene.spawner->has_puppet()) return skipped(kNoPuppet);
    return with_puppets(scene, {"wait", "wait", "wait", "wait", "wait"}, true,
                        some("five backends that hang", kUnknown));
}

Outcome stands_bad_backends(Scene& scene) {
    if (!scene.spawner->has_puppet()) return skipped(kNoPuppet);
    return with_puppets(scene, {"crash", "wait", "throw"}, false,
                        some("backends that crash, hang and throw beside one that is well", malicious()));
}

Outcome stands_silence(Scene& scene) {
    if (!scene.spawner->has_puppet()) return skipped(kNoPuppet);
    Outcome abstaining =
        with_puppets(scene, {"unsupported", "unsupported"}, true, some("all abstain", kUnknown));
    if (abstaining.status != Status::pass) return abstaining;
    return with_puppets(scene, {"fail", "throw"}, true, some("all fail", kUnknown));
}

}   // namespace microengine::ambassador
