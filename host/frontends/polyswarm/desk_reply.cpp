// SPDX-License-Identifier: MIT
// From what we think to a reply that has arrived.

#include "host/frontends/polyswarm/desk.hpp"
#include "host/frontends/polyswarm/post_plan.hpp"
#include "host/util/clock.hpp"
#include "host/util/log.hpp"
#include "host/util/metrics.hpp"
#include "host/util/text.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace microengine::polyswarm {

namespace asio = boost::asio;
using core::Verdict;
using std::chrono::milliseconds;

namespace {

milliseconds left_of(const core::Deadline& deadline) {
    return std::chrono::duration_cast<milliseconds>(deadline.left());
}

std::string_view class_of(const fetch::PostAnswer& answer) {
    if (answer.failure != fetch::Failure::none) return "network";
    if (answer.status < 300) return "2xx";
    if (answer.status < 400) return "3xx";
    return answer.status < 500 ? "4xx" : "5xx";
}

/// What the answer says, unless it repeats a piece of the URL's query, which authorises replies: some servers
/// quote what they were asked for.
std::string said_in(std::string_view head, std::string_view url) {
    constexpr std::size_t piece = 6;   // as short as a nonce could be
    const std::string_view query = url.substr(std::min(url.find('?'), url.size() - 1) + 1);
    for (std::size_t at = 0; at + piece <= query.size(); ++at)
        if (head.contains(query.substr(at, piece))) return "";
    return head.empty() ? "" : " " + util::printable(util::cut(head, 512));
}

/// For metrics only: no bid is made of it.
double nct_of(bounty::Wei amount) {
    return static_cast<double>(amount.value) / static_cast<double>(bounty::kOneNct.value);
}

/// After a bid: tells once when four fifths of a budget are spent.
void tell_purse(Engine& engine, bounty::Wei bid, std::int64_t now_ms) {
    for (const Purse::Left& one : engine.purse.left(now_ms)) {
        util::gauge("polyswarm_budget_left_nct", {{"engine", engine.settings.name}, {"window", one.window}},
                    nct_of(one.left));
        const bounty::Uint128 fifth = one.budget.value / 5;
        if (one.left.value < fifth && one.left.value + bid.value >= fifth)
            util::log(util::Level::warning, "budget_low",
                      {{"engine", engine.settings.name},
                       {"window", std::string(one.window)},
                       {"left", to_nct(one.left)},
                       {"budget", to_nct(one.budget)}});
    }
}

}   // namespace

/// The bid of a verdict that has one; where none can be made the verdict becomes unknown.
void Desk::decide_bid(Case& one, Opinion& opinion) {
    bounty::Reply& reply = opinion.reply;
    if (reply.phase == bounty::Phase::vote) return;
    if (reply.verdict != Verdict::benign && reply.verdict != Verdict::malicious) return;
    if (reply.confidence) reply.confidence = bounty::leaned(*reply.confidence, one.leaning);
    const auto withdraw = [&](util::Level level, std::string note) {
        util::count("polyswarm_skipped_total", {{"reason", "budget"}});
        util::log(level, "no_bid", {{"bounty", one.name}, {"why", note}});
        opinion.note = std::move(note) + " (it was " + std::string(to_text(reply.verdict)) + ")";
        reply.verdict = Verdict::unknown;
        reply.malware_family.clear();
        reply.heuristic = false;
        reply.comments.insert(reply.comments.begin(), std::string(bounty::kSkipped));
    };
    const auto wish = bounty::bid_of(one.engine.settings.bid, one.bounty.rules, reply.confidence);
    if (!wish) return withdraw(util::Level::error, "the bounty's rules allow no bid");
    const std::int64_t now = unix_ms();
    const auto bid = one.engine.purse.afford(*wish, one.bounty.rules, now);
    if (!bid) return withdraw(util::Level::info, "not even the least bid fits the budget");
    reply.bid = *bid;
    one.engine.purse.spent(now, *bid);
    util::count("polyswarm_bid_nct_total", {{"engine", one.engine.settings.name}}, nct_of(*bid));
    tell_purse(one.engine, *bid, now);
}

void Desk::fix(const Held& held, Opinion opinion) {
    Case& one = *held;
    one.timer.cancel();
    waiting_.erase({one.scan_deadline.ns(), one.key});
    fetched_.erase({one.scan_deadline.ns(), one.key});
    enter(one, Case::Stage::fixing);
    one.load = {};   // gives the room of the artifact back
    opinion.reply.phase = one.bounty.phase;
    decide_bid(one, opinion);
    one.reply = bounty::write_reply(opinion.reply);
    if (const auto fault = bounty::find_fault(one.reply, one.bounty.phase, one.bounty.rules)) {
        util::log(util::Level::error, "reply_void", {{"bounty", one.name}, {"why", *fault}});
        bounty::Reply bare;   // a mistake in the metadata must not cost the answer
        bare.phase = opinion.reply.phase;
        bare.verdict = opinion.reply.verdict;
        bare.bid = opinion.reply.bid;
        one.reply = bounty::write_reply(bare);
    }
    one.verdict = to_text(opinion.reply.verdict);
    unknown_[replies_++ % unknown_.size()] = opinion.reply.verdict == Verdict::unknown;
    util::gauge(
        "polyswarm_unknown_ratio", {},
        static_cast<double>(unknown_.count()) / static_cast<double>(std::min(replies_, unknown_.size())));
    util::log(util::Level::info, "bounty_fixed",
              {{"bounty", one.name},
               {"engine", one.engine.settings.name},
               {"verdict", one.verdict},
               {"bid", to_text(opinion.reply.bid)},
               {"why", util::printable(util::cut(opinion.note, 300))}});
    parts_.journal.fix({.key = one.key,
                        .at_ms = unix_ms(),
                        .reply = one.reply,
                        .verdict = one.verdict,
                        .note = std::string(util::cut(opinion.note, 300)),
                        .bid = opinion.reply.bid,
                        .taken = one.taken},
                       // Not written is no reason to be silent: it is posted of memory, and new bounties
                       // are turned away until the journal can be written again.
                       back(&Desk::on_fixed, held));
    watch_journal(held);
}

/// Nor is a disk that hangs: half of the time that is left is for it.
void Desk::watch_journal(const Held& held) {
    constexpr std::chrono::nanoseconds least = milliseconds(250);
    held->timer.expires_after(std::max(held->deadline.left() / 2, least));
    held->timer.async_wait([this, held](const boost::system::error_code& cancelled) {
        if (cancelled || held->stage != Case::Stage::fixing) return;
        util::log(util::Level::error, "journal_slow", {{"bounty", held->name}});
        post(held);
    });
}

void Desk::on_fixed(const Held& held, bool /*written*/) {
    if (held->stage != Case::Stage::fixing) return;   // it has been posted of memory
    held->timer.cancel();
    post(held);
}

void Desk::post(const Held& held) {
    Case& one = *held;
    enter(one, Case::Stage::posting);
    ++one.attempts;
    auto until = core::Deadline::after(parts_.settings.post_timeout);
    // The last one may come too late, but it is made.
    if (!one.deadline.passed()) until = until.earlier(one.deadline);
    parts_.posts.post({.url = one.bounty.response_url, .body = one.reply, .deadline = until},
                      back(&Desk::on_posted, held));
}

void Desk::on_posted(const Held& held, const fetch::PostAnswer& answer) {
    Case& one = *held;
    if (answer.failure == fetch::Failure::cancelled) return;   // we end: the next start posts it again
    one.last_status = answer.status;
    util::count("polyswarm_reply_attempts_total", {{"class", class_of(answer)}});
    const double jitter = std::uniform_real_distribution<double>(-1, 1)(random_);
    // An attempt that the deadline has cut short was not the last one.
    const milliseconds left = one.deadline.passed() && one.begun < util::time_of(one.deadline.ns())
                                  ? milliseconds(1)
                                  : left_of(one.deadline);
    const PostPlan plan = plan_after(one.attempts, answer, left, jitter);
    if (plan.after == After::delivered) return close(held, State::delivered);
    const std::string why =
        answer.failure == fetch::Failure::none
            ? "status " + std::to_string(answer.status) + said_in(answer.head, one.bounty.response_url)
            : answer.why;
    util::log(plan.after == After::again ? util::Level::info : util::Level::warning, "reply_not_taken",
              {{"bounty", one.name},
               {"to", bounty::redacted(one.bounty.response_url)},
               {"attempt", std::to_string(one.attempts)},
               {"why", why}});
    if (plan.after == After::refused) return close(held, State::refused);
    if (plan.after == After::given_up) return close(held, State::expired);
    one.timer.expires_after(plan.wait);
    one.timer.async_wait([this, held](const boost::system::error_code& cancelled) {
        if (!cancelled) post(held);
    });
}

void Desk::close(const Held& held, State state) {
    Case& one = *held;
    enter(one, Case::Stage::done);
    const std::chrono::duration<double> lead =
        util::time_of(one.deadline.ns()) - std::chrono::steady_clock::now();
    if (state == State::delivered) util::observe("polyswarm_reply_lead_seconds", {}, lead.count());
    util::count("polyswarm_replies_total",
                {{"kind", to_text(one.bounty.phase)}, {"verdict", one.verdict}, {"result", to_text(state)}});
    util::log(util::Level::info, "bounty_closed",
              {{"bounty", one.name},
               {"result", std::string(to_text(state))},
               {"attempts", std::to_string(one.attempts)},
               {"lead_ms", std::to_string(static_cast<long long>(lead.count() * 1000))}});
    parts_.journal.close({.key = one.key,
                          .state = state,
                          .at_ms = unix_ms(),
                          .attempts = one.attempts,
                          .last_status = one.last_status},
                         [this, held](bool /*written*/) {
                             asio::post(parts_.io, [this, held] {
                                 cases_.erase(held->key);
                                 count_cases();
                             });
                         });
}

}   // namespace microengine::polyswarm
