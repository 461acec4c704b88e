// SPDX-License-Identifier: MIT
// A request to a path that another frontend answers.

#include "host/frontends/http/connection.hpp"
#include "host/frontends/http/mount.hpp"

#include <boost/asio/post.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace microengine::http {

namespace {

constexpr std::uint64_t kBodiesAtOnce = 64;   // of the largest

/// What one request has added to a sum, until it ends.
class Filled {
public:
    explicit Filled(std::uint64_t& sum) : sum_(sum) {}
    ~Filled() { sum_ -= own_; }
    Filled(const Filled&) = delete;
    Filled& operator=(const Filled&) = delete;
    void add(std::uint64_t bytes) {
        sum_ += bytes;
        own_ += bytes;
    }

private:
    std::uint64_t& sum_;
    std::uint64_t own_ = 0;
};

/// An answer on its way back.
struct Waiting {
    std::optional<Response> response;   // on the server's thread only
};

}   // namespace

bool Connection::is_mounted(std::string_view path) const {
    const Mount* mount = hub_.parts.mount;
    return mount != nullptr && mount->has(path);
}

/// Of who has not been asked yet who he is: hence what all of them together may fill.
asio::awaitable<std::optional<Response>> Connection::refused_body(Exchange& exchange, std::string& body) {
    Mount& mount = *hub_.parts.mount;
    Filled filled(hub_.mounted_bytes);
    const auto refuse_as = [&](Problem problem) {
        Response refusal = refuse(problem);
        mount.refused(refusal.status);
        return refusal;
    };
    if (exchange.head().content_length.value_or(0) > mount.most_body_bytes())
        co_return refuse_as(Problem::too_large);
    for (;;) {
        Piece piece = co_await next_piece(exchange);
        if (piece.kind == Piece::Kind::refused) mount.refused(piece.refusal.status);
        if (piece.kind == Piece::Kind::refused || piece.kind == Piece::Kind::gone)
            co_return std::move(piece.refusal);
        if (piece.kind != Piece::Kind::bytes) co_return std::nullopt;
        if (body.size() + piece.bytes.size() > mount.most_body_bytes())
            co_return refuse_as(Problem::too_large);
        if (hub_.mounted_bytes + piece.bytes.size() > kBodiesAtOnce * mount.most_body_bytes())
            co_return refuse_as(Problem::no_room);
        filled.add(piece.bytes.size());
        body += piece.bytes;
    }
}

asio::awaitable<Response> Connection::mounted(Exchange& exchange) {
    Mount& mount = *hub_.parts.mount;
    Mount::Request request{
        .path = exchange.target.path, .head = exchange.head(), .body = {}, .peer = peer_.text};
    exchange.body_until = Clock::now() + mount.body_timeout();
    const bool wanted = exchange.head().has_body() && mount.wants_body(exchange.head().method);
    if (wanted) {
        auto refusal = co_await refused_body(exchange, request.body);
        if (refusal) co_return *std::move(refusal);
    }
    const auto waiting = std::make_shared<Waiting>();   // shared with who answers, perhaps after we are gone
    mount.answer(std::move(request), [waiting, notice = notice_, &io = hub_.io](Response response) {
        asio::post(io, [waiting, notice, response = std::move(response)]() mutable {
            waiting->response = std::move(response);
            notice->raise();
        });
    });
    const std::function<bool()> answered = [waiting] { return waiting->response.has_value(); };
    const bool came = co_await wait_for(answered);
    co_return came ? std::move(waiting->response).value_or(Response{}) : Response{};
}

}   // namespace microengine::http
