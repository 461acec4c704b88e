// SPDX-License-Identifier: MIT
#include "host/app/serve/absent.hpp"

#include <utility>

namespace microengine::app {

namespace {

class Absent final : public plugin::Backend {
public:
    Absent(AbsentFacts facts, std::string why, plugin::Health health)
        : facts_(std::move(facts)), why_(std::move(why)), health_(std::move(health)) {}

    [[nodiscard]] const std::shared_ptr<const core::BackendFacts>& facts() const override {
        return facts_.backend;
    }
    [[nodiscard]] bool takes(core::ArtifactType type) const override {
        return type == core::ArtifactType::file || facts_.takes_urls;
    }
    [[nodiscard]] bool parallel() const override { return true; }
    [[nodiscard]] util::Result<std::unique_ptr<plugin::Scanner>> open_scanner() override {
        return util::fail(util::Errc::plugin, facts_.backend->policy.name, why_);
    }
    [[nodiscard]] plugin::Health health() const override { return health_; }
    [[nodiscard]] bool isolated() const override { return facts_.isolated; }

private:
    AbsentFacts facts_;
    std::string why_;
    plugin::Health health_;
};

}   // namespace

AbsentFacts absent_facts(const plugin::Backend& former) {
    return {.backend = former.facts(),
            .takes_urls = former.takes(core::ArtifactType::url),
            .isolated = former.isolated()};
}

AbsentFacts absent_facts(const Rung& rung) {
    const plugin::Card& card = rung.plugin->card;
    auto facts = std::make_shared<core::BackendFacts>();
    facts->policy = rung.config->policy;
    facts->plugin_id = card.id;
    facts->plugin_version = card.version;
    return {.backend = std::move(facts),
            .takes_urls = plugin::takes_type(card, core::ArtifactType::url),
            .isolated = rung.config->isolation == config::Isolation::process};
}

std::shared_ptr<plugin::Backend> absent(AbsentFacts facts, std::string why) {
    plugin::Health health;
    health.state = plugin::Health::State::quarantined;
    health.why = why;
    health.isolation = facts.isolated ? "process" : "in_process";
    return std::make_shared<Absent>(std::move(facts), std::move(why), std::move(health));
}

std::shared_ptr<plugin::Backend> elsewhere(AbsentFacts facts) {
    plugin::Health health;
    health.isolation = "worker";
    facts.isolated = false;   // no memory is shared with it
    return std::make_shared<Absent>(std::move(facts), "it scans on the workers of the queue",
                                    std::move(health));
}

}   // namespace microengine::app
