// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/market.hpp"

#include "host/util/random_id.hpp"
#include "host/util/result.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace microengine::ambassador {

namespace {

constexpr std::size_t kMostStrays = 1000;

std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};   // NOLINT: a view of bytes
}

}   // namespace

Market::Market() : run_(util::random_id()) {}

Market::Number Market::offer(ArtifactScript script) {
    const util::Sha256 digest = util::sha256(bytes_of(script.bytes));
    const bool held = script.manner == ArtifactScript::Manner::held;
    const util::Lock lock(mutex_);
    const Number number = artifacts_.size() + 1;
    artifacts_.emplace(number, Artifact{.script = std::make_shared<const ArtifactScript>(std::move(script)),
                                        .sha256 = digest,
                                        .downloads = {},
                                        .held = held});
    by_target_.emplace(path_of_artifact(number), number);
    return number;
}

std::string Market::path_of_artifact(Number artifact) const {
    return "/" + run_ + "/artifact/" + std::to_string(artifact);
}

std::shared_ptr<const ArtifactScript> Market::script(Number artifact) const {
    const util::Lock lock(mutex_);
    return artifacts_.at(artifact).script;
}

util::Sha256 Market::digest_of(Number artifact) const {
    const util::Lock lock(mutex_);
    return artifacts_.at(artifact).sha256;
}

Market::Number Market::expect(ReplyScript script, std::string_view kind) {
    std::ranges::reverse(script.first);   // the next one is the last
    const util::Lock lock(mutex_);
    const Number number = replies_.size() + 1;
    const auto [place, added] = replies_.emplace(number, ReplyPlace{.script = std::move(script),
                                                                    .kind = std::string(kind),
                                                                    .nonce = util::random_id(),
                                                                    .received = {}});
    by_target_.emplace(target_of(number, place->second), number);
    return number;
}

std::string Market::target_of(Number reply, const ReplyPlace& place) const {
    return "/" + run_ + "/reply/" + std::to_string(reply) + "/" + place.kind + "/?nonce=" + place.nonce;
}

std::string Market::target_of_replies(Number reply) const {
    const util::Lock lock(mutex_);
    return target_of(reply, replies_.at(reply));
}

void Market::release(Number artifact) {
    std::function<void()> tell;
    {
        const util::Lock lock(mutex_);
        artifacts_.at(artifact).held = false;
        tell = released_;
    }
    if (tell) tell();
}

void Market::release_all() {
    std::function<void()> tell;
    {
        const util::Lock lock(mutex_);
        for (auto& [number, artifact] : artifacts_) artifact.held = false;
        tell = released_;
    }
    if (tell) tell();
}

std::vector<Download> Market::downloads(Number artifact) const {
    const util::Lock lock(mutex_);
    return artifacts_.at(artifact).downloads;
}

std::vector<Received> Market::replies(Number reply) const {
    const util::Lock lock(mutex_);
    return replies_.at(reply).received;
}

std::vector<std::string> Market::strays() const {
    const util::Lock lock(mutex_);
    return strays_;
}

std::vector<std::string> Market::nonces() const {
    const util::Lock lock(mutex_);
    std::vector<std::string> all;
    all.reserve(replies_.size());
    for (const auto& [number, place] : replies_) all.push_back(place.nonce);
    return all;
}

bool Market::wait_for_replies(Number reply, std::size_t count, Clock::time_point until) {
    util::Lock lock(mutex_);
    const ReplyPlace& place = replies_.at(reply);   // a map's entries stay where they are
    return changed_.wait_until(lock, until, [&] { return place.received.size() >= count; });
}

bool Market::wait_for_downloads(Number artifact, std::size_t count, Clock::time_point until) {
    util::Lock lock(mutex_);
    const Artifact& place = artifacts_.at(artifact);
    return changed_.wait_until(lock, until, [&] { return place.downloads.size() >= count; });
}

std::optional<Market::Handout> Market::download(std::string_view target, Download seen) {
    const util::Lock lock(mutex_);
    const auto found = by_target_.find(target);
    if (found == by_target_.end() || !target.starts_with("/" + run_ + "/artifact/")) return std::nullopt;
    Artifact& artifact = artifacts_.at(found->second);
    const std::size_t turn = artifact.downloads.size();
    artifact.downloads.push_back(seen);
    changed_.notify_all();
    const ArtifactScript& script = *artifact.script;
    return Handout{.script = artifact.script,
                   .artifact = found->second,
                   .status = turn < script.first.size() ? script.first[turn] : script.then};
}

bool Market::held(Number artifact) const {
    const util::Lock lock(mutex_);
    return artifacts_.at(artifact).held;
}

std::optional<ReplyScript::Step> Market::receive(Received received) {
    const util::Lock lock(mutex_);
    const auto found = by_target_.find(received.target);
    if (found == by_target_.end() || !received.target.starts_with("/" + run_ + "/reply/"))
        return std::nullopt;
    ReplyPlace& place = replies_.at(found->second);
    ReplyScript::Step step;
    if (!place.script.first.empty()) {
        step = std::move(place.script.first.back());
        place.script.first.pop_back();
    }
    received.answered = step.status;
    place.received.push_back(std::move(received));
    changed_.notify_all();
    return step;
}

void Market::stray(std::string what) {
    const util::Lock lock(mutex_);
    if (strays_.size() < kMostStrays) strays_.push_back(std::move(what));
}

void Market::on_release(std::function<void()> tell) {
    const util::Lock lock(mutex_);
    released_ = std::move(tell);
}

}   // namespace microengine::ambassador
