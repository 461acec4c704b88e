// SPDX-License-Identifier: MIT
#pragma once
// Posts bounties to one engine, and knows of each what was posted and what must come of it.

#include "host/bounty/signature.hpp"
#include "host/frontends/ambassador/bounty_writer.hpp"
#include "host/frontends/ambassador/judge.hpp"
#include "host/frontends/ambassador/poster.hpp"
#include "host/frontends/ambassador/random.hpp"
#include "host/frontends/ambassador/request.hpp"

#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace microengine::ambassador {

/// A bounty to be posted.
struct Plan {
    std::string what;   ///< for people: "EICAR"
    ArtifactScript artifact{};
    std::optional<Market::Number> offered{};   ///< an artifact that was offered before
    std::string uri{};                         ///< instead of an artifact of the market's
    std::string kind = "assertions";           ///< how the path of the replies ends
    ReplyScript replies{};
    std::string response_url{};             ///< instead of a place in the market
    std::optional<Truth> truth{};           ///< else that of the artifact's bytes
    std::optional<bounty::Phase> phase{};   ///< else that of the desk
    bounty::Rules rules{};
    milliseconds lasts{0};   ///< 0: as the run's bounties do
    bool may_download = true;
    Layout layout = Layout::compact;
    std::function<void(BountyFields&, const Spelling::Moment&)> edit{};
};

/// One that was written, and perhaps posted.
struct Posted {
    Plan plan;
    std::string check;   ///< the one that posted it
    std::string body;
    Market::Number artifact = 0;   ///< 0: none of the market's
    Market::Number reply = 0;
    Truth truth;
    bounty::Phase phase = bounty::Phase::assertion;
    Clock::time_point deadline;
    unsigned status = 0;   ///< of the answer; 0: there was none
    std::string problem;   ///< why there was none
    milliseconds took{0};

    [[nodiscard]] bool accepted() const { return status == 202; }
    /// "EICAR: no reply"
    [[nodiscard]] std::string about(const std::string& fault) const { return plan.what + ": " + fault; }
};

/// One thread at a time, but for what says otherwise. What it hands out lives as long as it does.
class Desk {
public:
    struct Parts {
        Market& market;
        std::string origin;   ///< "http://127.0.0.1:41234"
        Target target;
        bounty::Secret secret;
        milliseconds lasts{5000};
        bounty::Phase phase = bounty::Phase::assertion;
        Dice& dice;
    };
    explicit Desk(Parts parts);
    /// The same market for another engine.
    [[nodiscard]] Desk beside(Target target, bounty::Secret secret) const;

    /// Writes it; its time begins.
    [[nodiscard]] Posted& prepare(Plan plan);
    /// Signs and sends it. The status is that of the last time.
    void post(Posted& bounty);
    /// The same by whatever thread, each with bounties and a poster of its own.
    void post(Posted& bounty, Poster& poster) const;
    /// Several, by so many threads.
    void post_all(std::span<Posted* const> bounties, std::size_t threads) const;
    /// What is answered to one more delivery of it. Any thread, each with a poster of its own.
    [[nodiscard]] util::Result<Answer> deliver(const Posted& bounty, Poster& poster) const;
    [[nodiscard]] Posted& post(Plan plan);

    /// Any request.
    [[nodiscard]] util::Result<Answer> send(const Request& request,
                                            milliseconds patience = std::chrono::seconds(10));

    /// What is known of it now.
    [[nodiscard]] Evidence evidence(const Posted& bounty) const;
    /// Waits for its reply until the deadline, then judges.
    [[nodiscard]] Fault await(const Posted& bounty) const;
    /// Of several, the first with its name; nothing: all is well.
    [[nodiscard]] Fault await(std::span<Posted* const> bounties) const;

    [[nodiscard]] const std::deque<Posted>& all() const { return posted_; }
    [[nodiscard]] const bounty::Secret& secret() const { return parts_.secret; }
    [[nodiscard]] const Target& target() const { return parts_.target; }
    [[nodiscard]] Market& market() const { return parts_.market; }
    [[nodiscard]] milliseconds lasts() const { return parts_.lasts; }
    [[nodiscard]] Dice& dice() const { return parts_.dice; }
    [[nodiscard]] Poster poster() const { return Poster(parts_.target); }
    void set_check(std::string id) { check_ = std::move(id); }

private:
    Parts parts_;
    Poster poster_;
    std::string check_;
    std::uint64_t next_id_;
    std::deque<Posted> posted_;   // their places do not change
};

/// Unix time in milliseconds.
[[nodiscard]] std::int64_t unix_now_ms();

}   // namespace microengine::ambassador
