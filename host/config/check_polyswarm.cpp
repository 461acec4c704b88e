// SPDX-License-Identifier: MIT
// What no single key of the marketplace's tables shows.

#include "host/config/check.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::config {

namespace {

/// Where the rows of [[polyswarm.NAME]] were written, in the order of the config's.
std::vector<const Node*> rows_of(const Node& root, std::string_view name) {
    std::vector<const Node*> rows;
    const Node* market = root.find("polyswarm");
    const Node* list = market == nullptr ? nullptr : market->find(name);
    if (list == nullptr) return rows;
    if (list->kind == Node::Kind::table) rows.push_back(list);
    for (const Node& item : list->items)
        if (list->kind == Node::Kind::list && item.kind == Node::Kind::table) rows.push_back(&item);
    return rows;
}

class Market {
public:
    Market(const Checked& checked, const Node& root, const Reading& reading)
        : checked_(checked),
          config_(checked.config),
          reading_(reading),
          engines_(rows_of(root, "engine")),
          filters_(rows_of(root, "filter")) {}

    void run() const {
        if (!config_.polyswarm.engines.empty() && config_.polyswarm.journal.empty())
            reading_.error(engines_.empty() ? Position{} : engines_.front()->at,
                           "an engine needs a journal, or a crash would lose its bounties",
                           "set polyswarm.journal = \"/var/lib/microengine/polyswarm.db\"");
        unique("name", &bounty::EngineSettings::name);
        unique("path", &bounty::EngineSettings::path);
        for (std::size_t i = 0; i < std::min(engines_.size(), config_.polyswarm.engines.size()); ++i)
            check(config_.polyswarm.engines[i], *engines_[i]);
        for (std::size_t i = 0; i < std::min(filters_.size(), config_.polyswarm.filters.size()); ++i)
            check(config_.polyswarm.filters[i], *filters_[i]);
    }

private:
    [[nodiscard]] const Node* accepted(const Node& row, std::string_view name) const {
        const Node* key = row.find(name);
        return key == nullptr || checked_.refused.contains(key) ? nullptr : key;
    }

    void unique(std::string_view key, std::string bounty::EngineSettings::* member) const {
        std::map<std::string_view, Position> first;
        for (std::size_t i = 0; i < std::min(engines_.size(), config_.polyswarm.engines.size()); ++i) {
            const std::string& value = config_.polyswarm.engines[i].*member;
            const Node* written = engines_[i]->find(key);
            if (value.empty() || (written != nullptr && checked_.refused.contains(written))) continue;
            const Position at = written == nullptr ? engines_[i]->at : written->at;
            const auto [known, fresh] = first.emplace(value, at);
            if (fresh) continue;
            reading_.error(at, "engine " + std::string(key) + " '" + value + "' is taken");
            reading_.report(Severity::note, known->second, "first used here");
        }
    }

    void check(const bounty::EngineSettings& engine, const Node& row) const {
        const Node* names = accepted(row, "backends");
        for (const std::string& name : engine.backends)
            if (std::ranges::none_of(config_.backends, [&](const BackendConfig& backend) {
                    return backend.policy.name == name && backend.enabled;
                }))
                reading_.error(names == nullptr ? row.at : names->at,
                               "there is no enabled backend '" + name + "'");
        const Node* most = accepted(row, "max_multiplier");
        if (most != nullptr && engine.bid.max_multiplier < engine.bid.min_multiplier)
            reading_.error(most->at, "max_multiplier must not be below min_multiplier");
        for (const std::string_view multiplier : {"min_multiplier", "max_multiplier"})
            if (const Node* written = accepted(row, multiplier);
                written != nullptr && engine.bid.kind != bounty::BidKind::custom && !is_one(*written))
                reading_.report(Severity::warning, written->key_at,
                                std::string(multiplier) + " has no effect without bid = \"custom\"");
    }

    /// The default, as show() writes it.
    static bool is_one(const Node& node) {
        return (node.kind == Node::Kind::decimal && node.decimal == 1.0) ||
               (node.kind == Node::Kind::integer && node.integer == 1);
    }

    void check(const bounty::FilterRule& rule, const Node& row) const {
        const Node* value = accepted(row, "value");
        if (value == nullptr || rule.compare != bounty::FilterRule::Compare::regex) return;
        const auto compiled = bounty::Filters::compile({&rule, 1});
        if (compiled) return;
        // Of one it is always the first.
        const std::string_view message = compiled.error().message;
        reading_.error(value->at,
                       std::string(message.substr(std::min(message.find(": "), message.size() - 2) + 2)));
    }

    const Checked& checked_;
    const Config& config_;
    const Reading& reading_;
    std::vector<const Node*> engines_, filters_;
};

}   // namespace

void check_polyswarm(const Checked& checked, const Node& root, const Reading& reading) {
    Market(checked, root, reading).run();
}

}   // namespace microengine::config
