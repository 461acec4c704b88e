// SPDX-License-Identifier: MIT
#pragma once
// One client: its requests in, one answer each out, in their order. On the server's thread only.

#include "host/frontends/http/hub.hpp"
#include "host/frontends/http/message.hpp"
#include "host/frontends/http/parser.hpp"
#include "host/frontends/http/routes.hpp"
#include "host/frontends/http/target.hpp"
#include "host/frontends/http/tokens.hpp"
#include "host/frontends/http/wire.hpp"
#include "host/net/peer.hpp"
#include "host/net/server.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace microengine::http {

struct Batch;
struct ScanOptions;
class Upload;

class Connection final : public net::Conversation, public std::enable_shared_from_this<Connection> {
public:
    Connection(Hub& hub, Socket socket, std::unique_ptr<Transport> transport, net::Peer peer);

    /// Until the client is done or gone. The connection's life: it is held by it and by what is in work.
    asio::awaitable<void> run() override;
    /// Finish what is in work and take no more requests.
    void stop() override;
    /// At once.
    void close() override;

private:
    /// One request while it is answered.
    struct Exchange {
        RequestParser parser;
        Target target;
        Match match;      ///< no row: none is known
        Caller caller;    ///< of the token, else of the peer
        std::string id;   ///< X-Request-Id
        Clock::time_point began;
        Clock::time_point body_until = Clock::time_point::max();   ///< for all of a body
        bool mounted = false;                                      ///< another frontend's path
        bool complete = false;                                     ///< all of the request has been read
        bool answered = false;                                     ///< it has sent its answer itself
        std::uint64_t body_bytes = 0;

        [[nodiscard]] const Head& head() const { return parser.head(); }
    };
    /// What next_piece() got; `bytes` until the next call.
    struct Piece {
        enum class Kind : std::uint8_t { bytes, end, refused, gone };
        Kind kind = Kind::gone;
        std::string_view bytes = {};
        Response refusal = {};
    };

    // connection.cpp: the order of requests
    asio::awaitable<void> serve();
    asio::awaitable<bool> read_head(Exchange& exchange, bool first);
    asio::awaitable<void> refuse_head(Exchange& exchange, Response refusal);
    asio::awaitable<bool> answer(Exchange& exchange);
    asio::awaitable<bool> send(Exchange& exchange, Response response);
    asio::awaitable<Response> respond(Exchange& exchange);
    asio::awaitable<Response> obey(Exchange& exchange);
    void record(const Exchange& exchange, const Response& response) const;
    [[nodiscard]] std::string_view route_of(const Exchange& exchange) const;

    // connection.cpp: bytes
    asio::awaitable<Piece> next_piece(Exchange& exchange);
    static void take(const RequestParser::Step& step, Exchange& exchange, Piece& piece);
    asio::awaitable<std::optional<Response>> skip_body(Exchange& exchange);
    asio::awaitable<void> watch();
    void start_watching();
    asio::awaitable<void> stop_watching();
    /// Until it holds; false: the client is gone first.
    asio::awaitable<bool> wait_for(std::function<bool()> holds);
    [[nodiscard]] std::string_view rest() const { return std::string_view(in_).substr(at_); }

    // gate.cpp: may this be answered at all?
    [[nodiscard]] std::optional<Response> refused_at_gate(Exchange& exchange) const;
    [[nodiscard]] std::optional<Response> refused_caller(Exchange& exchange) const;

    // scan_route.cpp
    asio::awaitable<Response> scan(Exchange& exchange);
    asio::awaitable<std::optional<Response>> receive(Exchange& exchange, Upload& upload);
    std::optional<Response> offer(const Exchange& exchange, Upload& upload, const ScanOptions& options,
                                  const std::shared_ptr<Batch>& batch);
    Response start_job(const Exchange& exchange, Upload& upload, const ScanOptions& options);

    // info_routes.cpp
    Response job(const Exchange& exchange);
    asio::awaitable<Response> report(Exchange& exchange);
    asio::awaitable<Response> backends();
    asio::awaitable<Response> reload(Exchange& exchange);
    asio::awaitable<Response> readiness(Exchange& exchange);
    asio::awaitable<Response> metrics();

    // mount_route.cpp
    [[nodiscard]] bool is_mounted(std::string_view path) const;
    asio::awaitable<Response> mounted(Exchange& exchange);
    asio::awaitable<std::optional<Response>> refused_body(Exchange& exchange, std::string& body);

    // events_route.cpp
    asio::awaitable<Response> events(Exchange& exchange);

    Hub& hub_;
    net::Peer peer_;
    Wire wire_;
    std::string in_;   // bytes that no request has taken yet, from at_ on
    std::size_t at_ = 0;
    bool between_requests_ = true;
    bool gone_ = false;
    bool ended_ = false;   // it sends no more
    std::uint64_t pieces_ = 0;
    bool watching_ = false;
    bool watch_ended_ = true;
    std::shared_ptr<Notice> notice_;   // shared with those who raise it: scans, events
};

}   // namespace microengine::http
