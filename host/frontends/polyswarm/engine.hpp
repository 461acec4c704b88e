// SPDX-License-Identifier: MIT
#pragma once
// One engine as the marketplace knows it: its address, its secrets, its purse.

#include "host/bounty/settings.hpp"
#include "host/bounty/signature.hpp"
#include "host/frontends/polyswarm/purse.hpp"
#include "host/util/mutex.hpp"
#include "host/util/result.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace microengine::polyswarm {

class Engine {
public:
    /// Retired: no longer configured, and bounties of its are still owed.
    enum class Standing : std::uint8_t { active, retired };
    explicit Engine(const bounty::EngineSettings& given, Standing its_standing = Standing::active);

    const Standing standing;
    const bounty::EngineSettings settings;
    /// Null: all. Shared with the jobs.
    const std::shared_ptr<const std::vector<std::string>> backends;
    Purse purse;   ///< on the desk's thread only

    /// Reads the files again. An error: nothing has changed. Any thread.
    [[nodiscard]] util::Result<void> read_secrets();
    /// Not before they have been read. Any thread.
    [[nodiscard]] std::shared_ptr<const bounty::Secrets> secrets() const;

private:
    mutable util::Mutex mutex_;
    std::shared_ptr<const bounty::Secrets> secrets_ ME_GUARDED_BY(mutex_);   // shared with who compares
};

}   // namespace microengine::polyswarm
