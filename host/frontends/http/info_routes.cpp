// SPDX-License-Identifier: MIT
// What is known already: jobs, remembered reports, backends, readiness, numbers; and the one thing that can
// be asked for beside a scan, a reload.

#include "host/engine/remembered.hpp"
#include "host/frontends/http/connection.hpp"
#include "host/report/json.hpp"
#include "host/util/digest.hpp"
#include "host/util/text.hpp"

#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>

#include <utility>

namespace microengine::http {

namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& json) { return json.dump(-1, ' ', true, Json::error_handler_t::replace); }

Json list_of(const std::vector<std::string>& lines) {
    Json list = Json::array();
    for (const std::string& line : lines) list.push_back(util::to_utf8(line));
    return list;
}

Json backend_json(const engine::BackendStatus& backend) {
    const core::BackendFacts& facts = *backend.facts;
    Json out;
    out["name"] = util::to_utf8(facts.policy.name);
    out["state"] = to_text(backend.health.state);
    if (!backend.health.why.empty()) out["why"] = util::to_utf8(backend.health.why);
    out["weight"] = facts.policy.weight / 10'000.0;
    out["required"] = facts.policy.required;
    out["veto"] = facts.policy.veto;
    out["plugin"]["id"] = util::to_utf8(facts.plugin_id);
    out["plugin"]["version"] = util::to_utf8(facts.plugin_version);
    if (facts.signatures) {
        out["signatures"]["version"] = util::to_utf8(facts.signatures->version);
        if (facts.signatures->date_unix != 0) out["signatures"]["date_unix"] = facts.signatures->date_unix;
        out["signatures"]["count"] = facts.signatures->count;
    }
    out["isolation"] = util::to_utf8(backend.health.isolation);
    out["weaknesses"] = list_of(backend.health.weaknesses);
    out["faults"] = backend.health.faults;
    out["trips"] = backend.health.trips;
    out["lost_workers"] = backend.health.lost_workers;
    return out;
}

/// On the server's thread.
struct Reloading {
    bool done = false;
    engine::ReloadOutcome outcome;
};

}   // namespace

Response Connection::job(const Exchange& exchange) {
    const JobStore::Job* job =
        hub_.jobs.find(exchange.match.parameter, hub_.owner_of(exchange.caller), Clock::now());
    if (job == nullptr) return refuse(Problem::unknown_job);
    std::string text = "{\"id\":\"" + exchange.match.parameter + "\",\"state\":\"" +
                       (job->done ? "done" : "working") +
                       "\",\"artifacts\":" + std::to_string(job->artifacts);
    if (!job->done) {
        Response response = json_response(200, text + "}");
        response.fields.push_back({"Retry-After", "1"});
        return response;
    }
    text += ",\"reports\":[";
    for (const std::string& report : job->reports)
        text.append(&report == &job->reports.front() ? "" : ",").append(report);
    return json_response(200, text + "]}");
}

asio::awaitable<Response> Connection::report(Exchange& exchange) {
    const auto sha256 = util::parse_sha256(exchange.match.parameter);
    if (!sha256) co_return refuse(Problem::bad_parameter, "a SHA-256 has 64 hexadecimal digits");
    const std::function<std::string()> question = [this, sha256 = *sha256]() -> std::string {
        const auto found = engine::remembered(*hub_.parts.service.generation(), sha256);
        return found ? report::to_json(*found) : std::string();
    };
    std::string text = co_await hub_.ask(question);
    if (text.empty()) co_return refuse(Problem::unknown_report);
    co_return json_response(200, std::move(text));
}

asio::awaitable<Response> Connection::backends() {
    const std::function<std::string()> question = [this] {
        Json out;
        out["generation"] = hub_.parts.service.generation()->number;
        out["backends"] = Json::array();
        for (const engine::BackendStatus& backend : hub_.parts.operations.backends())
            out["backends"].push_back(backend_json(backend));
        return text_of(out);
    };
    std::string text = co_await hub_.ask(question);
    co_return json_response(200, std::move(text));
}

/// The outcome is waited for, and if the client goes away it happens all the same.
asio::awaitable<Response> Connection::reload(Exchange& exchange) {
    const auto reloading = std::make_shared<Reloading>();
    hub_.parts.operations.reload("http " + exchange.caller.name, [reloading, notice = notice_, &io = hub_.io](
                                                                     const engine::ReloadOutcome& came) {
        asio::post(io, [reloading, notice, came] {
            reloading->outcome = came;
            reloading->done = true;
            notice->raise();
        });
    });
    const std::function<bool()> is_done = [reloading] { return reloading->done; };
    const bool there = co_await wait_for(is_done);
    if (!there) co_return Response{};
    const engine::ReloadOutcome& came = reloading->outcome;
    if (!came.replaced) co_return refuse(Problem::reload_refused, "", came.problems);
    Json out;
    out["replaced"] = true;
    out["generation"] = came.generation;
    co_return json_response(200, text_of(out));
}

asio::awaitable<Response> Connection::readiness(Exchange& exchange) {
    engine::Readiness readiness;
    if (hub_.stopping) {
        readiness.reasons.emplace_back("the service is ending");
    } else {
        const std::function<engine::Readiness()> question = [this] {
            return hub_.parts.operations.readiness();
        };
        readiness = co_await hub_.ask(question);
    }
    Json out;
    out["ready"] = readiness.ready;
    // Whoever may ask for nothing need not know what is wrong here.
    const Caller& caller = exchange.caller;
    if (caller.scan || caller.admin || caller.metrics) out["reasons"] = list_of(readiness.reasons);
    co_return json_response(readiness.ready ? 200 : 503, text_of(out));
}

asio::awaitable<Response> Connection::metrics() {
    const std::function<std::string()> question = [this] { return hub_.parts.operations.metrics(); };
    std::string text = co_await hub_.ask(question);
    Response response = json_response(200, std::move(text));
    response.type = "text/plain; version=0.0.4; charset=utf-8";
    co_return response;
}

}   // namespace microengine::http
