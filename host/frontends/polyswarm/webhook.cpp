// SPDX-License-Identifier: MIT
#include "host/frontends/polyswarm/webhook.hpp"

#include "host/bounty/signature.hpp"
#include "host/fetch/client.hpp"
#include "host/frontends/http/fields.hpp"
#include "host/frontends/polyswarm/desk.hpp"
#include "host/util/log.hpp"
#include "host/util/metrics.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

namespace microengine::polyswarm {

using http::Response;

namespace {

constexpr std::string_view kSignature = "x-polyswarm-signature";
constexpr std::string_view kEvent = "x-polyswarm-event";
constexpr std::string_view kDelivery = "x-polyswarm-delivery";
constexpr std::size_t kMostDelivery = 64;
constexpr const char* kInvalid = R"({"bounty":"Invalid bounty request"})";

enum class Event : std::uint8_t { ping, bounty, other };

/// Of two such fields nobody knows which one counts.
std::string_view single(const http::Head& head, std::string_view name) {
    return head.count(name) == 1 ? http::trimmed(*head.find(name)) : std::string_view();
}

Event event_of(const http::Head& head) {
    const std::string event = http::lower_case(single(head, kEvent));
    if (event == "ping") return Event::ping;
    return event == "bounty" ? Event::bounty : Event::other;
}

std::string_view to_text(Event event) {
    if (event == Event::ping) return "ping";
    return event == Event::bounty ? "bounty" : "other";
}

bool is_json(const http::Head& head) {
    const std::string_view type = single(head, "content-type");
    return http::lower_case(http::trimmed(type.substr(0, type.find(';')))) == "application/json";
}

Response ok_response() { return http::json_response(200, R"({"status":"OK"})"); }

/// A refusal of the signature; nothing: it is good.
std::optional<Response> refused_signature(const Engine& engine, const http::Mount::Request& request) {
    const auto refuse = [](std::string_view reason) {
        util::count("polyswarm_signature_failures_total", {{"reason", reason}});
        return http::json_response(reason == "missing" ? 400 : 401,
                                   reason == "missing"
                                       ? R"({"X-POLYSWARM-SIGNATURE":"Signature not included in headers"})"
                                       : R"({"X-POLYSWARM-SIGNATURE":"Signature does not match body"})");
    };
    if (request.head.count(kSignature) == 0) return refuse("missing");
    switch (bounty::check_signature(request.body, single(request.head, kSignature), *engine.secrets())) {
        case bounty::Signed::no:
            return refuse("mismatch");
        case bounty::Signed::malformed:
            return refuse("malformed");
        case bounty::Signed::previous:
            util::count("polyswarm_previous_secret_total", {{"engine", engine.settings.name}});
            break;
        case bounty::Signed::current:
            break;
    }
    return std::nullopt;
}

struct Refusal {
    Response response;
    std::string why;
};

std::variant<Arrival, Refusal> read_bounty(Engine& engine, http::Mount::Request& request) {
    if (!is_json(request.head))
        return Refusal{.response = http::json_response(415, R"({"error":"type"})"),
                       .why = "its Content-Type is not application/json"};
    auto bounty = bounty::parse_bounty(request.body, unix_ms());
    if (bounty && !fetch::can_be_asked(bounty->response_url))
        bounty = util::fail(util::Errc::usage, "", "'response_url' cannot be connected to by anybody");
    if (!bounty) return Refusal{.response = http::json_response(400, kInvalid), .why = bounty.error().text()};
    Arrival arrival{
        .engine = &engine, .bounty = *std::move(bounty), .body = std::move(request.body), .delivery = {}};
    arrival.delivery = util::cut(util::printable(single(request.head, kDelivery)), kMostDelivery);
    return arrival;
}

/// Everything but a bounty that can be taken.
std::optional<Response> answered_at_once(const Engine& engine, const http::Mount::Request& request) {
    if (request.head.method == "GET" || request.head.method == "HEAD") return ok_response();
    if (request.head.method != "POST") {
        Response response = http::json_response(405, R"({"error":"method"})");
        response.fields.push_back({.name = "Allow", .value = "GET, HEAD, POST"});
        return response;
    }
    if (auto refusal = refused_signature(engine, request)) return refusal;
    switch (event_of(request.head)) {
        case Event::ping:
            return ok_response();
        case Event::other:
            return http::json_response(400, R"({"X-POLYSWARM-EVENT":"Given event not supported"})");
        case Event::bounty:
            break;
    }
    return std::nullopt;
}

}   // namespace

Response accepted_response() { return http::json_response(202, R"({"status":"ACCEPTED"})"); }

Response busy_response() {
    Response response = http::json_response(503, R"({"error":"busy"})");
    response.fields.push_back({.name = "Retry-After", .value = "1"});
    return response;
}

Response journal_response() { return http::json_response(503, R"({"error":"journal"})"); }

std::vector<std::string> Webhook::paths() const {
    std::vector<std::string> all;
    all.reserve(engines_.size());
    for (const auto& engine : engines_) all.push_back(engine->settings.path);
    return all;
}

Engine* Webhook::engine_at(std::string_view path) const {
    const auto found = std::ranges::find(
        engines_, path, [](const auto& one) -> std::string_view { return one->settings.path; });
    return found == engines_.end() ? nullptr : found->get();
}

void Webhook::answer(Request request, Answer done) {
    Engine& engine = *engine_at(request.path);
    const std::string event(to_text(event_of(request.head)));
    auto answer = [event, done = std::move(done), engine = engine.settings.name](Response response) mutable {
        const std::string status = std::to_string(response.status);
        util::count("polyswarm_webhooks_total", {{"engine", engine}, {"event", event}, {"status", status}});
        done(std::move(response));
    };
    const auto refuse = [&](const Response& response, const std::string& why) {
        util::log(util::Level::info, "webhook_refused",
                  {{"engine", engine.settings.name},
                   {"peer", request.peer},
                   {"status", std::to_string(response.status)},
                   {"why", why}});
    };
    if (auto response = answered_at_once(engine, request)) {
        if (response->status >= 400) refuse(*response, response->body);
        answer(*std::move(response));
        return;
    }
    auto read = read_bounty(engine, request);
    if (auto* refusal = std::get_if<Refusal>(&read)) {
        refuse(refusal->response, refusal->why);
        answer(std::move(refusal->response));
        return;
    }
    {
        const util::Lock lock(mutex_);
        ++unanswered_;
    }
    accept_(std::get<Arrival>(std::move(read)),
            [this, answer = std::move(answer)](Response response) mutable {
                answer(std::move(response));
                const util::Lock lock(mutex_);
                if (--unanswered_ == 0) settled_.notify_all();
            });
}

void Webhook::settle() {
    util::Lock lock(mutex_);
    settled_.wait(lock, [this]() ME_REQUIRES(mutex_) { return unanswered_ == 0; });
}

void Webhook::refused(unsigned status) {
    util::count("polyswarm_webhooks_total",
                {{"engine", ""}, {"event", "other"}, {"status", std::to_string(status)}});
}

}   // namespace microengine::polyswarm
