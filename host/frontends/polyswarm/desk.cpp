// SPDX-License-Identifier: MIT
// From an accepted bounty to what we think of it.

#include "host/frontends/polyswarm/desk.hpp"

#include "host/frontends/polyswarm/timing.hpp"
#include "host/util/clock.hpp"
#include "host/util/log.hpp"
#include "host/util/metrics.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <utility>

namespace microengine::polyswarm {

using bounty::ArtifactKind;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr milliseconds kQueueFull(20);            // until the next try
constexpr std::uint64_t kClient = 0x506f6c7953;   // as the engine's queue counts clients

std::string_view to_text(ArtifactKind kind) {
    if (kind == ArtifactKind::file) return "file";
    return kind == ArtifactKind::url ? "url" : "other";
}

bool was_cancelled(const core::Report& report) {
    return std::ranges::any_of(report.results, [](const core::ScanResult& row) {
        return row.outcome == core::Outcome::skipped && row.reason == core::Reason::cancelled;
    });
}

}   // namespace

std::int64_t unix_ms() {
    return std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

Desk::Desk(Parts parts) : parts_(parts), rates_(parts.settings.rates), retry_(parts.io) {}

void Desk::count_cases() {
    const util::Lock lock(mutex_);
    open_cases_ = cases_.size();
    if (open_cases_ == 0) emptied_.notify_all();
}

bool Desk::wait_until_empty(steady_clock::time_point until) {
    util::Lock lock(mutex_);
    return emptied_.wait_until(lock, until, [this]() ME_REQUIRES(mutex_) { return open_cases_ == 0; });
}

void Desk::enter(Case& one, Case::Stage stage) {
    one.stage = stage;
    one.begun = steady_clock::now();
}

Desk::Held Desk::begin(Engine& engine, bounty::Bounty bounty, const std::string& delivery) {
    const auto held = std::make_shared<Case>(parts_.io, engine, std::move(bounty));
    Case& one = *held;
    one.key = bounty::key_of(one.bounty);
    one.name = util::hex(one.key).substr(0, 12);
    one.delivery = delivery;
    const Timing timing =
        timing_of(milliseconds(one.bounty.expiration_ms - unix_ms()), parts_.settings.post_reserve);
    one.deadline = core::Deadline::after(std::max(timing.left, milliseconds(0)));
    one.scan_deadline = core::Deadline::after(timing.until_fixed);
    cases_.emplace(one.key, held);
    count_cases();
    util::count("polyswarm_bounties_total", {{"engine", engine.settings.name},
                                             {"artifact_type", to_text(one.bounty.kind)},
                                             {"phase", to_text(one.bounty.phase)}});
    for (const std::string& warning : one.bounty.warnings)
        util::log(util::Level::warning, "bounty_odd", {{"bounty", one.name}, {"what", warning}});
    return held;
}

void Desk::open(Engine& engine, bounty::Bounty bounty, const std::string& delivery) {
    if (leaving_) return;
    const Held held = begin(engine, std::move(bounty), delivery);
    Case& one = *held;
    util::log(util::Level::info, "bounty_accepted",
              {{"bounty", one.name},
               {"engine", engine.settings.name},
               {"id", util::printable(util::cut(one.bounty.id, 64))},
               {"delivery", one.delivery},
               {"phase", std::string(to_text(one.bounty.phase))},
               {"type", util::printable(util::cut(one.bounty.artifact_type, 32))},
               {"uri", bounty::redacted(one.bounty.artifact_uri)},
               {"left_ms", std::to_string(one.deadline.left() / milliseconds(1))}});
    if (auto refusal = refusal_of(one)) return fix(held, *std::move(refusal));
    watch(held);
    waiting_.emplace(one.scan_deadline.ns(), one.key);
    pump();
}

void Desk::resume(Engine& engine, bounty::Bounty bounty, JournalRow row) {
    util::count("polyswarm_resumed_total");
    if (row.state == State::accepted) return open(engine, std::move(bounty), row.delivery);
    const Held held = begin(engine, std::move(bounty), row.delivery);
    held->reply = std::move(row.reply);
    held->verdict = std::move(row.verdict);
    held->attempts = row.attempts;
    post(held);
}

/// What is decided without the artifact.
std::optional<Opinion> Desk::refusal_of(Case& one) {
    const auto skipped = [&](std::string_view reason, std::string_view comment, std::string note) {
        util::count("polyswarm_skipped_total", {{"reason", reason}});
        return abstain(one, comment, std::move(note));
    };
    if (one.engine.standing == Engine::Standing::retired)
        return skipped("filter", bounty::kSkipped, "its engine is no longer configured");
    if (one.deadline.passed())
        return skipped("expired", bounty::kSkipped, "it had expired before it arrived");
    if (one.bounty.kind == ArtifactKind::other)
        return skipped("type", bounty::kTypeUnsupported, "no backend takes artifacts of its type");
    if (one.bounty.phase == bounty::Phase::vote && !one.engine.settings.votes)
        return skipped("filter", bounty::kSkipped, "this engine does not vote");
    const bounty::Filtered filtered = parts_.filters.judge(one.bounty);
    one.leaning = filtered.leaning;
    if (!filtered.accepted) return skipped("filter", bounty::kSkipped, "a filter keeps it out");
    one.taken = rates_.take(unix_ms());
    if (!one.taken) return skipped("rate", bounty::kSkipped, "over a rate limit");
    return std::nullopt;
}

/// The engine itself ends scans at their deadline and says what it has by then; this is for when even that
/// does not come.
void Desk::watch(const Held& held) {
    held->timer.expires_at(util::time_of(held->scan_deadline.ns()) +
                           grace_of(held->deadline.left() - held->scan_deadline.left()));
    held->timer.async_wait([this, held](const boost::system::error_code& cancelled) {
        if (cancelled || held->stage >= Case::Stage::fixing) return;
        util::count("polyswarm_late_total");
        const std::string where(to_text(held->stage));
        util::log(util::Level::warning, "bounty_late", {{"bounty", held->name}, {"still", where}});
        fix(held, abstain(*held, bounty::kSkipped, "no answer in time: still " + where));
    });
}

void Desk::pump() {
    const auto first_of = [this](Line& line) {
        const Held held = cases_.at(line.begin()->second);
        line.erase(line.begin());
        return held;
    };
    while (!waiting_.empty() && fetching_ + fetched_.size() < parts_.settings.fetch.max_fetches)
        start_fetch(first_of(waiting_));
    // A few more than can run, so that no slot waits for us.
    const std::size_t most = 2 * std::max<std::size_t>(parts_.service.load().slots, 1);
    while (!fetched_.empty() && scanning_ < most && !retrying_) start_scan(first_of(fetched_));
}

void Desk::start_scan(const Held& held) {
    Case& one = *held;
    engine::Job job{.name = bounty::redacted(one.bounty.artifact_uri),
                    .frontend = "polyswarm",
                    .request = one.name,
                    .load = std::move(one.load),
                    .timeout = {},
                    .deadline = one.scan_deadline,
                    .backends = one.engine.backends,
                    .urgency = engine::Urgency::interactive,
                    .promised = true,
                    .client = kClient,
                    .done = back(&Desk::on_report, held)};
    enter(one, Case::Stage::scanning);
    switch (parts_.service.offer(std::move(job))) {
        case engine::Offer::accepted:
            ++scanning_;
            return;
        case engine::Offer::full:
        case engine::Offer::closed:
            break;
    }
    one.load = std::move(job.load);   // NOLINT(bugprone-use-after-move): not accepted, so it is untouched
    enter(one, Case::Stage::fetched);
    fetched_.emplace(one.scan_deadline.ns(), one.key);
    retry_soon();
}

/// Others fill the queue.
void Desk::retry_soon() {
    retrying_ = true;
    retry_.expires_after(kQueueFull);
    retry_.async_wait([this](const boost::system::error_code& cancelled) {
        if (cancelled) return;
        retrying_ = false;
        pump();
    });
}

void Desk::on_report(const Held& held, const core::Report& report) {
    --scanning_;
    util::observe("polyswarm_scan_seconds", {}, seconds_in_stage(*held));
    // Cut short because we end: what is kept for the next start is scanned by it, and still owed.
    const bool kept = parts_.settings.on_stop == bounty::OnStop::keep && was_cancelled(report);
    if (held->stage == Case::Stage::scanning && !kept)
        fix(held, opinion_of(report, parts_.settings.report_backends));
    pump();
}

Opinion Desk::abstain(const Case& one, std::string_view comment, std::string note) const {
    const auto generation = parts_.service.generation();
    return abstention(comment, std::move(note),
                      {.generation = generation.get(), .names = one.engine.backends.get()});
}

std::vector<Desk::Held> Desk::undecided() const {
    std::vector<Held> all;
    for (const auto& [key, held] : cases_)
        if (held->stage < Case::Stage::fixing) all.push_back(held);
    return all;
}

void Desk::give_up() {
    for (const Held& held : undecided())
        fix(held, abstain(*held, bounty::kSkipped,
                          "the engine was stopped: still " + std::string(to_text(held->stage))));
}

void Desk::leave() {
    leaving_ = true;
    waiting_.clear();
    fetched_.clear();
    for (const Held& held : undecided()) {   // what still reports on it comes too late
        held->timer.cancel();
        held->load = {};
        enter(*held, Case::Stage::done);
    }
}

}   // namespace microengine::polyswarm
