// SPDX-License-Identifier: MIT
// Who may do what: tokens, web pages, TLS, addresses.
#include "http_support.hpp"

#include <fstream>

namespace microengine::http {
namespace {

constexpr std::string_view kTokens =
    "scan-token-000001 scan gate\nadmin-token-00001 admin,scan boss\nmetrics-token-001 metrics prometheus\n"
    "other-token-00001 scan other\n";

std::string bearer(std::string_view token) { return "Authorization: Bearer " + std::string(token) + "\r\n"; }

/// A server with those tokens.
struct Guarded {
    Guarded() {
        write_file(dir / "tokens", kTokens);
        running =
            std::make_unique<Running>(with([&](core::HttpSettings& s) { s.tokens_file = dir / "tokens"; }));
    }
    [[nodiscard]] Reply get(std::string_view target, std::string_view fields = "") const {
        return running->ask(http::get(target, fields));
    }
    TempDir dir;
    std::unique_ptr<Running> running;
};

TEST(HttpTokens, EachScopeOpensItsRoutes) {
    const Guarded guarded;
    const auto status = [&](std::string_view method, std::string_view target, std::string_view token) {
        return guarded.running->ask(request(method, target, "", token.empty() ? "" : bearer(token))).status;
    };
    EXPECT_EQ(status("POST", "/v1/scan", ""), 401);
    EXPECT_EQ(status("POST", "/v1/scan", "wrong-token-00001"), 401);
    EXPECT_EQ(status("POST", "/v1/scan", "scan-token-000001"), 200);
    EXPECT_EQ(status("GET", "/v1/backends", "scan-token-000001"), 200);
    EXPECT_EQ(status("POST", "/v1/reload", "scan-token-000001"), 403);
    EXPECT_EQ(status("GET", "/v1/events", "scan-token-000001"), 403);
    EXPECT_EQ(status("GET", "/metrics", "scan-token-000001"), 403);
    EXPECT_EQ(status("POST", "/v1/reload", "admin-token-00001"), 200);
    EXPECT_EQ(status("GET", "/metrics", "metrics-token-001"), 200);
    EXPECT_EQ(status("POST", "/v1/scan", "metrics-token-001"), 403);
    for (const auto* const open : {"/healthz", "/readyz", "/v1/openapi.json"})
        EXPECT_EQ(status("GET", open, ""), 200);
}

TEST(HttpTokens, SayWhatIsMissing) {
    const Guarded guarded;
    EXPECT_EQ(guarded.get("/v1/backends").field("www-authenticate"), "Bearer realm=\"microengine\"");
    EXPECT_EQ(guarded.get("/v1/backends", bearer("wrong-token-00001")).field("www-authenticate"),
              "Bearer error=\"invalid_token\"");
    EXPECT_EQ(guarded.get("/metrics", bearer("scan-token-000001")).field("www-authenticate"),
              "Bearer error=\"insufficient_scope\", scope=\"metrics\"");
}

TEST(HttpTokens, StrangersAreNotToldWhyItIsNotReady) {
    const Guarded guarded;
    guarded.running->operations.set_readiness({.ready = false, .reasons = {"secret reason"}});
    EXPECT_EQ(guarded.get("/readyz").status, 503);
    EXPECT_FALSE(guarded.get("/readyz").body.contains("secret"));
    EXPECT_TRUE(guarded.get("/readyz", bearer("scan-token-000001")).body.contains("secret"));
}

TEST(HttpTokens, AJobIsItsOwners) {
    const Guarded guarded;
    const Reply taken = guarded.running->ask(
        request("POST", "/v1/scan", "x", bearer("scan-token-000001") + "Prefer: respond-async\r\n"));
    ASSERT_EQ(taken.status, 202);
    EXPECT_EQ(guarded.get(taken.field("location"), bearer("scan-token-000001")).status, 200);
    EXPECT_EQ(guarded.get(taken.field("location"), bearer("other-token-00001")).status, 404);
}

TEST(HttpTokens, AreReadAgain_AndBadOnesChangeNothing) {
    const Guarded guarded;
    write_file(guarded.dir / "tokens", "bad");
    const auto refused = guarded.running->server->reload_files();
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().text().contains("tokens: line 1")) << refused.error().text();
    EXPECT_EQ(guarded.get("/v1/backends", bearer("scan-token-000001")).status, 200);
    write_file(guarded.dir / "tokens", "fresh-token-00001 scan gate\n");
    ASSERT_TRUE(guarded.running->server->reload_files());
    EXPECT_EQ(guarded.get("/v1/backends", bearer("scan-token-000001")).status, 401);
    EXPECT_EQ(guarded.get("/v1/backends", bearer("fresh-token-00001")).status, 200);
}

TEST(HttpTokens, NeverStandInTheLog) {
    const Guarded guarded;
    (void)guarded.get("/v1/backends", bearer("scan-token-000001"));
    (void)guarded.get("/v1/reload", bearer("wrong-token-00001"));
    // The line is written after the answer.
    for (bool refused = false; !refused;)
        for (const std::string& line : Record::the().lines()) {
            EXPECT_FALSE(line.contains("-token-")) << line;
            refused = refused || line.starts_with("http_refused");
        }
}

TEST(HttpPages, OfOtherSites_CannotMakeABrowserAsk) {
    const Running running;
    const auto code = [&](std::string_view fields, std::string_view host, bool tcp) {
        Client client = tcp ? running.tcp_client() : running.unix_client();
        const std::string bytes = "POST /v1/reload HTTP/1.1\r\nHost: " + std::string(host) + "\r\n" +
                                  std::string(fields) + "Content-Length: 0\r\n\r\n";
        const Reply reply = client.send(bytes).reply();
        return reply.status == 200 ? "fine" : reply.code();
    };
    EXPECT_EQ(code("Origin: https://example.com\r\n", "127.0.0.1:80", true), "foreign_page");
    EXPECT_EQ(code("Origin: null\r\n", "127.0.0.1:80", true), "foreign_page");
    EXPECT_EQ(code("Origin: http://127.0.0.1:80\r\n", "127.0.0.1:80", true), "fine");
    EXPECT_EQ(code("", "rebound.example.com", true), "misdirected");
    for (const auto* const own : {"localhost", "LOCALHOST:8080", "127.0.0.1", "[::1]:80", "192.0.2.1:80"})
        EXPECT_EQ(code("", own, true), "fine") << own;
    EXPECT_EQ(code("", "anything", false), "fine") << "no page reaches a Unix socket";
}

TEST(HttpTls, OnTcpOnly_AndTheCertificateIsReadAgain) {
    const TempDir dir;
    write_certificate(dir, "first");
    const Running running(with([&](core::HttpSettings& s) {
        s.tls_certificate = dir / "cert.pem";
        s.tls_key = dir / "key.pem";
    }));
    Client old = running.tcp_client(true);
    ASSERT_TRUE(old.connected());
    EXPECT_EQ(old.subject(), "/CN=first");
    const std::string large(300'000, 'x');
    EXPECT_EQ(old.send(request("POST", "/v1/scan", large + "evil")).reply().json()["verdict"], "malicious");
    EXPECT_EQ(running.ask(get("/healthz")).status, 200) << "the Unix socket is in the clear";

    write_certificate(dir, "second");
    ASSERT_TRUE(running.server->reload_files());
    EXPECT_EQ(running.tcp_client(true).subject(), "/CN=second");
    EXPECT_EQ(old.send(get("/healthz")).reply().status, 200) << "connections keep what they began with";

    write_file(dir / "cert.pem", "nonsense");
    EXPECT_FALSE(running.server->reload_files());
    EXPECT_EQ(running.tcp_client(true).subject(), "/CN=second");
}

TEST(HttpTls, AClientInTheClear_IsShutOut) {
    const TempDir dir;
    write_certificate(dir, "x");
    const Running running(with([&](core::HttpSettings& s) {
        s.tls_certificate = dir / "cert.pem";
        s.tls_key = dir / "key.pem";
    }));
    const double before = Record::the().number("http_refused_total{reason=tls}");
    Client client = running.tcp_client();
    (void)client.send(get("/healthz")).until("never");
    EXPECT_TRUE(client.ended());
    EXPECT_TRUE(Record::the().await("http_refused_total{reason=tls}",
                                    [before](double now) { return now == before + 1; }));
}

TEST(HttpTls, AClientThatGoesAway_IsNotScannedFor) {
    const TempDir dir;
    write_certificate(dir, "x");
    Running running(with([&](core::HttpSettings& s) {
        s.tls_certificate = dir / "cert.pem";
        s.tls_key = dir / "key.pem";
    }));
    running.service.hold();
    {
        Client client = running.tcp_client(true);
        client.send(request("POST", "/v1/scan", "evil"));
        running.service.await_jobs(1);
    }
    EXPECT_TRUE(running.wait_until_connections(0));
    running.service.let_go();
    running.service.await_done(1);
    EXPECT_TRUE(running.service.seen().at(0).cancelled);
}

util::Result<std::unique_ptr<HttpServer>> start(core::HttpSettings settings, const std::string& address,
                                                FakeService& service, FakeOperations& operations) {
    net::Inherited inherited;
    auto listeners = net::listen_on(std::vector{address}, {}, inherited);
    EXPECT_TRUE(listeners) << address;
    return HttpServer::start({.settings = std::move(settings),
                              .service = service,
                              .operations = operations,
                              .room = std::make_shared<intake::SpoolRoom>(1000, std::filesystem::path())},
                             *std::move(listeners));
}

TEST(HttpStart, RefusesWhatWouldBeOpenToEverybody_AndFilesItCannotUse) {
    FakeService service;
    FakeOperations operations;
    const TempDir dir;
    const auto open = start({}, "0.0.0.0:0", service, operations);
    ASSERT_FALSE(open);
    EXPECT_TRUE(open.error().text().contains("tokens_file")) << open.error().text();
    write_file(dir / "tokens", kTokens);
    EXPECT_TRUE(start(with([&](core::HttpSettings& s) { s.tokens_file = dir / "tokens"; }), "0.0.0.0:0",
                      service, operations));
    write_file(dir / "tokens", kTokens, 0644);
    EXPECT_FALSE(start(with([&](core::HttpSettings& s) { s.tokens_file = dir / "tokens"; }), "127.0.0.1:0",
                       service, operations));
    write_certificate(dir, "x");
    const core::HttpSettings tls = with([&](core::HttpSettings& s) {
        s.tls_certificate = dir / "cert.pem";
        s.tls_key = dir / "key.pem";
    });
    EXPECT_TRUE(start(tls, "127.0.0.1:0", service, operations));
    write_file(dir / "key.pem", "nonsense");
    const auto bad = start(tls, "127.0.0.1:0", service, operations);
    ASSERT_FALSE(bad);
    EXPECT_TRUE(bad.error().text().contains("key.pem")) << bad.error().text();
}

}   // namespace
}   // namespace microengine::http
