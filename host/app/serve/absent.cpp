// SPDX-License-Identifier: MIT
#include "host/app/serve/absent.hpp"

#include <utility>

namespace microengine::app {

namespace {

class Absent final : public plugin::Backend {
public:
    Absent(AbsentFacts facts, std::string why) : facts_(std::move(facts)), why_(std::move(why)) {}

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
    [[nodiscard]] plugin::Health health() const override {
        plugin::Health health;
        health.state = plugin::Health::State::quarantined;
        health.why = why_;
        health.isolation = facts_.isolated ? "process" : "in_process";
        return health;
    }
    [[nodiscard]] bool isolated() const override { return facts_.isolated; }

private:
    AbsentFacts facts_;
    std::string why_;
};

}   // namespace

AbsentFacts absent_facts(const plugin::Backend& former) {
    return {.backend = former.facts(),
            .takes_urls = former.takes(core::ArtifactType::url),
            .isolated = former.isolated()};
}

std::shared_ptr<plugin::Backend> absent(AbsentFacts facts, std::string why) {
    return std::make_shared<Absent>(std::move(facts), std::move(why));
}

}   // namespace microengine::app
