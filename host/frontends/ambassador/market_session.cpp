// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/market_session.hpp"

#include "host/frontends/ambassador/specimens.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_adaptor.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <utility>

namespace microengine::ambassador {

namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using Manner = ArtifactScript::Manner;

constexpr std::uint64_t kMostOfReply = std::uint64_t{4} << 20;
constexpr std::size_t kMostEndless = std::size_t{1} << 30;
constexpr std::size_t kPieceOfFlood = std::size_t{64} << 10;

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

std::string field(std::string_view name, std::string_view value) {
    return std::string(name).append(": ").append(value).append("\r\n");
}

std::string head_of(unsigned status, const std::string& fields, bool keep) {
    return "HTTP/1.1 " + std::to_string(status) + " " +
           std::string(view(http::obsolete_reason(static_cast<http::status>(status)))) + "\r\n" + fields +
           field("Connection", keep ? "keep-alive" : "close") + "\r\n";
}

std::string length_of(std::size_t bytes) { return field("Content-Length", std::to_string(bytes)); }

}   // namespace

MarketSession::MarketSession(asio::io_context& io, Socket socket, Market& market,
                             asio::steady_timer& released)
    : io_(io), socket_(std::move(socket)), market_(market), released_(released) {}

asio::awaitable<void> MarketSession::run(std::shared_ptr<MarketSession> self) {
    while (co_await self->answer_one()) {
    }
    error_code ignored;
    self->socket_.close(ignored);   // NOLINT(bugprone-unused-return-value): it is in `ignored`
}

asio::awaitable<bool> MarketSession::answer_one() {
    http::request_parser<http::string_body> parser;
    parser.body_limit(kMostOfReply);
    boost::beast::flat_buffer buffer;
    buffer.commit(asio::buffer_copy(buffer.prepare(in_.size()), asio::buffer(in_)));
    error_code error;
    co_await http::async_read(socket_, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return false;
    in_.assign(static_cast<const char*>(buffer.data().data()), buffer.size());
    const auto& request = parser.get();
    Head head{.method = std::string(view(request.method_string())),
              .target = std::string(view(request.target())),
              .keep = request.keep_alive()};
    if (head.method == "GET") co_return co_await hand_out(std::move(head));
    if (head.method == "POST") {
        Received received{.when = Clock::now(),
                          .body = request.body(),
                          .content_type = std::string(view(request[http::field::content_type])),
                          .length_said = request.has_content_length(),
                          .target = head.target,
                          .answered = 0};
        co_return co_await take(std::move(head), std::move(received));
    }
    market_.stray(head.method + " " + head.target);
    co_return co_await send(405, field("Allow", "GET, POST"), "", head.keep);
}

asio::awaitable<bool> MarketSession::hand_out(Head head) {
    const auto handout = market_.download(head.target, {.when = Clock::now()});
    if (!handout) {
        market_.stray("GET " + head.target);
        co_return co_await send(404, "", "", head.keep);
    }
    const ArtifactScript& script = *handout->script;
    if (handout->status != 200) {
        const std::string fields = script.location.empty() ? "" : field("Location", script.location);
        co_return co_await send(handout->status, fields, "", head.keep);
    }
    while (market_.held(handout->artifact)) {
        error_code woken;
        co_await released_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    if (script.manner == Manner::whole || script.manner == Manner::held)
        co_return co_await send(200, field("Content-Type", "application/octet-stream"), script.bytes,
                                head.keep);
    if (script.manner == Manner::gzipped) {
        const std::string body = gzipped(script.bytes);
        co_return co_await send(200, field("Content-Encoding", "gzip"), body, head.keep);
    }
    if (script.manner == Manner::endless)
        co_await flood(script);
    else
        co_await drip(script);
    co_await wait_for_end();
    co_return false;
}

asio::awaitable<void> MarketSession::drip(const ArtifactScript& script) {
    const std::string_view bytes = script.bytes;
    std::size_t sent = script.manner == Manner::stalled ? bytes.size() / 2 : 1;
    const std::string first = head_of(200, length_of(bytes.size()), false).append(bytes.substr(0, sent));
    if (!co_await write(first) || script.manner == Manner::stalled) co_return;
    for (; sent < bytes.size(); ++sent) {
        co_await pause(std::chrono::seconds(1));
        if (!co_await write(bytes.substr(sent, 1))) co_return;
    }
}

asio::awaitable<void> MarketSession::flood(const ArtifactScript& script) {
    std::string piece;
    while (piece.size() < kPieceOfFlood) piece += script.bytes.empty() ? "x" : script.bytes;
    std::array<char, 20> size{};
    const int digits = std::snprintf(size.data(), size.size(), "%zx", piece.size());
    const std::string chunk =
        std::string(size.data(), static_cast<std::size_t>(digits)) + "\r\n" + piece + "\r\n";
    const std::string head = head_of(200, field("Transfer-Encoding", "chunked"), false);
    bool open = co_await write(head);
    for (std::size_t sent = 0; open && sent < kMostEndless; sent += piece.size())
        open = co_await write(chunk);
}

asio::awaitable<bool> MarketSession::take(Head head, Received received) {
    const auto step = market_.receive(std::move(received));
    if (!step) {
        market_.stray("POST " + head.target);
        co_return co_await send(404, "", "", head.keep);
    }
    if (step->after.count() > 0) co_await pause(step->after);
    if (step->status == 0) co_return false;
    std::string fields = field("Content-Type", "application/json");
    if (step->retry_after_s > 0) fields += field("Retry-After", std::to_string(step->retry_after_s));
    if (!step->location.empty()) fields += field("Location", step->location);
    co_return co_await send(step->status, std::move(fields), "{}", head.keep);
}

asio::awaitable<bool> MarketSession::send(unsigned status, std::string fields, std::string_view body,
                                          bool keep) {
    const std::string head = head_of(status, fields + length_of(body.size()), keep);
    const std::array<asio::const_buffer, 2> whole{asio::buffer(head), asio::buffer(body)};
    error_code error;
    co_await asio::async_write(socket_, whole, asio::redirect_error(asio::use_awaitable, error));
    co_return !error && keep;
}

asio::awaitable<bool> MarketSession::write(std::string_view bytes) {
    error_code error;
    co_await asio::async_write(socket_, asio::buffer(bytes),
                               asio::redirect_error(asio::use_awaitable, error));
    co_return !error;
}

asio::awaitable<void> MarketSession::pause(milliseconds time) {
    asio::steady_timer timer(io_, time);
    error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<void> MarketSession::wait_for_end() {
    std::array<char, 256> ignored{};
    error_code error;
    while (!error)
        co_await socket_.async_read_some(asio::buffer(ignored),
                                         asio::redirect_error(asio::use_awaitable, error));
}

}   // namespace microengine::ambassador
