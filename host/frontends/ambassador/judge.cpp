// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/judge.hpp"

#include "host/bounty/reply.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <array>

namespace microengine::ambassador {

namespace {

constexpr std::size_t kShown = 120;

bool is_good(unsigned status) { return status >= 200 && status < 300; }

/// The one that counts; null: there is none.
const Received* counting(const Evidence& evidence) {
    const auto& all = evidence.replies;
    if (all.empty()) return nullptr;
    const auto good = std::ranges::find_if(all, is_good, &Received::answered);
    return good == all.end() ? &all.front() : &*good;
}

std::string shown(std::string_view text) {
    return "'" + util::printable(util::cut(util::to_utf8(text), kShown)) + "'";
}

std::string joined(const std::vector<std::string>& texts) {
    return texts.empty() ? "none" : shown(util::join_names(texts, 3));
}

}   // namespace

bool is_final(unsigned status) {
    constexpr std::array again{0U, 408U, 425U, 429U};   // 0: cut
    return status < 500 && !std::ranges::any_of(again, [status](unsigned one) { return one == status; });
}

Fault fault_of_refused(const Evidence& evidence) {
    if (evidence.accepted || evidence.replies.empty()) return std::nullopt;
    return "a reply to a bounty that was not accepted";
}

Fault fault_of_number(const Evidence& evidence) {
    const auto& all = evidence.replies;
    if (!evidence.accepted) return std::nullopt;
    if (all.empty()) return "no reply";
    if (!std::ranges::all_of(all, [&](const Received& one) { return one.body == all.front().body; }))
        return "two different replies";
    const auto last = std::ranges::find_if(all, is_final, &Received::answered);
    if (last == all.end() || last + 1 == all.end()) return std::nullopt;
    return std::to_string(all.end() - last - 1) + " more after a reply was answered with " +
           std::to_string(last->answered);
}

Fault fault_of_time(const Evidence& evidence) {
    const Received* reply = counting(evidence);
    if (reply == nullptr || reply->when <= evidence.deadline) return std::nullopt;
    const auto late = std::chrono::duration_cast<milliseconds>(reply->when - evidence.deadline);
    return "the reply came " + std::to_string(late.count()) + " ms after the deadline";
}

Fault fault_of_request(const Evidence& evidence) {
    for (const Received& reply : evidence.replies) {
        if (!reply.content_type.starts_with("application/json"))
            return "the reply's Content-Type is " + shown(reply.content_type) + ", not application/json";
        if (!reply.length_said) return "the reply has no Content-Length";
    }
    return std::nullopt;
}

Fault fault_of_form(const Evidence& evidence) {
    const Received* reply = counting(evidence);
    if (reply == nullptr) return std::nullopt;
    const Fault fault = bounty::find_fault(reply->body, evidence.phase, evidence.rules);
    if (!fault) return std::nullopt;
    return *fault + ": " + shown(reply->body);
}

Fault fault_of_verdict(const Evidence& evidence) {
    const Received* reply = counting(evidence);
    if (reply == nullptr) return std::nullopt;
    const auto facts = bounty::read_reply(reply->body);
    if (!facts) return "the reply cannot be read: " + shown(reply->body);
    const auto& wanted = evidence.truth.verdicts;
    const bool right =
        wanted.empty() || std::ranges::any_of(wanted, [&](core::Verdict v) { return v == facts->verdict; });
    if (!right)
        return std::string(core::to_text(facts->verdict)) + ", but it is " + to_text(evidence.truth) +
               (facts->comments.empty() ? "" : " (comments: " + joined(facts->comments) + ")");
    if (evidence.truth.family && facts->malware_family.empty()) return "malicious without a malware_family";
    return std::nullopt;
}

Fault fault_of_comment(const Evidence& evidence) {
    const Received* reply = counting(evidence);
    if (reply == nullptr || evidence.truth.comment.empty()) return std::nullopt;
    const auto facts = bounty::read_reply(reply->body);
    if (!facts) return std::nullopt;   // told by another rule
    const auto& all = facts->comments;
    if (std::ranges::find(all, evidence.truth.comment) != all.end()) return std::nullopt;
    return "the comment " + evidence.truth.comment + " is missing; there is " + joined(all);
}

Fault fault_of_download(const Evidence& evidence) {
    if (!evidence.downloads.empty() && !evidence.may_download)
        return "the artifact was downloaded, and need not have been";
    return std::nullopt;
}

Fault judge(const Evidence& evidence) {
    constexpr std::array rules{fault_of_refused, fault_of_number,  fault_of_time,    fault_of_request,
                               fault_of_form,    fault_of_verdict, fault_of_comment, fault_of_download};
    for (const auto rule : rules)
        if (Fault fault = rule(evidence)) return fault;
    return std::nullopt;
}

std::string summary(const Evidence& evidence) {
    const Received* reply = counting(evidence);
    if (reply == nullptr) return "no reply";
    const auto facts = bounty::read_reply(reply->body);
    if (!facts) return "a reply that cannot be read";
    std::string text(core::to_text(facts->verdict));
    if (facts->bid) text += ", " + bounty::to_nct(*facts->bid);
    if (!facts->malware_family.empty()) text += ", " + shown(facts->malware_family);
    if (!facts->comments.empty()) text += ", " + util::printable(util::cut(facts->comments.front(), kShown));
    return text;
}

}   // namespace microengine::ambassador
