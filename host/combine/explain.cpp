// SPDX-License-Identifier: MIT
#include "host/combine/explain.hpp"

#include "host/combine/cast.hpp"
#include "host/combine/interval.hpp"
#include "host/combine/story.hpp"
#include "host/combine/words.hpp"
#include "host/util/text.hpp"

namespace microengine::combine {

namespace {

using core::Combined;
using core::UnknownBecause;
using core::Verdict;

std::string all_abstained(const Story& story, std::string_view artifact_type) {
    const Cast& cast = story.cast;
    if (cast.abstained.size() == cast.unasked) return "Unknown: no backend with a vote was asked";
    if (cast.unsupported + cast.unasked < cast.abstained.size()) return "Unknown: no backend had an opinion";
    std::string text = cast.unasked == 0 ? "Unknown: no backend supports this type"
                                         : "Unknown: no backend that was asked supports this type";
    if (!artifact_type.empty()) text += " (" + util::printable(artifact_type) + ")";
    return text;
}

std::string no_votes(const Cast& cast) {
    if (cast.no_artifact > 0 && cast.no_artifact == cast.missing.size())
        return "Unknown: the bytes of the artifact could not be had";
    return "Unknown: no backend gave a whole answer: " + details(cast.missing);
}

std::string required_unmet(const Cast& cast) {
    if (cast.unmet.size() == 1)
        return "Unknown: " + cast.unmet[0].name + " is required, but " + cast.unmet[0].detail +
               nothing_found(cast);
    return "Unknown: " + details(cast.unmet) + " are required" + nothing_found(cast);
}

std::string missing_votes(const Cast& cast) {
    std::string text = "Unknown: ";
    if (cast.accusers() == 0)
        text += names(cast.benign) + " found nothing";
    else if (cast.benign.empty())
        text += named_accusers(cast);
    else
        text += named_accusers(cast) + " and " + names(cast.benign) + " did not";
    return text + ", but " + who_is_open(cast) + " and could have changed the verdict";
}

std::string short_of_quorum(const Story& story) {
    const std::size_t have = story.cast.benign.size();
    const std::uint32_t needed = story.combined.settings.quorum;
    std::string text = "Unknown: ";
    text += have == 0 ? "no backend" : "only " + backends(have);
    text += " found it benign, and " + std::to_string(needed) + (needed == 1 ? " is" : " are") + " needed";
    if (story.cast.accusers() > 0) text += "; " + named_accusers(story.cast);
    return text;
}

std::string unknown(const Story& story, std::string_view artifact_type) {
    switch (story.combined.reason) {
        case UnknownBecause::all_abstained:
            return all_abstained(story, artifact_type);
        case UnknownBecause::no_votes:
            return no_votes(story.cast);
        case UnknownBecause::required:
            return required_unmet(story.cast);
        case UnknownBecause::missing_votes:
            return missing_votes(story.cast);
        case UnknownBecause::quorum:
        case UnknownBecause::none:
            break;
    }
    return short_of_quorum(story);
}

std::string by_list(const Story& story) {
    const Cast& cast = story.cast;
    // NOLINTNEXTLINE(bugprone-unchecked-optional-access): asked only if a list decided
    const core::Override& list = *story.combined.decided_by;
    std::string text =
        list.kind == core::Override::Kind::block_list ? "Malicious: blocked by " : "Benign: allowed by ";
    text += util::printable(list.place);
    if (cast.accusers() > 0)
        return text + "; " + count_of(cast.accusers(), cast.voters) + " found it " +
               std::string(found_what(cast.malicious.size(), cast.suspicious.size()));
    if (!cast.benign.empty()) return text + nothing_found(cast);
    const bool scanned = cast.voters > cast.not_waited_for.size() || !cast.abstained.empty();
    return text + (scanned ? "; no backend gave a whole answer" : "; it was not scanned");
}

std::string by_veto(const Story& story) {
    const Players& vetoing = story.cast.vetoing;
    std::string text = details(vetoing) + " found it malicious and ";
    if (vetoing.size() == 1) {
        text = vetoing[0].name + " found it malicious";
        if (!vetoing[0].detail.empty()) text += " (" + vetoing[0].detail + ")";
        text += " and ";
    }
    text += vetoing.size() == 1 ? "has a veto" : "have a veto";
    const Combined& c = story.combined;
    if (c.without_override == Verdict::malicious) return text;
    return text + "; by \"" + std::string(core::to_text(c.settings.strategy)) + "\" alone it would be " +
           std::string(core::to_text(c.without_override));
}

std::string main_part(const Story& story, std::string_view artifact_type) {
    const auto& decided_by = story.combined.decided_by;
    if (decided_by) return decided_by->kind == core::Override::Kind::veto ? by_veto(story) : by_list(story);
    switch (story.combined.verdict) {
        case Verdict::malicious:
            return malicious_sentence(story);
        case Verdict::suspicious:
            return suspicious_sentence(story);
        case Verdict::benign:
            return benign_sentence(story);
        case Verdict::unknown:
            break;
    }
    return unknown(story, artifact_type);
}

std::string early_part(const Story& story) {
    if (!story.combined.decided_early) return {};
    const Players& others = story.cast.not_waited_for;
    return others.empty() ? "; decided early" : "; decided early, without waiting for " + names(others);
}

/// Observers are heard where they say worse than the verdict.
std::string observers_part(const Story& story) {
    const Verdict verdict = story.combined.verdict;
    const auto part = [](const Players& who, std::string_view what) {
        return std::string("; ") + (who.size() == 1 ? "observer " : "observers ") + names(who) +
               " found it " + std::string(what) + ", which does not count";
    };
    std::string text;
    if (verdict == Verdict::malicious) return text;
    if (!story.cast.observers_malicious.empty()) text += part(story.cast.observers_malicious, "malicious");
    if (verdict == Verdict::suspicious || story.cast.observers_suspicious.empty()) return text;
    return text + part(story.cast.observers_suspicious, "suspicious");
}

}   // namespace

std::string explain(const Combined& combined, std::span<const core::ScanResult> results,
                    std::string_view artifact_type) {
    const Votes votes(results);
    const Story story{.combined = combined,
                      .cast = cast_of(combined, results),
                      .interval = interval_of(combined.settings, votes.all())};
    return main_part(story, artifact_type) + early_part(story) + observers_part(story) + ".";
}

}   // namespace microengine::combine
