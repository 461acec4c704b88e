// SPDX-License-Identifier: MIT
#include "tests/properties/combine_scene.hpp"

#include <rapidcheck.h>

#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>

namespace microengine::combine::testing {

namespace {

using core::Outcome;
using core::Partial;
using core::Reason;
using core::Verdict;

struct State {
    Outcome outcome;
    Reason reason;
};

core::ScanResult with_state(const core::ScanResult& row, State state) {
    core::ScanResult result;
    result.backend = row.backend;
    result.outcome = state.outcome;
    result.reason = state.reason;
    return result;
}

/// Many small choices from one drawn number: drawing each would take most of the run. Shrinks to the first of
/// every table. Small cases are not better for being dull: rapidcheck's size is not used.
class Dice {
public:
    Dice() : bits_(*rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint64_t>())) {}

    std::uint64_t below(std::uint64_t size) {
        const std::uint64_t face = bits_ % size;
        bits_ /= size;
        return face;
    }
    bool one_in(std::uint64_t n) { return below(n) == n - 1; }
    template <class T, std::size_t N>
    T pick(const T (&table)[N]) {
        return table[below(N)];
    }

private:
    std::uint64_t bits_;
};

constexpr State kErrors[]{
    {Outcome::timed_out, Reason::deadline},   {Outcome::crashed, Reason::signal},
    {Outcome::crashed, Reason::poison},       {Outcome::failed, Reason::plugin_error},
    {Outcome::failed, Reason::bad_result},    {Outcome::skipped, Reason::too_big},
    {Outcome::skipped, Reason::no_artifact},  {Outcome::skipped, Reason::not_ready},
    {Outcome::skipped, Reason::breaker_open}, {Outcome::skipped, Reason::decided},
    {Outcome::completed, Reason::none},   // cut short: partial
};
constexpr State kAbstentions[]{
    {Outcome::completed, Reason::none},
    {Outcome::unsupported, Reason::type},
    {Outcome::skipped, Reason::routed},
    {Outcome::skipped, Reason::deselected},
};
/// Mostly benign, as else hardly any scene is.
constexpr Verdict kOpinions[]{Verdict::benign, Verdict::benign,     Verdict::benign,   Verdict::benign,
                              Verdict::benign, Verdict::suspicious, Verdict::malicious};
constexpr Verdict kTies[]{Verdict::suspicious, Verdict::benign, Verdict::malicious};

std::uint32_t draw_weight(Dice& dice) {
    constexpr std::uint32_t kWeights[]{10'000, 10'000, 10'000, 20'000, 5'000, 30'000, 1, 10'000'000, 0};
    return dice.one_in(6) ? static_cast<std::uint32_t>(dice.below(10'000'001)) : dice.pick(kWeights);
}

core::BasisPoints draw_confidence(Dice& dice) {
    constexpr core::BasisPoints kConfidences[]{10'000, 10'000, 10'000, 5'000, 3'000, 9'999, 1, 0};
    return dice.one_in(4) ? static_cast<core::BasisPoints>(dice.below(core::kCertain + 1))
                          : dice.pick(kConfidences);
}

core::BackendPolicy draw_policy(const std::string& name) {
    Dice dice;
    core::BackendPolicy policy;
    policy.name = name;
    policy.weight = draw_weight(dice);
    policy.required = dice.one_in(12) && policy.weight > 0;
    policy.veto = dice.one_in(12) && policy.weight > 0;
    if (dice.one_in(6)) policy.default_confidence = draw_confidence(dice);
    return policy;
}

/// An answer in full, or what a detection left behind.
core::ScanResult draw_opinion(Dice& dice, const core::ScanResult& row) {
    core::ScanResult result = answers(row, dice.pick(kOpinions));
    result.confidence.reset();
    if (!dice.one_in(3)) result.confidence = draw_confidence(dice);
    if (dice.one_in(4) && result.verdict != Verdict::benign) {
        const auto [outcome, reason] = dice.pick(kErrors);
        result.outcome = outcome;
        result.reason = reason;
        if (outcome == Outcome::completed) result.partial = Partial::too_deep;
    } else if (dice.one_in(5)) {
        result.partial = Partial::encrypted;
        if (result.verdict == Verdict::benign) result.verdict = Verdict::unknown;
    }
    if (dice.one_in(2) && result.verdict != Verdict::benign) {
        core::Detection detection;
        detection.name = row.backend->policy.name + "-name";
        detection.family = row.backend->policy.name + "-family";
        detection.verdict = result.verdict;
        result.detections.push_back(std::move(detection));
    }
    return result;
}

}   // namespace

core::BasisPoints draw_confidence() {
    Dice dice;
    return draw_confidence(dice);
}

core::ScanResult answers(const core::ScanResult& row, Verdict verdict, core::BasisPoints confidence) {
    core::ScanResult result = with_state(row, {Outcome::completed, Reason::none});
    result.verdict = verdict;
    result.confidence = confidence;
    return result;
}

core::ScanResult draw_abstention(const core::ScanResult& row) {
    return with_state(row, Dice().pick(kAbstentions));
}
core::ScanResult draw_error(const core::ScanResult& row) {
    Dice dice;
    core::ScanResult result = with_state(row, dice.pick(kErrors));
    if (result.outcome == Outcome::completed) result.partial = Partial::too_large;
    return result;
}
core::ScanResult not_asked(const core::ScanResult& row) {
    return with_state(row, {Outcome::skipped, Reason::decided});
}

core::ScanResult draw_answer(const core::ScanResult& row) {
    Dice dice;
    switch (dice.below(8)) {
        case 6:
            return with_state(row, dice.pick(kAbstentions));
        case 7:
            return draw_error(row);
        default:
            return draw_opinion(dice, row);
    }
}

core::ScanResult draw_row(const std::string& name) {
    auto facts = std::make_shared<core::BackendFacts>();
    facts->policy = draw_policy(name);
    core::ScanResult row;
    row.backend = std::move(facts);
    return draw_answer(row);
}

core::ScanResult changed(const core::ScanResult& row,
                         const std::function<void(core::BackendPolicy&)>& change) {
    auto facts = std::make_shared<core::BackendFacts>(*row.backend);
    change(facts->policy);
    core::ScanResult result = row;
    result.backend = std::move(facts);
    return result;
}

core::CombinerSettings draw_settings() {
    constexpr core::Strategy kStrategies[]{core::Strategy::any, core::Strategy::majority,
                                           core::Strategy::weighted};
    constexpr core::BasisPoints kThresholds[]{5'000, 5'000, 5'000, 3'333, 6'667, 2'500, 1, 9'999};
    constexpr std::uint32_t kQuorums[]{1, 1, 1, 1, 1, 2, 3, 4};
    Dice dice;
    core::CombinerSettings settings{.strategy = dice.pick(kStrategies), .suspicious_threshold = {}};
    settings.threshold = dice.one_in(4) ? 1 + static_cast<core::BasisPoints>(dice.below(core::kCertain - 1))
                                        : dice.pick(kThresholds);
    if (dice.one_in(3))
        settings.suspicious_threshold = 1 + static_cast<core::BasisPoints>(dice.below(settings.threshold));
    settings.quorum = dice.pick(kQuorums);
    settings.on_tie = dice.pick(kTies);
    return settings;
}

Scene draw_scene(std::size_t most) {
    Scene scene{.settings = draw_settings(), .rows = {}};
    const auto size = *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(1, most + 1));
    for (std::size_t i = 0; i < size; ++i) scene.rows.push_back(draw_row("b" + std::to_string(i + 1)));
    RC_LOG() << show(scene.settings) << '\n' << show(scene.rows);
    return scene;
}

std::vector<std::size_t> draw_order(std::size_t size) {
    std::vector<std::size_t> order(size);
    std::iota(order.begin(), order.end(), std::size_t{0});
    Dice dice;   // 20! orders fit one number
    for (std::size_t i = size; i > 1; --i) std::swap(order[i - 1], order[dice.below(i)]);
    return order;
}

std::string show(const core::CombinerSettings& settings) {
    return std::string(core::to_text(settings.strategy)) + " threshold " +
           std::to_string(settings.threshold) + " suspicious " +
           std::to_string(settings.doubled_suspicious_threshold()) + "/2 quorum " +
           std::to_string(settings.quorum) + " on_tie " + std::string(core::to_text(settings.on_tie));
}

std::string show(const Rows& rows) {
    std::string text;
    for (const core::ScanResult& row : rows) {
        const core::BackendPolicy& policy = row.backend->policy;
        text += policy.name + " " + std::string(core::to_text(row.outcome)) + " " +
                std::string(core::to_text(row.reason)) + " " + std::string(core::to_text(row.verdict)) +
                " c " + std::to_string(row.effective_confidence()) + " w " + std::to_string(policy.weight) +
                (row.partial ? " partial" : "") + (policy.required ? " required" : "") +
                (policy.veto ? " veto" : "") + "\n";
    }
    return text;
}

std::string show(const core::Combined& combined) {
    const auto number = [](const std::optional<double>& value) {
        return value ? std::to_string(*value) : std::string("none");
    };
    std::string text = std::string(core::to_text(combined.verdict)) + " c " +
                       std::to_string(combined.confidence) + (combined.confidence_set ? " set" : "") +
                       " because " + std::string(core::to_text(combined.reason)) +
                       (combined.incomplete ? " incomplete" : "") + " low " +
                       std::string(core::to_text(combined.low_verdict)) + " high " +
                       std::string(core::to_text(combined.high_verdict)) + " score " +
                       number(combined.score) + " [" + number(combined.low) + ", " + number(combined.high) +
                       "] have " + std::to_string(combined.quorum_have) + " name " + combined.name +
                       " family " + combined.family + " missing";
    for (const std::string& name : combined.missing) text += " " + name;
    if (combined.decided_by) text += " by " + combined.decided_by->place;
    return text + " without " + std::string(core::to_text(combined.without_override));
}

}   // namespace microengine::combine::testing
