// SPDX-License-Identifier: MIT
// What operators see: readiness, metrics, and the word to the service manager.
#include "host/app/serve/live_metrics.hpp"
#include "host/app/serve/metrics_registry.hpp"
#include "host/app/serve/notify.hpp"
#include "host/app/serve/observed.hpp"
#include "host/app/serve/readiness.hpp"
#include "tests/support/fake_backend.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace microengine::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

engine::BackendStatus status(const std::string& name, std::int64_t signed_at = 0) {
    auto facts = std::make_shared<core::BackendFacts>();
    facts->policy.name = name;
    facts->signatures = core::SignatureFacts{.version = "1", .date_unix = signed_at, .count = 7};
    return {.facts = std::move(facts), .health = {}};
}

constexpr std::int64_t kNow = 1'700'000'000;

TEST(Readiness, WithAllBackendsWellItIsReady) {
    EXPECT_TRUE(readiness_of({status("yara")}, {.now_unix = kNow}).ready);
}

TEST(Readiness, ABackendThatIsOutForAMomentIsNoReason) {
    auto backend = status("yara");
    backend.health.state = plugin::Health::State::degraded;
    EXPECT_TRUE(readiness_of({backend}, {.now_unix = kNow}).ready);
}

TEST(Readiness, ABackendOutForGoodIsNamedWithItsReason) {
    auto backend = status("yara");
    backend.health.state = plugin::Health::State::quarantined;
    backend.health.why = "it broke out";
    const auto readiness = readiness_of({status("clamav"), backend}, {.now_unix = kNow});
    EXPECT_FALSE(readiness.ready);
    EXPECT_THAT(readiness.reasons, ElementsAre("backend 'yara' is out of service: it broke out"));
}

TEST(Readiness, SignaturesMayBeAsOldAsConfigured) {
    const auto old = status("clamav", kNow - 49 * 3600);
    EXPECT_TRUE(readiness_of({old}, {.now_unix = kNow}).ready) << "any age unless configured";
    EXPECT_TRUE(readiness_of({old}, {.max_signature_age_hours = 49, .now_unix = kNow}).ready);
    EXPECT_THAT(readiness_of({old}, {.max_signature_age_hours = 48, .now_unix = kNow}).reasons,
                ElementsAre(HasSubstr("'clamav' are 49 hours old")));
    EXPECT_TRUE(readiness_of({status("yara", 0)}, {.max_signature_age_hours = 1, .now_unix = kNow}).ready)
        << "of an unknown date nothing is said";
}

TEST(Readiness, WhatEndsIsNotReady) {
    EXPECT_THAT(readiness_of({}, {.ending = true, .now_unix = kNow}).reasons,
                ElementsAre("the service is ending"));
}

class NoMetrics final : public prometheus::Collectable {
public:
    [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override { return {}; }
};

TEST(MetricsRegistry, CountsByLabelsAndSaysWhatItIs) {
    MetricsRegistry registry;
    registry.count("scans_total", {{"frontend", "clamd"}, {"verdict", "benign"}}, 1);
    registry.count("scans_total", {{"frontend", "clamd"}, {"verdict", "benign"}}, 2);
    registry.count("scans_total", {{"frontend", "http"}, {"verdict", "malicious"}}, 1);
    registry.gauge("clamd_connections", {}, 5);
    registry.gauge("clamd_connections", {}, 4);
    registry.observe("scan_seconds", {{"frontend", "clamd"}}, 0.003);
    const std::string text = registry.text(NoMetrics());
    EXPECT_THAT(text, HasSubstr("# HELP microengine_scans_total Artifacts judged"));
    EXPECT_THAT(text, HasSubstr("# TYPE microengine_scans_total counter"));
    EXPECT_THAT(text, HasSubstr(R"(microengine_scans_total{frontend="clamd",verdict="benign"} 3)"));
    EXPECT_THAT(text, HasSubstr(R"(microengine_scans_total{frontend="http",verdict="malicious"} 1)"));
    EXPECT_THAT(text, HasSubstr("microengine_clamd_connections 4"));
    EXPECT_THAT(text, HasSubstr(R"(microengine_scan_seconds_bucket{frontend="clamd",le="0.0025"} 0)"));
    EXPECT_THAT(text, HasSubstr(R"(microengine_scan_seconds_bucket{frontend="clamd",le="0.005"} 1)"));
    EXPECT_THAT(text, Not(HasSubstr("microengine_http_requests_total"))) << "nothing of what never happened";
}

TEST(MetricsRegistry, ALabelCannotForgeAnotherLine) {
    MetricsRegistry registry;
    registry.count("clamd_commands_total", {{"command", "x\"} 1\nevil 2"}}, 1);
    EXPECT_THAT(registry.text(NoMetrics()), Not(HasSubstr("\nevil")));
}

TEST(MetricsRegistry, ManyThreadsCountTogether) {
    MetricsRegistry registry;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&registry] {
                for (int k = 0; k < 1000; ++k)
                    registry.count("backend_scans_total",
                                   {{"backend", "yara"}, {"outcome", std::to_string(k % 10)}}, 1);
            });
    }
    EXPECT_THAT(registry.text(NoMetrics()),
                HasSubstr(R"(microengine_backend_scans_total{backend="yara",outcome="7"} 400)"));
}

/// A service that refuses, or takes one job and keeps it.
class OneJob final : public engine::ScanService {
public:
    engine::Offer offer(engine::Job&& job) override {
        if (answer != engine::Offer::accepted) return answer;
        kept = std::move(job);
        return answer;
    }
    [[nodiscard]] std::shared_ptr<const engine::Generation> generation() const override { return made; }
    [[nodiscard]] engine::Load load() const override { return {.slots = 2, .running = 1, .waiting = 3}; }

    engine::Offer answer = engine::Offer::accepted;
    engine::Job kept;
    std::shared_ptr<engine::Generation> made = engine::generation({engine::says(core::Verdict::benign)});
};

class Heard final : public engine::ReportListener {
public:
    void on_report(const core::Report& report, std::string_view frontend) override {
        heard.push_back(report.artifact.name + " by " + std::string(frontend));
    }
    void on_reload(const engine::ReloadOutcome&) override {}
    std::vector<std::string> heard;
};

TEST(Observed, TellsTheListenerAndThenTheFrontend) {
    OneJob service;
    Observed observed(service);
    Heard listener;
    observed.listen(&listener);
    std::size_t heard_before = 0;
    engine::Job job;
    job.frontend = "http";
    job.done = [&](const core::Report&) { heard_before = listener.heard.size(); };
    ASSERT_EQ(observed.offer(std::move(job)), engine::Offer::accepted);
    core::Report report;
    report.artifact.name = "x";
    service.kept.done(std::move(report));
    EXPECT_THAT(listener.heard, ElementsAre("x by http"));
    EXPECT_EQ(heard_before, 1U);
}

TEST(Observed, ARefusedJobComesBackAsItWas) {
    OneJob service;
    service.answer = engine::Offer::full;
    Observed observed(service);
    Heard listener;
    observed.listen(&listener);
    bool told = false;
    engine::Job job;
    job.done = [&](const core::Report&) { told = true; };
    ASSERT_EQ(observed.offer(std::move(job)), engine::Offer::full);
    // NOLINTNEXTLINE(bugprone-use-after-move): that is what is tested
    job.done({});
    EXPECT_TRUE(told);
    EXPECT_THAT(listener.heard, IsEmpty());
}

/// As systemd: a datagram socket with a name.
class NotifyTest : public testing::Test {
protected:
    NotifyTest() : socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        std::string name = (std::filesystem::temp_directory_path() / "microengine-notify-XXXXXX").native();
        directory = ::mkdtemp(name.data());
        path = directory + "/socket";
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
        EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    }
    ~NotifyTest() override { std::filesystem::remove_all(directory); }
    NotifyTest(const NotifyTest&) = delete;
    NotifyTest& operator=(const NotifyTest&) = delete;

    [[nodiscard]] std::string received() const {
        std::array<char, 200> text{};
        const auto got = ::recv(socket.get(), text.data(), text.size(), MSG_DONTWAIT);
        return got < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(got));
    }
    util::UniqueFd socket;
    std::string directory;
    std::string path;
};

TEST_F(NotifyTest, TheManagerHearsAndChildrenDoNotSeeTheSocket) {
    const Notifier notifier;
    EXPECT_EQ(::getenv("NOTIFY_SOCKET"), nullptr);
    notifier.tell("READY=1");
    EXPECT_EQ(received(), "READY=1");
    EXPECT_FALSE(notifier.watchdog());
}

TEST_F(NotifyTest, TheWatchdogIsOursOnlyIfItNamesUs) {
    ::setenv("WATCHDOG_USEC", "3000000", 1);
    ::setenv("WATCHDOG_PID", std::to_string(::getpid() + 1).c_str(), 1);
    EXPECT_FALSE(Notifier().watchdog());
    ::setenv("WATCHDOG_USEC", "3000000", 1);
    ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
    EXPECT_EQ(Notifier().watchdog(), std::chrono::seconds(3));
}

TEST(Notify, WithoutAManagerNothingHappens) {
    ::unsetenv("NOTIFY_SOCKET");
    Notifier().tell("READY=1");
    ::setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1);
    Notifier().tell("READY=1");
}

}   // namespace
}   // namespace microengine::app
