// SPDX-License-Identifier: MIT
#pragma once
// The server before a service that a test plays: it sees each job, and says when and what is answered.

#include "tests/unit/clamd/clamd_fixture.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace microengine::clamd {

/// One voter's answer; the backend's plugin is "org.microengine." and its name.
[[nodiscard]] core::ScanResult row(const std::string& backend, core::Verdict verdict,
                                   const std::vector<std::string>& detections = {});
[[nodiscard]] core::Report report(core::Verdict verdict, std::vector<core::ScanResult> rows = {});
/// Malicious, found by backend "acme" under that name.
[[nodiscard]] core::Report found(const std::string& name);

/// Any thread. What it answers, it answers on a thread of its own, as an engine does.
class ScriptedService final : public engine::ScanService {
public:
    ScriptedService();
    ~ScriptedService() override;

    [[nodiscard]] engine::Offer offer(engine::Job&& job) override;
    [[nodiscard]] std::shared_ptr<const engine::Generation> generation() const override {
        return generation_;
    }
    [[nodiscard]] engine::Load load() const override;

    /// What it says to offers from now on, and of itself.
    void say(engine::Offer offer);
    void set_load(engine::Load load);
    /// Offers do not return until it is called again with false: the server's thread hangs.
    void hang(bool hangs);
    /// Until an offer hangs.
    void await_hanging();

    struct Seen {
        std::string name, frontend, request, bytes, failure;   ///< the last two once it is answered
        std::chrono::nanoseconds timeout{0};
        engine::Urgency urgency = engine::Urgency::interactive;
        std::uint64_t client = 0;
        bool all_matches = true;
        engine::Detail detail = engine::Detail::explanation;
    };
    /// Until so many have been taken on.
    void await(std::size_t jobs);
    [[nodiscard]] std::size_t taken() const;
    [[nodiscard]] Seen seen(std::size_t job) const;
    /// Answers that one, counted from 0, and returns when it has been told.
    void answer(std::size_t job, core::Report report);
    /// Answers all that are left.
    void finish();

private:
    struct Answer {
        std::size_t job = 0;
        core::Report report;
    };
    void work(const std::stop_token& stop);

    std::shared_ptr<const engine::Generation> generation_ = std::make_shared<engine::Generation>();
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    engine::Offer says_ = engine::Offer::accepted;
    engine::Load load_{.slots = 4, .running = 0, .waiting = 0};
    bool hangs_ = false;
    bool hanging_ = false;
    std::vector<Seen> seen_;
    std::map<std::size_t, engine::Job> waiting_;   // not answered yet
    std::vector<Answer> answers_;                  // to be told
    std::jthread thread_;                          // last: it ends before what it uses
};

class ScriptedTest : public ServerTest {
protected:
    ~ScriptedTest() override;
    void start() { start_with(service); }
    /// The server has done all that could be done with what it had got when this was called.
    void settle() const { EXPECT_EQ(ask("nPING\n"), "PONG\n"); }

    ScriptedService service;
};

}   // namespace microengine::clamd
