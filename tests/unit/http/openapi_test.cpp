// SPDX-License-Identifier: MIT
// The description against the server: every answer that can be had is described, and every one that is
// described can be had.
#include "host/frontends/http/problem.hpp"
#include "host/frontends/http/routes.hpp"
#include "http_support.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace microengine::http {
namespace {

using namespace std::chrono_literals;

/// Pattern, method in lower case, status.
using Answer = std::tuple<std::string, std::string, std::string>;

std::set<Answer> described(const nlohmann::json& description) {
    std::set<Answer> all;
    for (const auto& [path, operations] : description["paths"].items())
        for (const auto& [method, operation] : operations.items())
            for (const auto& [status, response] : operation["responses"].items())
                all.emplace(path, method, status);
    return all;
}

std::string path_of(const RouteRow& row) {
    if (row.route == Route::job) return "/v1/jobs/0123";
    return row.route == Route::report ? "/v1/reports/" + std::string(64, 'a') : std::string(row.pattern);
}

/// What the answers to many requests were.
class Asking {
public:
    explicit Asking(std::set<Answer>& had) : had_(had) {}
    void note(const RouteRow& row, std::string_view method, const Reply& reply) {
        std::string lower(method);
        std::ranges::transform(lower, lower.begin(), [](char c) { return static_cast<char>(c | 0x20); });
        had_.emplace(row.pattern, lower, std::to_string(reply.status));
    }
    void ask(const Running& running, const RouteRow& row, std::string_view method,
             std::string_view fields = "", std::string_view body = "", std::string_view query = "") {
        const std::string target = path_of(row) + std::string(query);
        send(running, row, method, request(method, target, body, fields));
    }
    void send(const Running& running, const RouteRow& row, std::string_view method, std::string_view bytes,
              bool tcp = false) {
        Client client = tcp ? running.tcp_client() : running.unix_client();
        client.send(bytes);
        if (row.route == Route::events && method == "GET") {
            Reply reply;
            const std::string head = client.until("\r\n\r\n");
            reply.status = head.size() > 12 ? std::stoi(head.substr(9, 3)) : 0;
            note(row, method, reply);
        } else {
            note(row, method, client.reply(method == "HEAD"));
        }
    }

private:
    std::set<Answer>& had_;
};

std::vector<std::string> methods_of(const RouteRow& row) {
    std::vector<std::string> methods{std::string(row.method)};
    if (allowed_methods(row).contains("HEAD")) methods.emplace_back("HEAD");
    return methods;
}

/// What every route refuses; a request of another version or without an end is of no route.
void ask_in_vain(Asking& asking, const Running& running, const RouteRow& row, const std::string& method) {
    asking.ask(running, row, method, "", "", "?nonsense=1");
    asking.ask(running, row, method, "Origin: https://example.com\r\n");
    asking.ask(running, row, method, "Expect: tea\r\n");
    const std::string line = method + " " + path_of(row) + " HTTP/1.1\r\n";
    asking.send(running, row, method, line + "Host: example.com\r\nContent-Length: 0\r\n\r\n", true);
    asking.send(running, row, method,
                line + "Host: localhost\r\nContent-Length: 70000\r\n\r\n" + std::string(70000, 'x'));
    asking.send(running, row, method, line + "Host: localhost\r\nContent-Length: 9\r\n\r\nx");   // late
    asking.send(running, row, method, line + "Host: localhost\r\nTransfer-Encoding: gzip\r\n\r\n");
    asking.send(running, row, method, line + "Host: localhost\r\nA: " + std::string(20000, 'x') + "\r\n\r\n");
    asking.send(running, row, method, method + " " + path_of(row) + " HTTP/1.7\r\nHost: localhost\r\n\r\n");
    // 405 is the path's, whatever method is described.
    const Reply other = running.ask(request("DELETE", path_of(row)));
    asking.note(row, method, other);
}

void ask_strangely(Asking& asking, const RouteRow& row, const std::string& method) {
    const TempDir dir;
    write_file(dir / "tokens", "scan-token-000001 scan a\nmetrics-token-001 metrics b\n");
    const Running running(with([&](core::HttpSettings& s) { s.tokens_file = dir / "tokens"; }));
    asking.ask(running, row, method);
    for (const auto* const token : {"scan-token-000001", "metrics-token-001"})
        asking.ask(running, row, method, "Authorization: Bearer " + std::string(token) + "\r\n");
}

void ask_for_scans(Asking& asking, const RouteRow& row) {
    Running running(with([](core::HttpSettings& s) { s.max_artifact_bytes = 1000; }));
    asking.ask(running, row, "POST", "", "x");
    asking.ask(running, row, "POST", "Prefer: respond-async\r\n", "x");
    asking.ask(running, row, "POST", "Content-Encoding: gzip\r\n", "x");
    asking.ask(running, row, "POST", "", std::string(1001, 'x'));
    asking.send(running, row, "POST", "POST /v1/scan HTTP/1.1\r\nHost: localhost\r\n\r\n");
    running.service.answer_offers(engine::Offer::full);
    asking.ask(running, row, "POST", "", "x");
    // A file where there can be none.
    running.service.answer_offers(engine::Offer::accepted);
    const Running nowhere(with([](core::HttpSettings&) {}), 1 << 30, "/nonexistent");
    asking.ask(nowhere, row, "POST", "", std::string(1 << 20, 'x'));
}

void ask_well(Asking& asking, const RouteRow& row, const std::string& method) {
    Running running;
    asking.ask(running, row, method);
    if (row.route == Route::readiness) running.operations.set_readiness({.ready = false, .reasons = {}});
    if (row.route == Route::reload)
        running.operations.set_outcome({.replaced = false, .generation = 1, .problems = {}});
    asking.ask(running, row, method);
    if (row.route == Route::job) {
        const Reply taken = running.ask(request("POST", "/v1/scan", "x", "Prefer: respond-async\r\n"));
        asking.note(row, method, running.ask(request(method, taken.field("location")), method == "HEAD"));
    }
    if (row.route == Route::report) {
        running.service.set_generation(remembering(std::string(64, 'a')));
        asking.ask(running, row, method);
    }
    if (row.route == Route::events) {
        std::vector<Client> listeners;
        for (int i = 0; i < 64; ++i) {
            listeners.push_back(running.unix_client());
            (void)listeners.back().send(get("/v1/events")).until("\r\n\r\n");
        }
        asking.ask(running, row, method);
    }
}

TEST(OpenApi, DescribesEveryAnswer_AndNoOther) {
    std::set<Answer> had;
    Asking asking(had);
    const Running running(with([](core::HttpSettings& s) { s.body_timeout = 30ms; }));
    for (const RouteRow& row : route_rows())
        for (const std::string& method : methods_of(row)) {
            ask_well(asking, row, method);
            ask_in_vain(asking, running, row, method);
            ask_strangely(asking, row, method);
            if (row.route == Route::scan) ask_for_scans(asking, row);
        }
    const auto said = described(running.ask(get("/v1/openapi.json")).json());
    for (const auto& [path, method, status] : had)
        EXPECT_TRUE(said.contains({path, method, status})) << "not described: " << method << path << status;
    for (const auto& [path, method, status] : said)
        EXPECT_TRUE(had.contains({path, method, status})) << "never had: " << method << path << status;
}

TEST(OpenApi, IsWellFormed_AndKnowsEveryProblem) {
    const Running running;
    const auto description = running.ask(get("/v1/openapi.json")).json();
    EXPECT_EQ(description["openapi"], "3.1.0");
    EXPECT_EQ(description["paths"].size(), route_rows().size());
    EXPECT_EQ(description["components"]["schemas"]["Problem"]["properties"]["type"]["enum"].size(),
              problem_rows().size());
    const std::string text = description.dump();
    for (std::size_t at = 0; (at = text.find("#/components/schemas/", at)) != std::string::npos; ++at) {
        const std::size_t begin = at + std::string_view("#/components/schemas/").size();
        const std::string name = text.substr(begin, text.find('"', begin) - begin);
        EXPECT_TRUE(description["components"]["schemas"].contains(name)) << name;
    }
}

}   // namespace
}   // namespace microengine::http
