// SPDX-License-Identifier: MIT
#pragma once
// One connection's bytes, and how long each step may take. Only on the server's thread; at most one reader
// and one writer at a time.

#include "host/frontends/http/notice.hpp"
#include "host/frontends/http/transport.hpp"
#include "host/net/server.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace microengine::http {

using net::Socket;

class Wire {
public:
    enum class Got : std::uint8_t { bytes, end, late, interrupted, broken };

    Wire(asio::io_context& io, Socket socket, std::unique_ptr<Transport> transport);

    asio::awaitable<Got> handshake(Clock::time_point until);
    /// Appends what there is, at most 64 KiB.
    asio::awaitable<Got> read(std::string& in, Clock::time_point until);
    /// All of it; false: the client is gone, or took nothing for so long.
    asio::awaitable<bool> write(std::string_view bytes, std::chrono::milliseconds patience);
    /// Can the client not be reached any more either? Over TCP that is only known once it says so.
    [[nodiscard]] bool hung_up();
    /// The read in work ends: Got::interrupted.
    void interrupt();
    /// Says that no more is sent, and reads what the client still sends: a close with unread bytes would
    /// reset the connection and take the last answer away.
    asio::awaitable<void> linger();
    void close();

private:
    /// Of the reader or of the writer; shared with its timer's handler.
    struct Side {
        explicit Side(asio::io_context& io) : timer(io) {}
        asio::cancellation_signal signal;
        asio::steady_timer timer;
        bool waiting = false;
        bool late = false;
    };
    asio::awaitable<Got> read_some(std::string& in, Clock::time_point until);
    asio::awaitable<Got> ready(Transport::State state, Clock::time_point until, std::shared_ptr<Side> side);

    static Transport::Step try_read(Transport& transport, std::string* in);

    Socket socket_;
    std::unique_ptr<Transport> transport_;
    std::shared_ptr<Side> reader_, writer_;
    bool broken_ = false;
    bool reading_ = false;
    bool interrupted_ = false;
    std::size_t since_pause_ = 0;   // bytes read without a wait
};

}   // namespace microengine::http
