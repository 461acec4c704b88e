// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/desk.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

namespace microengine::ambassador {

namespace {

constexpr std::uint64_t kIds = 1'000'000'000;   // an id has ten digits, as PolySwarm's
constexpr auto kPatience = std::chrono::seconds(10);

void note(Posted& bounty, const util::Result<Answer>& answer) {
    bounty.status = answer ? answer->status : 0;
    bounty.problem = answer ? "" : answer.error().message;
    bounty.took = answer ? answer->took : milliseconds(0);
}

}   // namespace

std::int64_t unix_now_ms() {
    return std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

Desk::Desk(Parts parts)
    : parts_(std::move(parts)), poster_(parts_.target), next_id_(kIds + parts_.dice() % kIds) {}

Desk Desk::beside(Target target, bounty::Secret secret) const {
    Parts parts = parts_;
    parts.target = std::move(target);
    parts.secret = std::move(secret);
    return Desk(std::move(parts));
}

Posted& Desk::prepare(Plan plan) {
    Posted& bounty = posted_.emplace_back();
    Market& market = parts_.market;
    bounty.check = check_;
    if (plan.uri.empty()) bounty.artifact = plan.offered ? *plan.offered : market.offer(plan.artifact);
    bounty.reply = market.expect(plan.replies, plan.kind);
    const std::string& bytes =
        bounty.artifact == 0 ? plan.artifact.bytes : market.script(bounty.artifact)->bytes;
    bounty.truth = plan.truth ? *plan.truth : truth_of(bytes);
    const milliseconds lasts = plan.lasts.count() == 0 ? parts_.lasts : plan.lasts;

    BountyFields fields;
    fields.id = std::to_string(next_id_++);
    bounty.phase = plan.phase.value_or(parts_.phase);
    if (bounty.phase == bounty::Phase::vote) fields.phase = R"("arbitration")";
    fields.artifact_uri =
        json_string(plan.uri.empty() ? parts_.origin + market.path_of_artifact(bounty.artifact) : plan.uri);
    if (bounty.artifact != 0) fields.sha256 = json_string(util::hex(market.digest_of(bounty.artifact)));
    fields.response_url =
        json_string(plan.response_url.empty() ? parts_.origin + market.target_of_replies(bounty.reply)
                                              : plan.response_url);
    const std::int64_t now_ms = unix_now_ms();
    const Spelling::Moment moment{.now_ms = now_ms, .until_ms = now_ms + lasts.count()};
    bounty.deadline = Clock::now() + lasts;
    fields.expiration = json_string(timestamp(moment.until_ms));
    if (plan.edit) plan.edit(fields, moment);
    bounty.body = to_json(fields, plan.layout);
    bounty.plan = std::move(plan);
    return bounty;
}

util::Result<Answer> Desk::deliver(const Posted& bounty, Poster& poster) const {
    return poster.send(to_bytes(webhook("bounty", bounty.body, parts_.secret), parts_.target), kPatience);
}

void Desk::post(Posted& bounty) { post(bounty, poster_); }

void Desk::post(Posted& bounty, Poster& poster) const { note(bounty, deliver(bounty, poster)); }

void Desk::post_all(std::span<Posted* const> bounties, std::size_t threads) const {
    std::atomic<std::size_t> next = 0;
    std::vector<std::jthread> posters;
    for (std::size_t i = 0; i < std::min(threads, bounties.size()); ++i)
        posters.emplace_back([&] {
            Poster own(parts_.target);
            for (std::size_t at = next++; at < bounties.size(); at = next++) post(*bounties[at], own);
        });
}

Posted& Desk::post(Plan plan) {
    Posted& bounty = prepare(std::move(plan));
    post(bounty);
    return bounty;
}

util::Result<Answer> Desk::send(const Request& request, milliseconds patience) {
    return poster_.send(to_bytes(request, parts_.target), patience);
}

Evidence Desk::evidence(const Posted& bounty) const {
    return {.accepted = bounty.accepted(),
            .phase = bounty.phase,
            .rules = bounty.plan.rules,
            .truth = bounty.truth,
            .deadline = bounty.deadline,
            .may_download = bounty.plan.may_download,
            .replies = parts_.market.replies(bounty.reply),
            .downloads =
                bounty.artifact == 0 ? std::vector<Download>() : parts_.market.downloads(bounty.artifact)};
}

Fault Desk::await(const Posted& bounty) const {
    if (bounty.status == 0) return bounty.problem;
    if (!bounty.accepted()) return "answered with " + std::to_string(bounty.status) + ", not 202";
    // A reply may come late, and is then told as such and not as missing.
    const auto grace = std::min<milliseconds>(parts_.lasts, std::chrono::seconds(2));
    const std::size_t wanted = bounty.plan.replies.first.size() + 1;
    if (!parts_.market.wait_for_replies(bounty.reply, wanted, bounty.deadline))
        (void)parts_.market.wait_for_replies(bounty.reply, 1, bounty.deadline + grace);
    return judge(evidence(bounty));
}

Fault Desk::await(std::span<Posted* const> bounties) const {
    Fault first;
    for (const Posted* bounty : bounties)
        if (const Fault fault = await(*bounty); fault && !first) first = bounty->about(*fault);
    return first;
}

}   // namespace microengine::ambassador
