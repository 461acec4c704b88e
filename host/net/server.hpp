// SPDX-License-Identifier: MIT
#pragma once
// What every frontend's server does with its sockets: lets clients in, as many as there may be, runs a
// conversation with each, and ends. All conversations live on one thread, which is the server's.

#include "host/net/listen.hpp"
#include "host/net/peer.hpp"
#include "host/net/shares.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace microengine::net {

using Socket = boost::asio::generic::stream_protocol::socket;

/// With one client. On the server's thread.
class Conversation {
public:
    Conversation() = default;
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;
    virtual ~Conversation() = default;
    /// Until the client is done or gone.
    virtual boost::asio::awaitable<void> run() = 0;
    /// Finish what is in work, and take nothing more.
    virtual void stop() = 0;
    /// At once.
    virtual void close() = 0;
};

/// On the server's thread, but for what says otherwise.
class Server {
public:
    struct Parts {
        boost::asio::io_context& io;   ///< outlives it, and nobody else runs it
        std::string frontend;          ///< "clamd": begins the names of its metrics and events
        std::size_t max_connections = 1;
        std::function<bool(const Peer&)> admits;   ///< may it connect at all? Empty: everybody may
        /// A new one; its socket does not block.
        std::function<std::shared_ptr<Conversation>(Socket, Peer, std::uint64_t number)> begin;
        std::function<void()> stopping;   ///< called once, before conversations are told to stop
    };
    /// Nothing happens before start().
    Server(Parts parts, std::vector<Listener> listeners);
    ~Server() { end(); }   // NOLINT(bugprone-exception-escape): of joining a thread that is ours
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Serves from here on. Main thread.
    void start();
    [[nodiscard]] const std::vector<Listener>& listeners() const { return listeners_; }
    /// No more connections; those that are finish what is in work. Any thread.
    void stop_accepting();
    /// Waits until all have ended; at that time those left are closed. True: none was left. Any thread.
    bool drain(std::chrono::steady_clock::time_point until);
    /// Does its thread do something that is asked of it before that time? Any thread.
    [[nodiscard]] bool answers(std::chrono::steady_clock::time_point until);
    /// Its thread ends, whatever is in work. Main thread.
    void end();

private:
    using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;
    boost::asio::awaitable<void> room();
    boost::asio::awaitable<void> accept(Acceptor& acceptor);
    void admit(Socket socket);
    void refuse(const Peer& peer, std::string_view reason) const;
    void ended(std::uint64_t number, const std::string& peer, const std::exception_ptr& failure);
    void stop();
    void tell_count() const;

    Parts parts_;
    std::vector<Listener> listeners_;   // their descriptors are the acceptors'
    Shares shares_;
    // All that is left may be a scan, whose answer comes from another thread.
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    boost::asio::steady_timer changed_;   // its waiters are woken when a conversation ends
    std::vector<std::unique_ptr<Acceptor>> acceptors_;
    std::map<std::uint64_t, std::shared_ptr<Conversation>> conversations_;
    std::uint64_t admitted_ = 0;
    bool stopping_ = false;
    std::promise<void> all_ended_;
    std::future<void> ended_future_ = all_ended_.get_future();
    std::jthread thread_;   // last: it ends before what it uses
};

}   // namespace microengine::net
