// SPDX-License-Identifier: MIT
// The fakes behind the server's tests, and that they do what they say.
#include "http_support.hpp"
#include "tests/support/fake_backend.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace microengine::http {

namespace {

class OneAnswer final : public core::VerdictCache {
public:
    explicit OneAnswer(util::Sha256 artifact) : artifact_(artifact) {}
    std::optional<core::ScanResult> find(const core::CacheKey& key) override {
        if (key.artifact != artifact_) return std::nullopt;
        core::ScanResult result;
        result.outcome = core::Outcome::completed;
        result.verdict = core::Verdict::malicious;
        result.cached = true;
        return result;
    }
    void keep(const core::CacheKey& /*key*/, const core::ScanResult& /*result*/) override {}

private:
    util::Sha256 artifact_;
};

}   // namespace

std::shared_ptr<const engine::Generation> remembering(std::string_view sha256) {
    auto made = engine::generation({engine::says(core::Verdict::benign)});
    made->cache = std::make_shared<OneAnswer>(*util::parse_sha256(sha256));
    made->backends.front().cache_key = util::Sha256{};
    return made;
}

namespace {

TEST(FakeServiceTest, JudgesByTheBytes_AndAnswersEveryJob) {
    FakeService service;
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<core::Verdict> verdicts;
    for (const std::string_view text : {"fine", "evil", "odd"}) {
        engine::Job job;
        job.load = [text](core::ArtifactBuffer& buffer) -> std::expected<core::Artifact, core::LoadFailure> {
            core::Artifact artifact;
            const auto room = buffer.prepare(text.size());
            std::ranges::copy(text, room.begin());
            artifact.bytes = room;
            return artifact;
        };
        job.done = [&](const core::Report& report) {
            const std::scoped_lock lock(mutex);
            verdicts.push_back(report.combined.verdict);
            changed.notify_all();
        };
        EXPECT_EQ(service.offer(std::move(job)), engine::Offer::accepted);
    }
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, kPatience, [&] { return verdicts.size() == 3; }));
    using core::Verdict;
    EXPECT_EQ(verdicts, (std::vector{Verdict::benign, Verdict::malicious, Verdict::unknown}));
}

}   // namespace
}   // namespace microengine::http
