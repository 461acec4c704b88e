// SPDX-License-Identifier: MIT
// The sentences of the verdicts that a strategy reached.

#include "host/combine/interval.hpp"
#include "host/combine/story.hpp"
#include "host/combine/strategy.hpp"
#include "host/combine/words.hpp"

namespace microengine::combine {

namespace {

using core::Combined;
using core::Strategy;
using core::Verdict;

Players accusers(const Cast& cast) {
    Players all = cast.malicious;
    all.insert(all.end(), cast.suspicious.begin(), cast.suspicious.end());
    return all;
}

/// "1 of 3 backends found it malicious (clamav: Eicar-Test-Signature)".
std::string counted_accusers(const Players& players, std::size_t voters, std::string_view what) {
    return std::to_string(players.size()) + " of " + backends(voters) + " found it " + std::string(what) +
           " (" + details(players) + ")";
}

std::string could_be_worse(const Story& story) {
    return "; " + who_is_open(story.cast) + " and could have made it malicious";
}

/// The score, or what the open votes leave of it.
std::string score_of(const Story& story, double bar) {
    const Combined& c = story.combined;
    const double low = c.low.value_or(0.0);
    const double high = c.high.value_or(0.0);
    const std::string text = "weighted score ";
    if (story.score_is_fixed()) return text + score_text(low, Round::nearest, bar);
    if (c.verdict == Verdict::benign) return text + "at most " + score_text(high, Round::up, bar);
    if (c.verdict == Verdict::malicious || c.incomplete)
        return text + "at least " + score_text(low, Round::down, bar);
    return text + "from " + score_text(low, Round::down, bar) + " to " + score_text(high, Round::up, bar);
}

bool low_is_a_tie(const Story& story) {
    const Tally& low = story.interval.low;
    return low.malicious > 0 &&
           low.doubled_guilt * core::kCertain == 2 * low.force * story.combined.settings.threshold;
}

std::string suspicious_by_majority(const Story& story) {
    const Cast& cast = story.cast;
    const Tally& low = story.interval.low;
    const bool both = !cast.malicious.empty() && !cast.suspicious.empty();
    const std::string who = counted_accusers(accusers(cast), cast.voters,
                                             found_what(cast.malicious.size(), cast.suspicious.size()));
    if (2 * low.accusers == low.voters) return who + "; a tie counts as suspicious";
    return who + (both ? ", which together is a majority" : ", which is a majority");
}

std::string suspicious_by_weight(const Story& story) {
    const core::CombinerSettings& settings = story.combined.settings;
    const double bar = suspicious_bar(settings);
    const double malicious = malicious_bar(settings);
    const std::string who = named_accusers(story.cast) + ": ";
    if (low_is_a_tie(story) && story.score_is_fixed() && settings.on_tie == Verdict::suspicious)
        return who + score_of(story, malicious) + ", and a tie counts as suspicious";
    std::string text = who + score_of(story, bar) + ", enough for suspicious (" + bar_text(bar) + " or more)";
    if (story.cast.malicious.empty() || story.combined.incomplete) return text;
    const bool tie_is_malicious = settings.on_tie == Verdict::malicious;
    return text + ", not for malicious (" +
           (tie_is_malicious ? bar_text(malicious) + " or more" : "above " + bar_text(malicious)) + ")";
}

/// A required backend that the others would have outvoted.
std::string suspicious_by_required(const Cast& cast) {
    const std::size_t count = cast.required.size();
    return names(cast.required) + " found it " +
           std::string(found_what(cast.required_malicious, count - cast.required_malicious)) + " and " +
           (count == 1 ? "is" : "are") + " required, so it cannot be outvoted" + nothing_found(cast);
}

std::string who_found_nothing(const Cast& cast) {
    const std::size_t count = cast.benign.size();
    if (count < cast.voters) return count_of(count, cast.voters);
    if (count == 1) return cast.benign[0].name;
    // "All 2 backends" beside one that abstained would leave the reader counting.
    if (!cast.abstained.empty()) return backends(count);
    return count == 2 ? "Both backends" : "All " + backends(count);
}

/// Nobody accuses, so only missing votes can ask for the rule.
std::string unanimous(const Story& story) {
    const Cast& cast = story.cast;
    std::string text = who_found_nothing(cast) + " looked at all of it and found nothing";
    const double bar = suspicious_bar(story.combined.settings);
    if (cast.benign.size() < cast.voters) {
        if (story.combined.settings.strategy == Strategy::weighted)
            text += ": " + score_of(story, bar) + ", below " + bar_text(bar);
        else
            text += 2 * cast.benign.size() == cast.voters ? ", and a tie counts as benign"
                                                          : ", which is a majority";
    }
    text += whatever(cast);
    return cast.abstained.empty() ? text : text + "; " + names(cast.abstained) + " abstained";
}

}   // namespace

std::string malicious_sentence(const Story& story) {
    const Cast& cast = story.cast;
    const core::CombinerSettings& settings = story.combined.settings;
    const std::string counted = counted_accusers(cast.malicious, cast.voters, "malicious");
    if (settings.strategy == Strategy::any) return counted + "; with \"any\" one is enough" + whatever(cast);
    if (settings.strategy == Strategy::majority) {
        const bool tie = 2 * story.interval.low.malicious == story.interval.low.voters;
        return counted + (tie ? "; a tie counts as malicious" : ", which is a majority") + whatever(cast);
    }
    const double bar = malicious_bar(settings);
    return names(cast.malicious) + " found it malicious: " + score_of(story, bar) +
           (low_is_a_tie(story) ? ", and a tie counts as malicious" : ", above " + bar_text(bar)) +
           whatever(cast);
}

std::string suspicious_sentence(const Story& story) {
    const Cast& cast = story.cast;
    const core::CombinerSettings& settings = story.combined.settings;
    const std::string rest = story.combined.incomplete ? could_be_worse(story) : whatever(cast);
    if (rule_of(settings.strategy).level(settings, story.interval.low) == Verdict::benign)
        return suspicious_by_required(cast) + rest;
    if (settings.strategy == Strategy::any)
        return counted_accusers(cast.suspicious, cast.voters, "suspicious") + " and none malicious" + rest;
    if (settings.strategy == Strategy::majority) return suspicious_by_majority(story) + rest;
    return suspicious_by_weight(story) + rest;
}

std::string benign_sentence(const Story& story) {
    const Cast& cast = story.cast;
    if (cast.accusers() == 0) return unanimous(story);
    const double bar = suspicious_bar(story.combined.settings);
    std::string text = std::to_string(cast.benign.size()) + " of " + backends(cast.voters) +
                       " found nothing; " + (cast.accusers() == 1 ? "only " : "") + named_accusers(cast);
    if (story.combined.settings.strategy == Strategy::weighted)
        text += ": " + score_of(story, bar) + ", below " + bar_text(bar);
    else
        text += 2 * cast.accusers() == cast.voters ? "; a tie counts as benign" : ", which is not a majority";
    return text + whatever(cast);
}

}   // namespace microengine::combine
