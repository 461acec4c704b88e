// SPDX-License-Identifier: MIT
#pragma once
// Sends requests to the engine, byte for byte, and reads what it answers.

#include "host/frontends/ambassador/market.hpp"
#include "host/frontends/ambassador/target.hpp"
#include "host/util/result.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::ambassador {

struct Answer {
    unsigned status = 0;
    std::string allow;   ///< of the headers, what is looked at; empty: not there
    std::string retry_after;
    std::string body;
    milliseconds took{0};   ///< from the first byte sent
    Clock::time_point when;
};

/// One thread at a time. Holds a connection open from one request to the next, where the engine does.
class Poster {
public:
    explicit Poster(Target target);
    ~Poster();
    Poster(Poster&&) noexcept;
    Poster& operator=(Poster&&) noexcept;
    Poster(const Poster&) = delete;
    Poster& operator=(const Poster&) = delete;

    /// Waits for the answer, `patience` at most. An answer that comes before all has been sent counts. The
    /// error's place is the target: it refuses connections, says no HTTP, hangs up or says nothing.
    [[nodiscard]] util::Result<Answer> send(std::string_view request, milliseconds patience);

private:
    struct Impl;
    static util::Result<Answer> answer_of(const Impl& impl, bool in_time, Clock::time_point begun);
    std::unique_ptr<Impl> impl_;
};

}   // namespace microengine::ambassador
