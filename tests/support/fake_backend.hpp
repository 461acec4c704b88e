// SPDX-License-Identifier: MIT
#pragma once
// Backends written in a test: each does what its function says.

#include "host/engine/generation.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace microengine::engine {

using core::Outcome;
using core::Reason;
using core::Verdict;

using Behaviour = std::function<void(const plugin::ScanRequest&, core::ScanResult&)>;

class FakeScanner final : public plugin::Scanner {
public:
    explicit FakeScanner(Behaviour behaviour) : behaviour_(std::move(behaviour)) {}
    void scan(const plugin::ScanRequest& request, core::ScanResult& out) override {
        behaviour_(request, out);
    }
    void cancel() noexcept override {}

private:
    Behaviour behaviour_;
};

class FakeBackend final : public plugin::Backend {
public:
    FakeBackend(core::BackendPolicy policy, Behaviour behaviour, bool parallel)
        : behaviour_(std::move(behaviour)), parallel_(parallel) {
        auto facts = std::make_shared<core::BackendFacts>();
        facts->policy = std::move(policy);
        facts->plugin_version = "1.0";
        facts_ = facts;
    }
    const std::shared_ptr<const core::BackendFacts>& facts() const override { return facts_; }
    bool takes(core::ArtifactType type) const override { return type == core::ArtifactType::file; }
    bool parallel() const override { return parallel_; }
    plugin::Health health() const override { return {}; }
    bool isolated() const override { return false; }
    util::Result<std::unique_ptr<plugin::Scanner>> open_scanner() override {
        return std::make_unique<FakeScanner>(behaviour_);
    }

private:
    Behaviour behaviour_;
    bool parallel_;
    std::shared_ptr<const core::BackendFacts> facts_;
};

inline Behaviour says(Verdict verdict) {
    return [verdict](const plugin::ScanRequest&, core::ScanResult& out) {
        out.outcome = Outcome::completed;
        out.verdict = verdict;
    };
}
/// Until it is cancelled or out of time.
inline void wait_for_stop(const plugin::ScanRequest& request, core::ScanResult& out) {
    while (*request.cancel == Reason::none && !request.deadline.passed() &&
           !request.backend_deadline.passed())
        std::this_thread::yield();
    const Reason why = *request.cancel;
    out.outcome = why == Reason::none ? Outcome::timed_out : Outcome::skipped;
    out.reason = why == Reason::none ? Reason::deadline : why;
}

inline std::shared_ptr<Generation> generation(std::vector<Behaviour> behaviours, bool early = false,
                                              bool parallel = true) {
    auto made = std::make_shared<Generation>();
    made->combiner.early_decision = early;
    for (std::size_t i = 0; i < behaviours.size(); ++i) {
        OpenBackend open;
        core::BackendPolicy policy;
        policy.name = std::string(1, static_cast<char>('a' + i));
        open.backend = std::make_shared<FakeBackend>(policy, behaviours[i], parallel);
        if (!parallel) open.one_at_a_time = std::make_shared<std::timed_mutex>();
        made->backends.push_back(std::move(open));
    }
    return made;
}

inline core::ArtifactLoader bytes_loader(std::string name, std::size_t size = 4) {
    return [name, size](core::ArtifactBuffer& buffer) -> std::expected<core::Artifact, core::LoadFailure> {
        core::Artifact artifact;
        artifact.facts.name = name;
        artifact.facts.size = size;
        artifact.facts.sha256 = util::Sha256{};
        artifact.bytes = buffer.prepare(size);
        return artifact;
    };
}

}   // namespace microengine::engine
