// SPDX-License-Identifier: MIT
#pragma once
// One scan of a connection: what to read, and to whom its answer goes.

#include "host/frontends/clamd/connection.hpp"

#include <functional>
#include <string>
#include <vector>

namespace microengine::clamd {

struct Connection::Scan {
    Word word = Word::scan;
    Ticket ticket;
    std::string prefix;   ///< before the colon of its reply
    core::ArtifactLoader load;
    bool all_matches = false;   ///< a line for each detection
    /// Instead of replies, on the server's thread: the answers. `refused`: the queue was full, and another
    /// time it may not be.
    std::function<void(const std::vector<Answer>&, bool refused)> then = {};
};

/// Of a client's descriptor: read with pread, never mapped, since its owner can truncate it.
[[nodiscard]] core::ArtifactLoader descriptor_loader(util::UniqueFd fd, std::string name,
                                                     std::uint64_t max_artifact_bytes);
[[nodiscard]] core::ArtifactLoader bytes_loader(std::vector<std::uint8_t> bytes);

}   // namespace microengine::clamd
