// SPDX-License-Identifier: MIT
#pragma once
// HTTP requests to addresses that somebody outside has named, on one thread (libcurl's multi interface). Each
// connection is judged by the guard, at the moment its socket is opened and by the very address it goes to,
// so that a name which resolves to something else the next time gains nothing. Ignores the environment's
// proxies; sends no cookies, credentials or referer; follows redirects itself.

#include "host/core/deadline.hpp"
#include "host/fetch/address_guard.hpp"
#include "host/intake/spool.hpp"
#include "host/util/digest.hpp"
#include "host/util/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace microengine::fetch {

/// Why there is no usable answer; a closed list, for metrics.
enum class Failure : std::uint8_t {
    none,
    scheme,    ///< neither http, https nor (of a get) data:
    address,   ///< the guard refused it
    resolve,
    connect,
    tls,
    timeout,   ///< the deadline, or too slow
    too_large,
    status,      ///< of a get: not 200
    redirects,   ///< too many, or from https to http, or without a target
    encoded,     ///< compressed, though nobody asked for that
    broken,      ///< the answer was cut short or is no HTTP
    room,        ///< no room in the spool
    cancelled,   ///< the client ended
};
[[nodiscard]] std::string_view to_text(Failure failure);

struct ClientSettings {
    std::chrono::milliseconds connect_timeout{3'000};
    std::chrono::milliseconds stall_timeout{5'000};   ///< under 1 KiB/s for so long; 0: however slow
    std::size_t at_once = 16;                         ///< requests; more wait their turn, in order
    std::string proxy;                                ///< empty: none. It must guard addresses itself
    std::string user_agent;
    std::string ca_file{};   ///< PEM, of the authorities to trust; empty: those of the system
    AddressGuard guard;
};

struct Get {
    std::string url;   ///< http, https or data:
    core::Deadline deadline;
    std::uint64_t most_bytes = 0;
    std::uint32_t redirects = 3;
    /// After a name that does not resolve, connect errors, 5xx and broken bodies; from the start, after 100
    /// ms, doubled, with jitter. A request that waits for this keeps its place.
    std::uint32_t attempts = 3;
};
struct GotBytes {
    intake::Spool bytes;
    util::Sha256 sha256;
    std::string type;        ///< Content-Type, as sent
    bool delimited = true;   ///< false: it ended where the connection did, perhaps too early
};
struct GetAnswer {
    Failure failure = Failure::none;
    std::string why;   ///< a sentence without the URL's query or user info; empty without failure
    std::unique_ptr<GotBytes> got;   ///< without failure, not null
};

/// One attempt; redirects are not followed.
struct Post {
    std::string url;    ///< http or https
    std::string body;   ///< application/json
    core::Deadline deadline;
};
struct PostAnswer {
    Failure failure = Failure::none;   ///< no answer came
    unsigned status = 0;               ///< without failure; also when the body behind it was cut short
    std::chrono::milliseconds retry_after{0};   ///< Retry-After in seconds or as a date; 0: not said
    std::string head;                           ///< the body's first 512 bytes
    std::string why;
};

/// Is it a URL, http or https, whose host can be told? Addresses are judged later. Pure.
[[nodiscard]] bool can_be_asked(std::string_view url);

/// Any thread. User info in a URL is left out: it is never sent.
class Client {
public:
    /// Throws where no thread can be started. `room` outlives the artifacts that wait in it.
    Client(ClientSettings settings, std::shared_ptr<intake::SpoolRoom> room);
    /// Ends what is in work: Failure::cancelled. Joins the thread, so not on it.
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// `done` is called exactly once, on the client's thread; it must not wait or throw.
    void get(Get request, std::move_only_function<void(GetAnswer)> done);
    void post(Post request, std::move_only_function<void(PostAnswer)> done);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}   // namespace microengine::fetch
