// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/poster.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <optional>
#include <utility>

namespace microengine::ambassador {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Parser = http::response_parser<http::string_body>;

constexpr std::uint64_t kMostOfAnswer = std::uint64_t{64} << 20;   // metrics are read with it, too

std::string text(boost::beast::string_view view) { return {view.data(), view.size()}; }

}   // namespace

struct Poster::Impl {
    explicit Impl(Target given) : target(std::move(given)) {}

    asio::awaitable<void> connect() {
        socket.close();
        buffer.clear();
        tcp::resolver resolver(io);
        const auto addresses = co_await resolver.async_resolve(
            target.host, target.port, asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
        co_await asio::async_connect(socket, addresses, asio::redirect_error(asio::use_awaitable, error));
        if (!error) error = socket.set_option(tcp::no_delay(true), error);
    }

    /// Beside the reader: who is refused early does not read the rest.
    asio::awaitable<void> write(std::string_view request) {
        writing = true;
        error_code ignored;
        co_await asio::async_write(socket, asio::buffer(request),
                                   asio::redirect_error(asio::use_awaitable, ignored));
        writing = false;
    }

    asio::awaitable<void> read(bool head_only) {
        do {
            parser.emplace();
            parser->body_limit(kMostOfAnswer);
            parser->skip(head_only);
            co_await http::async_read(socket, buffer, *parser,
                                      asio::redirect_error(asio::use_awaitable, error));
        } while (!error && parser->get().result_int() == 100);
        when = Clock::now();
        finished = true;
    }

    asio::awaitable<void> exchange(std::string_view request, bool fresh) {
        if (fresh) co_await connect();
        if (error) {
            finished = true;
            co_return;
        }
        asio::co_spawn(io, write(request), asio::detached);
        co_await read(request.starts_with("HEAD "));
    }

    /// False: nothing came in time.
    bool run(std::string_view request, bool fresh, Clock::time_point until) {
        error = {};
        finished = false;
        parser.reset();
        io.restart();
        asio::co_spawn(io, exchange(request, fresh), asio::detached);
        while (!finished && Clock::now() < until) (void)io.run_one_until(until);
        return finished;
    }

    /// Is the connection of further use?
    [[nodiscard]] bool kept() const {
        return finished && !error && !writing && parser && parser->get().keep_alive();
    }

    /// Has anything of an answer come?
    [[nodiscard]] bool got_some() const { return parser && parser->got_some(); }

    Target target;
    asio::io_context io{1};
    tcp::socket socket{io};
    boost::beast::flat_buffer buffer;
    std::optional<Parser> parser;
    error_code error;
    Clock::time_point when;
    bool finished = false;
    bool writing = false;
};

Poster::Poster(Target target) : impl_(std::make_unique<Impl>(std::move(target))) {}
Poster::~Poster() = default;
Poster::Poster(Poster&&) noexcept = default;
Poster& Poster::operator=(Poster&&) noexcept = default;

util::Result<Answer> Poster::answer_of(const Impl& impl, bool in_time, Clock::time_point begun) {
    if (!in_time) return util::fail(util::Errc::io, impl.target.text(), "no answer in time");
    if (impl.error) return util::fail(util::Errc::io, impl.target.text(), impl.error.message());
    if (!impl.parser) return util::fail(util::Errc::io, impl.target.text(), "no answer");
    const auto& response = impl.parser->get();
    return Answer{.status = response.result_int(),
                  .allow = text(response[http::field::allow]),
                  .retry_after = text(response[http::field::retry_after]),
                  .body = response.body(),
                  .took = std::chrono::duration_cast<milliseconds>(impl.when - begun),
                  .when = impl.when};
}

util::Result<Answer> Poster::send(std::string_view request, milliseconds patience) {
    const auto until = Clock::now() + patience;
    const auto begun = Clock::now();
    const bool fresh = !impl_->socket.is_open();
    bool in_time = impl_->run(request, fresh, until);
    // A connection that was kept may have been closed since: nothing of the request was looked at.
    if (!fresh && in_time && impl_->error && !impl_->got_some()) {
        impl_ = std::make_unique<Impl>(impl_->target);
        in_time = impl_->run(request, true, until);
    }
    auto answer = answer_of(*impl_, in_time, begun);
    // What still waits, a resolver or a write that nobody reads, goes with it.
    if (!impl_->kept()) impl_ = std::make_unique<Impl>(impl_->target);
    return answer;
}

}   // namespace microengine::ambassador
