// SPDX-License-Identifier: MIT
#include "host/frontends/http/wire.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/post.hpp>
#include <poll.h>

#include <array>
#include <utility>

namespace microengine::http {

namespace {

using boost::system::error_code;

constexpr std::size_t kPiece = std::size_t{64} << 10;
constexpr std::size_t kMostAtOnce = std::size_t{1} << 20;   // of one client, before the others' turn
constexpr auto kLinger = std::chrono::seconds(2);
constexpr std::size_t kMostLingered = std::size_t{256} << 20;

}   // namespace

Wire::Wire(asio::io_context& io, Socket socket, std::unique_ptr<Transport> transport)
    : socket_(std::move(socket)),
      transport_(std::move(transport)),
      reader_(std::make_shared<Side>(io)),
      writer_(std::make_shared<Side>(io)) {}

/// Got::bytes: try again.
asio::awaitable<Wire::Got> Wire::ready(Transport::State state, Clock::time_point until,
                                       std::shared_ptr<Side> side) {
    if (!socket_.is_open()) co_return Got::broken;
    side->late = false;
    side->waiting = true;
    if (until != Clock::time_point::max()) {
        side->timer.expires_at(until);
        side->timer.async_wait([side](error_code error) {
            if (error || !side->waiting) return;
            side->late = true;
            side->signal.emit(asio::cancellation_type::all);
        });
    }
    error_code error;
    co_await socket_.async_wait(
        state == Transport::State::wait_read ? Socket::wait_read : Socket::wait_write,
        asio::bind_cancellation_slot(side->signal.slot(), asio::redirect_error(asio::use_awaitable, error)));
    side->waiting = false;
    side->timer.cancel();
    if (!error) co_return Got::bytes;
    if (side->late) co_return Got::late;
    co_return socket_.is_open() ? Got::interrupted : Got::broken;
}

asio::awaitable<Wire::Got> Wire::handshake(Clock::time_point until) {
    reading_ = true;
    Got got = Got::bytes;
    while (got == Got::bytes) {
        const Transport::Step step = transport_->handshake();
        if (step.state == Transport::State::moved) break;
        broken_ = step.state != Transport::State::wait_read && step.state != Transport::State::wait_write;
        if (broken_)
            got = Got::broken;
        else
            got = co_await ready(step.state, until, reader_);
    }
    reading_ = false;
    co_return got;
}

/// Its buffer is on the stack: a connection that waits holds none.
Transport::Step Wire::try_read(Transport& transport, std::string* in) {
    std::array<char, kPiece> piece;   // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the system
    const Transport::Step step = transport.read(piece);
    if (step.state == Transport::State::moved && in != nullptr) in->append(piece.data(), step.bytes);
    return step;
}

asio::awaitable<Wire::Got> Wire::read(std::string& in, Clock::time_point until) {
    reading_ = true;
    interrupted_ = false;
    const Got got = co_await read_some(in, until);
    reading_ = false;
    co_return got;
}

asio::awaitable<Wire::Got> Wire::read_some(std::string& in, Clock::time_point until) {
    if (since_pause_ > kMostAtOnce) {
        since_pause_ = 0;
        co_await asio::post(asio::use_awaitable);   // the others' turn
    }
    while (socket_.is_open() && !broken_) {
        const Transport::Step step = try_read(*transport_, &in);
        if (step.state == Transport::State::moved) {
            since_pause_ += step.bytes;
            co_return Got::bytes;
        }
        if (step.state == Transport::State::end) co_return Got::end;
        if (step.state == Transport::State::broken) break;
        if (interrupted_) co_return Got::interrupted;
        since_pause_ = 0;
        const Got got = co_await ready(step.state, until, reader_);
        if (got != Got::bytes) co_return got;
    }
    broken_ = true;
    co_return Got::broken;
}

asio::awaitable<bool> Wire::write(std::string_view bytes, std::chrono::milliseconds patience) {
    while (!bytes.empty() && socket_.is_open() && !broken_) {
        const Transport::Step step = transport_->write(bytes);
        if (step.state == Transport::State::moved) {
            bytes.remove_prefix(step.bytes);
            continue;
        }
        const bool waits =
            step.state == Transport::State::wait_read || step.state == Transport::State::wait_write;
        if (!waits || co_await ready(step.state, Clock::now() + patience, writer_) != Got::bytes)
            broken_ = true;
    }
    const bool all = bytes.empty();
    co_return all;
}

bool Wire::hung_up() {
    pollfd state{.fd = socket_.native_handle(), .events = 0, .revents = 0};
    return ::poll(&state, 1, 0) > 0 && (state.revents & (POLLHUP | POLLERR)) != 0;
}

void Wire::interrupt() {
    if (!reading_) return;
    interrupted_ = true;
    if (reader_->waiting) reader_->signal.emit(asio::cancellation_type::all);
}

asio::awaitable<void> Wire::linger() {
    if (broken_ || !socket_.is_open()) co_return;
    transport_->finish();
    // Below TLS: nobody looks at it.
    const auto plain = plain_transport(socket_.native_handle());
    const auto until = Clock::now() + kLinger;
    for (std::size_t read = 0; read < kMostLingered && socket_.is_open();) {
        const Transport::Step step = try_read(*plain, nullptr);
        if (step.state == Transport::State::moved) {
            read += step.bytes;
        } else if (step.state != Transport::State::wait_read ||
                   co_await ready(step.state, until, reader_) != Got::bytes) {
            break;
        }
    }
}

void Wire::close() {
    error_code ignored;
    socket_.close(ignored);   // NOLINT(bugprone-unused-return-value): it is in `ignored`
}

}   // namespace microengine::http
