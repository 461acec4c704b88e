// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/checklist.hpp"

#include "host/util/text.hpp"

#include <algorithm>

namespace microengine::ambassador {

namespace {

CheckResult* row_of(std::vector<CheckResult>& results, std::string_view check) {
    const auto row = std::ranges::find(results, check, [](const CheckResult& r) { return r.check->id; });
    return row == results.end() ? nullptr : &*row;
}

/// What a bounty has got beyond the one reply that its check has judged.
Fault fault_of_more(const Desk& desk, const Posted& bounty, Clock::time_point longest) {
    const std::size_t more = bounty.plan.replies.first.size() + 2;
    (void)desk.market().wait_for_replies(bounty.reply, more, std::min(bounty.deadline, longest));
    const Evidence evidence = desk.evidence(bounty);
    if (Fault fault = fault_of_refused(evidence)) return fault;
    return evidence.replies.empty() ? std::nullopt : fault_of_number(evidence);
}

/// Whatever was posted may still be answered, and must not be.
void settle(const Scene& scene, std::vector<CheckResult>& results) {
    const auto longest = Clock::now() + scene.desk.lasts();
    const auto look = [&](const Desk& desk) {
        for (const Posted& bounty : desk.all()) {
            CheckResult* row = row_of(results, bounty.check);
            const Fault fault = fault_of_more(desk, bounty, longest);
            if (fault && row != nullptr && row->outcome.status == Status::pass)
                row->outcome = failed(bounty.about(*fault));
        }
    };
    look(scene.desk);
    for (const Desk& other : scene.others) look(other);
}

/// The check whose bounty has this place for its replies, whatever became of the query.
std::string check_of(const Scene& scene, std::string_view stray) {
    const auto posted_by = [&](const Desk& desk) -> std::string {
        for (const Posted& bounty : desk.all())
            if (stray.contains("/reply/" + std::to_string(bounty.reply) + "/")) return bounty.check;
        return {};
    };
    std::string check = posted_by(scene.desk);
    for (const Desk& other : scene.others)
        if (check.empty()) check = posted_by(other);
    return check;
}

/// Replies to what was never offered.
void add_strays(const Scene& scene, std::vector<CheckResult>& results) {
    for (const std::string& stray : scene.desk.market().strays()) {
        if (!stray.starts_with("POST ") || results.empty()) continue;
        CheckResult* row = row_of(results, check_of(scene, stray));
        if (row == nullptr) row = &results.back();
        row->outcome = failed("a reply at the wrong place: " + std::string(util::cut(stray, 120)));
    }
}

}   // namespace

util::Result<std::vector<const Check*>> chosen_checks(const std::vector<std::string>& ids) {
    std::vector<const Check*> checks;
    for (const Check& check : all_checks())
        if (ids.empty() || std::ranges::find(ids, check.id) != ids.end()) checks.push_back(&check);
    for (const std::string& id : ids)
        if (std::ranges::find(all_checks(), std::string_view(id), &Check::id) == all_checks().end())
            return util::fail(
                util::Errc::usage, "--checks",
                "there is no check '" + util::printable(util::cut(id, 20)) + "'; there are A1 to A29");
    return checks;
}

std::vector<CheckResult> run_checks(Scene& scene, std::span<const Check* const> checks,
                                    const std::function<void(std::string_view)>& progress) {
    std::vector<CheckResult> results;
    for (const Check* check : checks) {
        progress(std::string(check->id) + " " + std::string(check->name) + " …");
        scene.check = check->id;
        scene.desk.set_check(scene.check);
        const bool can = !check->spawns || scene.spawner != nullptr;
        results.push_back({check, can ? check->run(scene) : skipped("needs --spawn")});
    }
    progress("waiting for what should not come …");
    settle(scene, results);
    add_strays(scene, results);
    progress("");
    return results;
}

}   // namespace microengine::ambassador
