// SPDX-License-Identifier: MIT
#pragma once
// Until when an answer counts, from what a bounty says of it. Pure; any thread.

#include "host/bounty/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace microengine::bounty {

struct Expiry {
    std::int64_t expiration_ms = 0;          ///< Unix time
    std::optional<std::int64_t> tasked_ms;   ///< Unix time
};
/// `expiration`, else `tasked_at` + `duration`, else now + `duration`, else now + 30 s: a format that changes
/// upstream must not silence the engine. What was not understood is added to the warnings.
[[nodiscard]] Expiry expiry_of(const JsonMembers& bounty, std::int64_t now_ms,
                               std::vector<std::string>& warnings);

}   // namespace microengine::bounty
