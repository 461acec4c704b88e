// SPDX-License-Identifier: MIT
// GET /v1/events: what happens, as server-sent events, until the client or the service ends.

#include "host/frontends/http/connection.hpp"
#include "host/util/log.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <utility>

namespace microengine::http {

namespace {

constexpr auto kHeartbeat = std::chrono::seconds(15);   // proxies close what is silent for long

}   // namespace

asio::awaitable<Response> Connection::events(Exchange& exchange) {
    if (hub_.stopping) co_return refuse(Problem::ending);
    const auto subscriber = hub_.feed.subscribe(
        [&io = hub_.io, notice = notice_] { asio::post(io, [notice] { notice->raise(); }); });
    if (!subscriber) co_return refuse(Problem::too_many_subscribers);
    const Response response{.status = 200, .type = "text/event-stream"};
    const Sending sending{.request_id = exchange.id, .close = true, .head_only = false, .endless = true};
    std::string text = to_bytes(response, sending);
    const std::function<std::vector<engine::BackendStatus>()> question = [this] {
        return hub_.parts.operations.backends();
    };
    const auto backends = co_await hub_.ask(question);
    for (const engine::BackendStatus& backend : backends) {
        const std::string data = backend_event(backend);
        text += "event: backend\ndata: " + data + "\n\n";
        hub_.told_states.try_emplace(backend.facts->policy.name, data);
    }
    exchange.answered = true;
    start_watching();
    while (!gone_ && !ended_) {
        if (!co_await wire_.write(text, hub_.settings().send_timeout)) break;
        if (hub_.stopping) break;
        text = subscriber->take();
        if (!text.empty()) continue;
        const bool raised = co_await notice_->wait(Clock::now() + kHeartbeat);
        if (!raised) text = ":\n\n";
    }
    co_await stop_watching();
    gone_ = false;   // this is how it ends: nothing was lost
    co_return response;
}

}   // namespace microengine::http
