// SPDX-License-Identifier: MIT
#include "host/combine/cast.hpp"

#include "host/combine/combine.hpp"
#include "host/combine/naming.hpp"
#include "host/combine/vote.hpp"
#include "host/combine/words.hpp"
#include "host/util/text.hpp"

#include <algorithm>

namespace microengine::combine {

namespace {

Player with_reason(const core::ScanResult& result, std::string_view why) {
    const std::string name = util::printable(result.backend->policy.name);
    return {.name = name, .with_detail = name + " (" + std::string(why) + ")", .detail = std::string(why)};
}

Player with_detection(const core::ScanResult& result) {
    const std::string name = util::printable(result.backend->policy.name);
    const core::Detection* detection = leading_detection(result);
    if (detection == nullptr || detection->name.empty())
        return {.name = name, .with_detail = name, .detail = {}};
    const std::string detail = util::printable(detection->name);
    return {.name = name, .with_detail = name + ": " + detail, .detail = detail};
}

void put_observer(Cast& cast, const core::ScanResult& result) {
    if (result.verdict == core::Verdict::malicious)
        cast.observers_malicious.push_back(with_detection(result));
    else if (result.verdict == core::Verdict::suspicious)
        cast.observers_suspicious.push_back(with_detection(result));
}

void put_abstention(Cast& cast, const core::ScanResult& result) {
    cast.abstained.push_back(with_reason(result, "abstained"));
    if (result.outcome == core::Outcome::unsupported) ++cast.unsupported;
    if (result.outcome == core::Outcome::skipped) ++cast.unasked;
}

void put_accuser(Cast& cast, const Vote& vote, const core::ScanResult& result) {
    const Player player = with_detection(result);
    if (vote.required) cast.required.push_back(player);
    if (vote.kind == Vote::Kind::suspicious_open) cast.open.push_back(with_reason(result, why_open(result)));
    if (vote.kind != Vote::Kind::malicious) {
        cast.suspicious.push_back(player);
        return;
    }
    cast.malicious.push_back(player);
    if (vote.required) ++cast.required_malicious;
    if (vote.veto) cast.vetoing.push_back(player);
}

void put_missing(Cast& cast, const core::Combined& combined, const core::ScanResult& result) {
    const Player player = with_reason(result, why_open(result));
    if (not_needed(result, combined)) {
        cast.not_waited_for.push_back(player);
        return;
    }
    if (result.reason == core::Reason::no_artifact) ++cast.no_artifact;
    cast.missing.push_back(player);
    cast.open.push_back(player);
}

}   // namespace

Cast cast_of(const core::Combined& combined, std::span<const core::ScanResult> results) {
    Cast cast;
    for (const core::ScanResult& result : results) {
        const Vote vote = vote_of(result);
        if (vote.kind == Vote::Kind::observes) {
            put_observer(cast, result);
            continue;
        }
        if (vote.kind == Vote::Kind::abstains) {
            put_abstention(cast, result);
            if (vote.required) cast.unmet.push_back(cast.abstained.back());
            continue;
        }
        ++cast.voters;
        if (vote.accuses()) {
            put_accuser(cast, vote, result);
        } else if (vote.kind == Vote::Kind::benign) {
            cast.benign.push_back(with_detection(result));
        } else {
            put_missing(cast, combined, result);
            if (vote.required) cast.unmet.push_back(with_reason(result, why_open(result)));
        }
    }
    return cast;
}

std::string names(const Players& players) {
    std::vector<std::string> texts(players.size());
    std::ranges::transform(players, texts.begin(), &Player::name);
    return list(texts);
}

std::string details(const Players& players) {
    std::vector<std::string> texts(players.size());
    std::ranges::transform(players, texts.begin(), &Player::with_detail);
    return list(texts);
}

}   // namespace microengine::combine
