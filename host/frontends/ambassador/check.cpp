// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/check.hpp"

#include "host/util/text.hpp"

#include <array>
#include <utility>

namespace microengine::ambassador {

namespace {

constexpr std::size_t kThreads = 8;

// The fixes speak to who writes an engine: they name what most often is the reason.
constexpr std::array kChecks{
    Check{"A1", "GET and HEAD without a signature are 200", answers_unsigned,
          "answer GET and HEAD on the webhook's path with 200 and {\"status\":\"OK\"}, HEAD without a body"},
    Check{"A2", "a signed ping is answered within a second", answers_ping,
          "401: the engine has another secret; 404: the path is another; else answer event 'ping' with 200, "
          "also without "
          "body and Content-Type"},
    Check{"A3", "only what is signed with the secret is taken", checks_signatures,
          "compare HMAC-SHA256 over the raw body with 64 lower-case digits: 400 without the header, 401 for "
          "anything else, never 5xx"},
    Check{"A4", "202 comes before the work", accepts_before_work,
          "answer 202 once the bounty is stored, and fetch the artifact after that"},
    Check{"A5", "bad requests get the right status", refuses_bad_requests,
          "404 for other paths, 405 with Allow, 413, 415, and 400 for what is no usable bounty"},
    Check{
        "A6", "every spelling of a bounty is taken", reads_every_spelling,
        "read tolerantly: ids of any size, every ISO 8601 spelling, rules as floats or missing, fields that "
        "are new"},
    Check{"A7", "EICAR is malicious", finds_eicar,
          "no reply: may the engine connect to the ambassador (allow_hosts)? Else look whether the artifact "
          "reaches the "
          "backends whole, and one that knows EICAR is ready"},
    Check{"A8", "a benign text is benign", clears_benign,
          "no reply: may the engine connect to the ambassador (allow_hosts)? Else look which backend accuses "
          "a harmless "
          "text, or whether all of them abstain"},
    Check{"A9", "an empty artifact is benign or unknown", takes_empty,
          "an empty body is a valid artifact: answer benign or unknown"},
    Check{"A10", "an unknown artifact type is skipped", skips_unknown_type,
          "accept other types, and answer unknown, bid 0, SKIPPED:TYPE-UNSUPPORTED, without a download"},
    Check{"A11", "what cannot be fetched is unknown, in time", survives_bad_downloads,
          "limit time, size and redirects of downloads, compare sha256, and answer unknown with "
          "SKIPPED:CANNOT-FETCH"},
    Check{"A12", "private addresses and files stay out of reach", stays_outside,
          "judge each address before connecting, of redirects and response_url too; allow-list only the "
          "market's host:port"},
    Check{"A13", "the same delivery again is one reply", answers_once,
          "remember id and response_url before answering 202; a repetition gets 202 and nothing else"},
    Check{"A14", "a flood is met with 202 and 503 only", takes_a_flood,
          "count what is open, answer 503 above max_pending, and store nothing of what gets it", true},
    Check{"A15", "a slow artifact or backend is unknown before the deadline", is_never_late,
          "answer unknown while there is still time to post; no backend and no download may delay that"},
    Check{"A16", "expired on arrival: one unknown, at once", answers_expired,
          "accept it all the same, and answer unknown at once: the clock that is wrong may be yours"},
    Check{
        "A17", "a reply is delivered in spite of 5xx, 429 and cut connections", delivers_at_last,
        "post the same bytes again after 408, 425, 429, 5xx and broken connections, and honour Retry-After"},
    Check{"A18", "a refused reply is not repeated", takes_no_for_an_answer,
          "after 4xx other than 408, 425 and 429, or a redirect, do not post again"},
    Check{"A19", "kill -9 costs no reply", survives_a_kill,
          "store a bounty before 202, and a reply before posting it; at the start take up what is open",
          true},
    Check{"A20", "SIGTERM leaves nothing open", ends_well,
          "refuse new bounties, finish what fits in drain_timeout_ms, answer the rest unknown, exit with 0",
          true},
    Check{"A21", "both secrets are taken while one is changed", rotates_secrets,
          "compare with the current and the previous secret, and with no third", true},
    Check{"A22", "without a secret it does not start", needs_a_secret,
          "exit with 78 when the secret is missing, unreadable or empty", true},
    Check{"A23", "the same artifact gets the same verdict", repeats_itself,
          "a cached verdict must be the one that a scan gave"},
    Check{"A24", "arbitration is answered with votes", votes,
          "phase 'arbitration' or 'vote' in any case, or a response_url that ends in votes: no bid"},
    Check{"A25", "budget, filters and rates hold, bounty by bounty", keeps_to_limits,
          "over a limit: unknown, bid 0, SKIPPED; near the end of a budget: the least bid", true},
    Check{"A26", "backends that crash, hang and throw cost their own votes", stands_bad_backends,
          "isolate backends, and let the others' verdict count", true},
    Check{"A27", "when all backends abstain it is unknown", stands_silence,
          "combine nothing to unknown: no division by zero, no benign by default", true},
    Check{"A28", "no secret, nonce or digest is in the log", keeps_secrets,
          "log URLs without their query, and neither secrets nor signatures, at no level", true},
    Check{"A29", "the books balance", keeps_books,
          "each accepted bounty must be counted as delivered, refused, expired or pending"},
};

}   // namespace

std::string_view to_text(Status status) {
    constexpr std::array<std::string_view, 3> names{"PASS", "FAIL", "SKIP"};
    return names.at(static_cast<std::size_t>(status));
}

Outcome passed(std::string_view seen) { return {.status = Status::pass, .seen = util::printable(seen)}; }
Outcome failed(std::string_view seen) { return {.status = Status::fail, .seen = util::printable(seen)}; }
Outcome skipped(std::string_view why) { return {.status = Status::skip, .seen = util::printable(why)}; }
Outcome from(const Fault& fault, std::string_view otherwise) {
    return fault ? failed(*fault) : passed(otherwise);
}

std::span<const Check> all_checks() { return kChecks; }

std::vector<bounty::Phase> Scene::wanted_phases() const {
    if (phases == Phases::assertion) return {bounty::Phase::assertion};
    if (phases == Phases::arbitration) return {bounty::Phase::vote};
    return {bounty::Phase::assertion, bounty::Phase::vote};
}

Desk& Scene::desk_for(const Spawner::Engine& started) {
    others.push_back(desk.beside(started.target, started.secret));
    others.back().set_check(check);
    return others.back();
}

Outcome judged(Desk& desk, std::vector<Plan> plans) {
    std::vector<Posted*> all;
    all.reserve(plans.size());
    for (Plan& plan : plans) all.push_back(&desk.prepare(std::move(plan)));
    desk.post_all(all, kThreads);
    if (const Fault fault = desk.await(all)) return failed(*fault);
    const std::string first = summary(desk.evidence(*all.front()));
    return passed(all.size() == 1 ? first : std::to_string(all.size()) + " as wanted; " + first);
}

}   // namespace microengine::ambassador
