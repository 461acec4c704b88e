// SPDX-License-Identifier: MIT
#pragma once
// What the marketplace offers, expects and has seen: scripts go in, records come out. Times are of the
// monotonic clock. Any thread.

#include "host/util/digest.hpp"
#include "host/util/mutex.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::ambassador {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// How an artifact is handed out.
struct ArtifactScript {
    enum class Manner : std::uint8_t {
        whole,
        held,       ///< whole, but not before release()
        stalled,    ///< the first half, then nothing more, with the connection open
        trickled,   ///< a byte a second
        endless,    ///< its bytes again and again, chunked, up to 1 GiB; then as stalled
        gzipped,    ///< compressed, though nobody asked for it
    };
    std::string bytes{};
    Manner manner = Manner::whole;
    std::vector<unsigned> first{};   ///< statuses of the first downloads, with no body
    unsigned then = 200;             ///< and of those after them; 302 leads to `location`
    std::string location{};
};

/// How the replies to one bounty are answered.
struct ReplyScript {
    struct Step {
        unsigned status = 200;        ///< 0: the connection is cut without an answer
        unsigned retry_after_s = 0;   ///< 0: not said
        milliseconds after{0};        ///< it is answered so late
        std::string location{};       ///< of a redirect
    };
    std::vector<Step> first{};   ///< the first attempts; those after them get 200
};

struct Download {
    Clock::time_point when;   ///< the request was read
};

/// An attempt to deliver a reply.
struct Received {
    Clock::time_point when;   ///< its last byte was read
    std::string body;
    std::string content_type;
    bool length_said = false;   ///< Content-Length, not chunks
    std::string target;         ///< path and query
    unsigned answered = 0;      ///< 0: cut
};

class Market {
public:
    using Number = std::uint64_t;

    Market();
    ~Market() = default;
    Market(const Market&) = delete;
    Market& operator=(const Market&) = delete;

    /// A place for an artifact, and its path.
    [[nodiscard]] Number offer(ArtifactScript script);
    [[nodiscard]] std::string path_of_artifact(Number artifact) const;
    [[nodiscard]] std::shared_ptr<const ArtifactScript> script(Number artifact) const;
    /// The digest of the bytes that a download is to bring.
    [[nodiscard]] util::Sha256 digest_of(Number artifact) const;
    /// A place for replies, and its path with a nonce in the query. `kind`: "assertions" or "votes", as
    /// PolySwarm has it at the end of the path.
    [[nodiscard]] Number expect(ReplyScript script, std::string_view kind);
    [[nodiscard]] std::string target_of_replies(Number reply) const;

    /// Held artifacts are handed out from now on.
    void release(Number artifact);
    void release_all();

    [[nodiscard]] std::vector<Download> downloads(Number artifact) const;
    [[nodiscard]] std::vector<Received> replies(Number reply) const;
    /// Requests for what was never offered, and replies with another nonce: "POST /path".
    [[nodiscard]] std::vector<std::string> strays() const;
    /// What must not be seen by others.
    [[nodiscard]] std::vector<std::string> nonces() const;

    /// False: the time came first.
    bool wait_for_replies(Number reply, std::size_t count, Clock::time_point until);
    bool wait_for_downloads(Number artifact, std::size_t count, Clock::time_point until);

    // For the server.

    struct Handout {
        std::shared_ptr<const ArtifactScript> script;   // shared with downloads in work
        Number artifact = 0;
        unsigned status = 200;
    };
    /// Nothing: there is no such artifact; that is a stray.
    [[nodiscard]] std::optional<Handout> download(std::string_view target, Download seen);
    [[nodiscard]] bool held(Number artifact) const;
    /// What to answer. Nothing: nobody expects a reply there; that is a stray.
    [[nodiscard]] std::optional<ReplyScript::Step> receive(Received received);
    void stray(std::string what);
    /// Called whenever something is released, on the thread that does it.
    void on_release(std::function<void()> tell);

private:
    struct Artifact {
        std::shared_ptr<const ArtifactScript> script;
        util::Sha256 sha256{};
        std::vector<Download> downloads;
        bool held = false;
    };
    struct ReplyPlace {
        ReplyScript script;
        std::string kind, nonce;
        std::vector<Received> received;
    };
    [[nodiscard]] std::string target_of(Number reply, const ReplyPlace& place) const;

    const std::string run_;   // unguessable, in every path
    mutable util::Mutex mutex_;
    util::Condition changed_;
    std::map<Number, Artifact> artifacts_ ME_GUARDED_BY(mutex_);
    std::map<Number, ReplyPlace> replies_ ME_GUARDED_BY(mutex_);
    std::map<std::string, Number, std::less<>> by_target_ ME_GUARDED_BY(mutex_);   // both kinds
    std::vector<std::string> strays_ ME_GUARDED_BY(mutex_);
    std::function<void()> released_ ME_GUARDED_BY(mutex_);
};

}   // namespace microengine::ambassador
