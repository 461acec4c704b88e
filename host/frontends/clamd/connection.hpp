// SPDX-License-Identifier: MIT
#pragma once
// One client: its bytes in, its replies out, and the order between them. On the server's thread only.

#include "host/frontends/clamd/hub.hpp"
#include "host/net/server.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace microengine::clamd {

namespace asio = boost::asio;
using net::Socket;
using Clock = std::chrono::steady_clock;

/// How one command's reply begins and ends.
struct Ticket {
    Form form = Form::n;
    std::optional<std::uint64_t> number;   ///< in a session
};

class Connection final : public net::Conversation, public std::enable_shared_from_this<Connection> {
public:
    Connection(Hub& hub, Socket socket, net::Peer peer, std::uint64_t number);

    /// Until the client is done or gone. The connection's life: it is held by it and by the scans in work.
    asio::awaitable<void> run() override;
    /// Finish what is in work, a stream that has begun too, and take no more commands.
    void stop() override;
    /// At once.
    void close() override;

private:
    enum class Got : std::uint8_t { bytes, end, late, broken };
    enum class Next : std::uint8_t { more, last };   ///< may another command follow?
    struct Scan;

    // connection.cpp: bytes
    asio::awaitable<bool> ready(Socket::wait_type what, Clock::time_point until,
                                asio::cancellation_signal& signal, asio::steady_timer& timer);
    asio::awaitable<Got> fill(Clock::time_point until);
    Got receive();
    asio::awaitable<void> write_all();
    asio::awaitable<void> linger();
    asio::awaitable<void> watch_for_end();
    asio::awaitable<void> pending_below(std::size_t limit);
    void reply(const Ticket& ticket, std::string_view text);
    [[nodiscard]] bool has_orphans() const { return in_.empty() && !descriptors_.empty(); }

    // connection.cpp: the order of commands
    asio::awaitable<void> serve();
    asio::awaitable<std::optional<Parsed>> next_command(Clock::time_point until);
    asio::awaitable<Next> handle(Parsed parsed);

    // commands.cpp
    asio::awaitable<Next> obey(Command command, Ticket ticket);
    asio::awaitable<bool> take_stream(Ticket ticket);
    asio::awaitable<bool> take_descriptor(Ticket ticket);
    void start(Scan scan);
    void finished(const Scan& scan, std::uint64_t number, const core::Report& report);

    // path_commands.cpp
    asio::awaitable<void> scan_path(Command command, Ticket ticket);
    friend class DirectoryScan;

    Hub& hub_;
    Socket socket_;
    net::Peer peer_;
    Access access_;
    std::uint64_t number_;
    std::string in_;                           // bytes that no command has taken yet
    std::deque<util::UniqueFd> descriptors_;   // in the order they came
    bool ended_ = false;                       // the client sends no more
    bool stopping_ = false;
    bool streaming_ = false;   // between INSTREAM and the end of its chunks
    bool protocol_error_ = false;
    Form form_ = Form::n;           // of the last command
    std::deque<std::string> out_;   // replies, one send each
    bool writing_ = false;
    bool broken_ = false;                    // nothing can be sent any more
    std::optional<std::uint64_t> session_;   // the number of its last command
    bool oversize_ = false;
    std::size_t pending_ = 0;      // scans in work
    asio::steady_timer changed_;   // its waiters are woken when pending_ or writing_ change
    asio::cancellation_signal reading_, sending_;
    asio::steady_timer read_timer_, send_timer_;
    std::shared_ptr<std::atomic<bool>> gone_;   // shared with its jobs: they need not be scanned any more
};

}   // namespace microengine::clamd
