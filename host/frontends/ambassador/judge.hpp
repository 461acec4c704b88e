// SPDX-License-Identifier: MIT
#pragma once
// What is wrong with how a bounty was answered: one rule, one function over what was recorded. Pure; any
// thread.

#include "host/bounty/bid.hpp"
#include "host/bounty/bounty.hpp"
#include "host/frontends/ambassador/market.hpp"
#include "host/frontends/ambassador/specimens.hpp"

#include <optional>
#include <string>
#include <vector>

namespace microengine::ambassador {

/// All that is known of one bounty.
struct Evidence {
    bool accepted = true;   ///< it was answered with 202
    bounty::Phase phase = bounty::Phase::assertion;
    bounty::Rules rules;
    Truth truth;
    Clock::time_point deadline;
    bool may_download = true;
    std::vector<Received> replies;   ///< in the order they came
    std::vector<Download> downloads;
};

/// A few words, or nothing.
using Fault = std::optional<std::string>;

/// A bounty that was not accepted gets no reply.
[[nodiscard]] Fault fault_of_refused(const Evidence& evidence);
/// An accepted one gets exactly one. The same bytes may come again as long as nobody has acknowledged or
/// refused them.
[[nodiscard]] Fault fault_of_number(const Evidence& evidence);
/// The one that counts is the first that was acknowledged, else the first.
[[nodiscard]] Fault fault_of_time(const Evidence& evidence);
/// Of the request: JSON, and its length said.
[[nodiscard]] Fault fault_of_request(const Evidence& evidence);
/// What PolySwarm would not take: fields and their types, an integer as the bid, within the rules.
[[nodiscard]] Fault fault_of_form(const Evidence& evidence);
[[nodiscard]] Fault fault_of_verdict(const Evidence& evidence);
[[nodiscard]] Fault fault_of_comment(const Evidence& evidence);
[[nodiscard]] Fault fault_of_download(const Evidence& evidence);

/// The first that any of them finds, in this order.
[[nodiscard]] Fault judge(const Evidence& evidence);

/// Is an attempt that was answered so over? 2xx, and what is no reason to try again.
[[nodiscard]] bool is_final(unsigned status);
/// "malicious, 1 NCT, 'Eicar-Test'" of the reply that counts; "no reply".
[[nodiscard]] std::string summary(const Evidence& evidence);

}   // namespace microengine::ambassador
