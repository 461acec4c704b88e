// SPDX-License-Identifier: MIT
#include "host/frontends/http/connection.hpp"

#include "host/frontends/http/fields.hpp"
#include "host/frontends/http/mount.hpp"
#include "host/frontends/http/openapi.hpp"
#include "host/util/log.hpp"
#include "host/util/metrics.hpp"
#include "host/util/random_id.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace microengine::http {

namespace {

constexpr std::uint64_t kPiecesAtOnce = 1024;
constexpr std::size_t kMostAhead = std::size_t{64} << 10;   // of the next request, while one is answered
constexpr std::uint64_t kMostSkipped = std::uint64_t{64} << 10;
constexpr std::size_t kMostRequestId = 64;

/// The client's own, if it can stand in a log; else a new one.
std::string request_id(const Head& head) {
    const std::string* given = head.find("x-request-id");
    if (given != nullptr && given->size() <= kMostRequestId && is_token(*given)) return *given;
    return util::random_id();
}

}   // namespace

Connection::Connection(Hub& hub, Socket socket, std::unique_ptr<Transport> transport, net::Peer peer)
    : hub_(hub),
      peer_(std::move(peer)),
      wire_(hub.io, std::move(socket), std::move(transport)),
      notice_(std::make_shared<Notice>(hub.io)) {}

asio::awaitable<void> Connection::run() {
    const auto self = shared_from_this();
    const Wire::Got shaken = co_await wire_.handshake(Clock::now() + hub_.settings().header_timeout);
    if (shaken == Wire::Got::bytes) {
        co_await serve();
        if (!gone_) co_await wire_.linger();
    } else if (shaken == Wire::Got::broken) {
        util::count("http_refused_total", {{"reason", "tls"}});
    }
    close();
}

void Connection::stop() {
    if (between_requests_) wire_.interrupt();
    notice_->raise();   // events end
}

void Connection::close() {
    gone_ = true;
    notice_->raise();
    wire_.close();
}

asio::awaitable<void> Connection::serve() {
    bool first = true;
    while (!hub_.stopping) {
        Exchange exchange;
        if (!co_await read_head(exchange, std::exchange(first, false))) break;
        between_requests_ = false;
        const bool more = co_await answer(exchange);
        between_requests_ = true;
        if (!more) break;
    }
}

/// False: there is none, and the connection is of no more use.
asio::awaitable<bool> Connection::read_head(Exchange& exchange, bool first) {
    const core::HttpSettings& settings = hub_.settings();
    auto until = Clock::now() + (first ? settings.header_timeout : settings.keep_alive);
    if (rest().empty()) in_ = {};   // who only waits holds no memory
    at_ = std::min(at_, in_.size());
    bool begun = false;
    for (;;) {
        const RequestParser::Step step = exchange.parser.next(rest());
        if (!begun && !rest().empty()) {
            begun = true;
            until = Clock::now() + settings.header_timeout;
        }
        at_ += step.used;
        if (step.status == RequestParser::Status::head) {
            exchange.id = request_id(exchange.head());
            exchange.began = Clock::now();
            co_return true;
        }
        if (step.status == RequestParser::Status::bad) {
            Response refusal = refuse(step.problem, step.why);
            co_await refuse_head(exchange, std::move(refusal));
            co_return false;
        }
        in_.erase(0, std::exchange(at_, 0));
        const Wire::Got got = co_await wire_.read(in_, until);
        if (got == Wire::Got::bytes) continue;
        if (got == Wire::Got::late && begun) {
            Response refusal = refuse(Problem::timed_out, "the head");
            co_await refuse_head(exchange, std::move(refusal));
        }
        co_return false;
    }
}

/// Of a request that is none.
asio::awaitable<void> Connection::refuse_head(Exchange& exchange, Response refusal) {
    exchange.id = util::random_id();
    exchange.began = Clock::now();
    exchange.caller.name = peer_.text;
    (void)co_await send(exchange, std::move(refusal));
}

/// True: another request may follow.
asio::awaitable<bool> Connection::answer(Exchange& exchange) {
    exchange.caller.name = peer_.text;
    exchange.complete = !exchange.head().has_body();
    Response response = co_await respond(exchange);
    if (gone_) {
        response = {.status = kClientGone};
        record(exchange, response);
        co_return false;
    }
    if (exchange.answered) {
        record(exchange, response);
        co_return false;
    }
    co_return co_await send(exchange, std::move(response));
}

asio::awaitable<Response> Connection::respond(Exchange& exchange) {
    if (auto refusal = refused_at_gate(exchange)) co_return *std::move(refusal);
    if (exchange.mounted) co_return co_await mounted(exchange);
    if (exchange.match.row->route != Route::scan) {
        if (auto refusal = co_await skip_body(exchange)) co_return *std::move(refusal);
    }
    co_return co_await obey(exchange);
}

asio::awaitable<Response> Connection::obey(Exchange& exchange) {
    switch (exchange.match.row->route) {
        case Route::scan:
            co_return co_await scan(exchange);
        case Route::job:
            co_return job(exchange);
        case Route::report:
            co_return co_await report(exchange);
        case Route::backends:
            co_return co_await backends();
        case Route::reload:
            co_return co_await reload(exchange);
        case Route::events:
            co_return co_await events(exchange);
        case Route::health:
            co_return json_response(200, "{\"status\":\"ok\"}");
        case Route::readiness:
            co_return co_await readiness(exchange);
        case Route::metrics:
            co_return co_await metrics();
        case Route::description:
            co_return json_response(200, openapi());
    }
    std::unreachable();
}

asio::awaitable<bool> Connection::send(Exchange& exchange, Response response) {
    const bool close = !exchange.complete || !exchange.head().keep_alive || hub_.stopping;
    const Sending sending{.request_id = exchange.id,
                          .close = close,
                          .head_only = exchange.head().method == "HEAD",
                          .endless = false};
    const std::string bytes = to_bytes(response, sending);
    const bool sent = co_await wire_.write(bytes, hub_.settings().send_timeout);
    gone_ = gone_ || !sent;
    record(exchange, response);
    co_return sent && !close;
}

std::string_view Connection::route_of(const Exchange& exchange) const {
    if (exchange.mounted) return hub_.parts.mount->name();
    return exchange.match.row == nullptr ? std::string_view("unknown") : exchange.match.row->pattern;
}

void Connection::record(const Exchange& exchange, const Response& response) const {
    const std::string_view route = route_of(exchange);
    const std::string status = std::to_string(response.status);
    const auto took = std::chrono::duration<double>(Clock::now() - exchange.began);
    util::count("http_requests_total", {{"route", route}, {"status", status}});
    if (!exchange.answered) util::observe("http_request_seconds", {{"route", route}}, took.count());
    if (response.refused) {
        const std::string_view code = row_of(*response.refused).code;
        util::count("http_refused_total", {{"reason", code}});
        util::log(util::Level::info, "http_refused",
                  {{"request", exchange.id},
                   {"peer", peer_.text},
                   {"caller", exchange.caller.name},
                   {"route", std::string(route)},
                   {"status", status},
                   {"reason", std::string(code)}});
        return;
    }
    util::log(util::Level::debug, "http_request",
              {{"request", exchange.id},
               {"peer", peer_.text},
               {"caller", exchange.caller.name},
               {"method", exchange.head().method},
               {"route", std::string(route)},
               {"status", status},
               {"ms", std::to_string(static_cast<long long>(took.count() * 1000))}});
}

asio::awaitable<Connection::Piece> Connection::next_piece(Exchange& exchange) {
    const std::string* expects = exchange.head().find("expect");
    bool told_to_go_on = expects == nullptr || exchange.head().minor == 0 || exchange.body_bytes > 0;
    Piece piece;
    for (;;) {
        const RequestParser::Step step = exchange.parser.next(rest());
        at_ += step.used;
        if (step.status != RequestParser::Status::more) {
            // Chunks may be single bytes: the others' turn.
            if (++pieces_ % kPiecesAtOnce == 0) co_await asio::post(asio::use_awaitable);
            take(step, exchange, piece);
            break;
        }
        if (!std::exchange(told_to_go_on, true) && rest().empty())
            (void)co_await wire_.write("HTTP/1.1 100 Continue\r\n\r\n", hub_.settings().send_timeout);
        in_.erase(0, std::exchange(at_, 0));
        const auto until = std::min(Clock::now() + hub_.settings().body_timeout, exchange.body_until);
        const Wire::Got got = co_await wire_.read(in_, until);
        if (got == Wire::Got::bytes) continue;
        gone_ = got != Wire::Got::late;
        piece.kind = gone_ ? Piece::Kind::gone : Piece::Kind::refused;
        piece.refusal = refuse(Problem::timed_out, "the body");
        break;
    }
    co_return piece;
}

void Connection::take(const RequestParser::Step& step, Exchange& exchange, Piece& piece) {
    if (step.status == RequestParser::Status::body) {
        exchange.body_bytes += step.piece.size();
        piece.kind = Piece::Kind::bytes;
        piece.bytes = step.piece;
    } else if (step.status == RequestParser::Status::done) {
        exchange.complete = true;
        util::count("http_bytes_total", {}, static_cast<double>(exchange.body_bytes));
        piece.kind = Piece::Kind::end;
    } else {
        piece.kind = Piece::Kind::refused;
        piece.refusal = refuse(step.problem, step.why);
    }
}

/// Of a route that needs none: a little of it does no harm.
asio::awaitable<std::optional<Response>> Connection::skip_body(Exchange& exchange) {
    for (;;) {
        Piece piece = co_await next_piece(exchange);
        switch (piece.kind) {
            case Piece::Kind::end:
                co_return std::nullopt;
            case Piece::Kind::bytes:
                if (exchange.body_bytes > kMostSkipped)
                    co_return refuse(Problem::too_large, "nothing was to be sent here");
                break;
            case Piece::Kind::refused:
            case Piece::Kind::gone:
                co_return std::move(piece.refusal);
        }
    }
}

/// Reads ahead while something else is waited for: this is how a client that goes away is noticed.
asio::awaitable<void> Connection::watch() {
    const auto self = shared_from_this();
    while (watching_ && rest().size() < kMostAhead) {
        const Wire::Got got = co_await wire_.read(in_, Clock::time_point::max());
        if (got == Wire::Got::bytes) continue;
        ended_ = got == Wire::Got::end;
        // One that only sends no more still waits for its answer.
        if (got == Wire::Got::broken || (ended_ && wire_.hung_up())) gone_ = true;
        break;
    }
    watch_ended_ = true;
    notice_->raise();
}

void Connection::start_watching() {
    watching_ = true;
    watch_ended_ = false;
    asio::co_spawn(hub_.io, [self = shared_from_this()] { return self->watch(); }, asio::detached);
}

asio::awaitable<void> Connection::stop_watching() {
    watching_ = false;
    wire_.interrupt();
    while (!watch_ended_) (void)co_await notice_->wait();
}

asio::awaitable<bool> Connection::wait_for(std::function<bool()> holds) {
    start_watching();
    while (!gone_ && !holds()) (void)co_await notice_->wait();
    co_await stop_watching();
    co_return !gone_;
}

}   // namespace microengine::http
