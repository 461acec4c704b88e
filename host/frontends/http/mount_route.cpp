// SPDX-License-Identifier: MIT
// A request to a path that another frontend answers.

#include "host/frontends/http/connection.hpp"
#include "host/frontends/http/mount.hpp"

#include <boost/asio/post.hpp>

#include <functional>
#include <optional>
#include <utility>

namespace microengine::http {

namespace {

/// An answer on its way back.
struct Waiting {
    std::optional<Response> response;   // on the server's thread only
};

}   // namespace

bool Connection::is_mounted(std::string_view path) const {
    const Mount* mount = hub_.parts.mount;
    return mount != nullptr && mount->has(path);
}

asio::awaitable<Response> Connection::mounted(Exchange& exchange) {
    Mount& mount = *hub_.parts.mount;
    Mount::Request request{
        .path = exchange.target.path, .head = exchange.head(), .body = {}, .peer = peer_.text};
    exchange.body_until = Clock::now() + mount.body_timeout();
    const bool wanted = exchange.head().has_body() && mount.wants_body(exchange.head().method);
    if (wanted && exchange.head().content_length.value_or(0) > mount.most_body_bytes()) {
        Response refusal = refuse(Problem::too_large);
        mount.refused(refusal.status);
        co_return refusal;
    }
    for (bool more = wanted; more;) {
        Piece piece = co_await next_piece(exchange);
        if (piece.kind == Piece::Kind::bytes) {
            if (request.body.size() + piece.bytes.size() > mount.most_body_bytes())
                piece = {.kind = Piece::Kind::refused, .refusal = refuse(Problem::too_large)};
            else
                request.body += piece.bytes;
        }
        if (piece.kind == Piece::Kind::refused) mount.refused(piece.refusal.status);
        if (piece.kind == Piece::Kind::refused || piece.kind == Piece::Kind::gone)
            co_return std::move(piece.refusal);
        more = piece.kind == Piece::Kind::bytes;
    }
    const auto waiting = std::make_shared<Waiting>();   // shared with who answers, perhaps after we are gone
    mount.answer(std::move(request), [waiting, notice = notice_, &io = hub_.io](Response response) {
        asio::post(io, [waiting, notice, response = std::move(response)]() mutable {
            waiting->response = std::move(response);
            notice->raise();
        });
    });
    const std::function<bool()> answered = [waiting] { return waiting->response.has_value(); };
    if (!co_await wait_for(answered)) co_return Response{};
    co_return *std::move(waiting->response);
}

}   // namespace microengine::http
