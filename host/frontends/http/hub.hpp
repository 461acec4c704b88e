// SPDX-License-Identifier: MIT
#pragma once
// What all connections of the server share. Only on the server's thread, but for what says otherwise.

#include "host/frontends/http/feed.hpp"
#include "host/frontends/http/jobs.hpp"
#include "host/frontends/http/notice.hpp"
#include "host/frontends/http/server.hpp"
#include "host/frontends/http/tls.hpp"
#include "host/frontends/http/tokens.hpp"
#include "host/util/mutex.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace microengine::http {

/// A value that is replaced as a whole. Any thread; who has it keeps it.
template <class T>
class Current {
public:
    [[nodiscard]] std::shared_ptr<const T> get() const {
        const util::Lock lock(mutex_);
        return value_;
    }
    void set(std::shared_ptr<const T> value) {
        const util::Lock lock(mutex_);
        value_.swap(value);
    }

private:
    mutable util::Mutex mutex_;
    std::shared_ptr<const T> value_ ME_GUARDED_BY(mutex_);   // shared with those who use it
};

struct Hub {
    explicit Hub(HttpServer::Parts given)
        : parts(std::move(given)), jobs({.jobs = parts.settings.max_jobs, .ttl = parts.settings.job_ttl}) {}

    HttpServer::Parts parts;
    asio::io_context io{1};
    asio::thread_pool aside{1};   ///< for what may wait: files, the persistent cache, numbers
    Current<Tokens> tokens;       ///< none: whoever reaches an address may do everything
    Current<TlsContext> tls;      ///< none: in the clear
    EventFeed feed;               ///< any thread
    JobStore jobs;
    bool stopping = false;
    std::uint64_t mounted_bytes = 0;                  ///< of bodies that are on their way to the mount
    std::map<std::string, std::string> told_states;   ///< of backends, as subscribers know them

    [[nodiscard]] const core::HttpSettings& settings() const { return parts.settings; }

    /// Whom his jobs belong to: without tokens all are one.
    [[nodiscard]] std::string owner_of(const Caller& caller) const {
        return tokens.get() ? caller.name : std::string();
    }
    /// What it returns, of a thread that may wait.
    template <class T>
    asio::awaitable<T> ask(std::function<T()> question) {
        co_return co_await asio::co_spawn(aside, answer<T>(std::move(question)), asio::use_awaitable);
    }

private:
    template <class T>
    static asio::awaitable<T> answer(std::function<T()> question) {
        co_return question();
    }
};

}   // namespace microengine::http
