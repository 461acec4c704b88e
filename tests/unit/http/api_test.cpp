// SPDX-License-Identifier: MIT
// Everything beside scans on real sockets: jobs, remembered reports, backends, reload, readiness, numbers.
#include "http_support.hpp"
namespace microengine::http {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kAsync = "Prefer: respond-async\r\n";

/// Until it is done; a job's answer says when to ask again, and a test asks at once.
Reply await_job(const Running& running, const std::string& path) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    for (;;) {
        Reply reply = running.ask(get(path));
        if (reply.status != 200 || reply.json()["state"] == "done" ||
            std::chrono::steady_clock::now() > until)
            return reply;
    }
}

TEST(HttpJobs, AScanThatNobodyWaitsFor) {
    Running running;
    running.service.hold();
    const Reply taken = running.ask(request("POST", "/v1/scan?name=n", "evil", kAsync));
    EXPECT_EQ(taken.status, 202);
    EXPECT_EQ(taken.field("preference-applied"), "respond-async");
    const std::string path = taken.field("location");
    EXPECT_EQ(taken.json()["href"], path);
    EXPECT_EQ(path, "/v1/jobs/" + taken.json()["id"].get<std::string>());
    const Reply working = running.ask(get(path));
    EXPECT_EQ(working.json()["state"], "working");
    EXPECT_EQ(working.field("retry-after"), "1");
    running.service.let_go();
    const auto done = await_job(running, path).json();
    EXPECT_EQ(done["state"], "done");
    ASSERT_EQ(done["reports"].size(), 1U);
    EXPECT_EQ(done["reports"][0]["verdict"], "malicious");
    EXPECT_FALSE(running.service.seen().at(0).cancelled) << "its client has gone, and was to go";
    EXPECT_EQ(running.ask(get(path)).json()["state"], "done") << "until it is forgotten";
    EXPECT_EQ(running.ask(get("/v1/jobs/0123")).code(), "unknown_job");
}

TEST(HttpJobs, AFormIsOneJob) {
    const Running running;
    const std::string fields = std::string(kAsync) + std::string(kFormType);
    const Reply taken =
        running.ask(request("POST", "/v1/scan", form({{"a", "evil"}, {"b", "fine"}}), fields));
    EXPECT_EQ(taken.json()["artifacts"], 2);
    const auto done = await_job(running, taken.field("location")).json();
    ASSERT_EQ(done["reports"].size(), 2U);
    EXPECT_EQ(done["reports"][1]["artifact"]["name"], "b");
}

TEST(HttpJobs, TooManyInWork_AreRefused_AndWhatIsRefusedIsNotKept) {
    Running running(with([&](core::HttpSettings& s) { s.max_jobs = 1; }));
    running.service.answer_offers(engine::Offer::full);
    EXPECT_EQ(running.ask(request("POST", "/v1/scan", "x", kAsync)).code(), "queue_full");
    running.service.answer_offers(engine::Offer::accepted);
    running.service.hold();
    EXPECT_EQ(running.ask(request("POST", "/v1/scan", "x", kAsync)).status, 202);
    EXPECT_EQ(running.ask(request("POST", "/v1/scan", "x", kAsync)).code(), "too_many_jobs");
}

TEST(HttpReports, WhatIsRemembered_OfTheCurrentGeneration) {
    Running running;
    const std::string known(64, 'a');
    EXPECT_EQ(running.ask(get("/v1/reports/" + known)).code(), "unknown_report");
    running.service.set_generation(remembering(known));
    const Reply reply = running.ask(get("/v1/reports/" + known));
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.json()["verdict"], "malicious");
    EXPECT_EQ(reply.json()["artifact"]["sha256"], known);
    EXPECT_EQ(running.ask(get("/v1/reports/" + std::string(64, 'b'))).code(), "unknown_report");
    EXPECT_EQ(running.ask(get("/v1/reports/abc")).code(), "bad_parameter");
}

TEST(HttpBackends, WithTheirStateAndWhatTheyHaveLoaded) {
    Running running;
    running.operations.change_health([](plugin::Health& health) {
        health.state = plugin::Health::State::degraded;
        health.why = "crashed";
        health.isolation = "process";
    });
    const auto body = running.ask(get("/v1/backends")).json();
    EXPECT_EQ(body["generation"], 1);
    const auto& backend = body["backends"][0];
    EXPECT_EQ(backend["name"], "fake");
    EXPECT_EQ(backend["state"], "degraded");
    EXPECT_EQ(backend["why"], "crashed");
    EXPECT_EQ(backend["signatures"]["version"], "7");
}

TEST(HttpReload, AnswersWithTheOutcome) {
    Running running;
    const Reply replaced = running.ask(request("POST", "/v1/reload"));
    EXPECT_EQ(replaced.status, 200);
    EXPECT_EQ(replaced.json()["generation"], 2);
    running.operations.set_outcome({.replaced = false, .generation = 2, .problems = {"a.yar:1: no", "b"}});
    const Reply refused = running.ask(request("POST", "/v1/reload"));
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.field("content-type"), "application/problem+json");
    EXPECT_EQ(refused.code(), "reload_refused");
    EXPECT_EQ(refused.json()["problems"], (nlohmann::json{"a.yar:1: no", "b"}));
}

TEST(HttpHealth, AnswersWhileReadinessDoesNot) {
    Running running;
    EXPECT_EQ(running.ask(get("/readyz")).status, 200);
    running.operations.set_readiness({.ready = false, .reasons = {"signatures are old"}});
    const Reply reply = running.ask(get("/readyz"));
    EXPECT_EQ(reply.status, 503);
    EXPECT_EQ(reply.json()["reasons"][0], "signatures are old");
    EXPECT_EQ(running.ask(get("/healthz")).status, 200);
}

TEST(HttpMetrics, InTheTextFormat) {
    const Running running;
    const Reply reply = running.ask(get("/metrics"));
    EXPECT_TRUE(reply.field("content-type").starts_with("text/plain; version=0.0.4"));
    EXPECT_TRUE(reply.body.contains("microengine_up 1"));
}

TEST(HttpMetrics, EveryRequestIsCounted_ByItsPatternAndStatus) {
    const Running running;
    const std::string jobs = "http_requests_total{route=/v1/jobs/{id},status=404}";
    const std::string unknown = "http_requests_total{route=unknown,status=404}";
    const double jobs_before = Record::the().number(jobs);
    const double unknown_before = Record::the().number(unknown);
    (void)running.ask(get("/v1/jobs/1"));
    (void)running.ask(get("/v1/jobs/2"));
    (void)running.ask(get("/v1/x"));
    // Counted once they are sent, which their client may see first.
    EXPECT_TRUE(Record::the().await(jobs, [&](double now) { return now == jobs_before + 2; }));
    EXPECT_TRUE(Record::the().await(unknown, [&](double now) { return now == unknown_before + 1; }));
}

TEST(HttpMethods, HeadIsGetWithoutABody_AndOthersAreTold) {
    const Running running;
    const Reply head = running.ask(request("HEAD", "/healthz"), true);
    const Reply whole = running.ask(get("/healthz"));
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.field("content-length"), std::to_string(whole.body.size()));
    const Reply wrong = running.ask(get("/v1/scan"));
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(wrong.field("allow"), "POST");
    EXPECT_EQ(running.ask(request("DELETE", "/healthz")).field("allow"), "GET, HEAD");
    EXPECT_EQ(running.ask(get("/v1/scan/")).status, 404);
    EXPECT_EQ(running.ask(get("/healthz?x=y")).code(), "bad_parameter");
}

TEST(HttpMethods, ABodyThatNobodyAskedFor_IsReadWhileItIsSmall) {
    const Running running;
    Client client = running.unix_client();
    EXPECT_EQ(client.send(request("POST", "/v1/reload", std::string(1000, 'x'))).reply().status, 200);
    EXPECT_EQ(client.send(get("/healthz")).reply().status, 200);
    EXPECT_EQ(client.send(request("POST", "/v1/reload", std::string(100'000, 'x'))).reply().status, 413);
    EXPECT_TRUE(client.ended());
}

TEST(HttpEvents, ReportsReloadsAndStates_AsTheyHappen) {
    Running running;
    Client client = running.unix_client();
    client.send(get("/v1/events"));
    const std::string head = client.until("\r\n\r\n");
    EXPECT_TRUE(head.contains("text/event-stream")) << head;
    EXPECT_FALSE(head.contains("Content-Length")) << head;
    EXPECT_EQ(client.until("\n\n"), "event: backend\ndata: {\"backend\":\"fake\",\"state\":\"ready\"}\n\n");

    core::Report report;
    report.artifact.name = "n";
    running.server->listener().on_report(report, "clamd");
    EXPECT_TRUE(client.until("\n\n").contains("event: report\ndata: {\"frontend\":\"clamd\",\"name\":\"n\""));
    running.server->listener().on_reload({.replaced = false, .generation = 3, .problems = {"p"}});
    EXPECT_TRUE(client.until("\n\n").contains("{\"replaced\":false,\"generation\":3,\"problems\":[\"p\"]}"));
    running.operations.change_health([](plugin::Health& health) {
        health.state = plugin::Health::State::quarantined;
        health.why = "it crashed";
    });
    EXPECT_TRUE(client.until("\n\n").contains("\"state\":\"quarantined\",\"why\":\"it crashed\""));

    running.server->stop_accepting();
    EXPECT_TRUE(client.ended());
}

TEST(HttpEvents, SoManyListenersAndNoMore_UntilOneGoes) {
    const Running running;
    std::vector<Client> clients;
    for (int i = 0; i < 64; ++i) {
        clients.push_back(running.unix_client());
        EXPECT_TRUE(clients.back().send(get("/v1/events")).until("\r\n\r\n").contains("200"));
    }
    EXPECT_EQ(running.ask(get("/v1/events")).code(), "too_many_subscribers");
    clients.pop_back();
    EXPECT_TRUE(running.wait_until_connections(63));
    EXPECT_TRUE(running.unix_client().send(get("/v1/events")).until("\r\n\r\n").contains("200"));
}

}   // namespace
}   // namespace microengine::http
