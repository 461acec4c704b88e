// SPDX-License-Identifier: MIT
#pragma once
// What all connections of the server share. Only on the server's thread, but for what says otherwise.

#include "host/frontends/clamd/access.hpp"
#include "host/frontends/clamd/roots.hpp"
#include "host/frontends/clamd/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace microengine::clamd {

/// A scan in work, for STATS.
struct Running {
    Word word = Word::scan;
    std::string name;
    std::chrono::steady_clock::time_point since;
};

struct Hub {
    Hub(ClamdServer::Parts given, AccessRules the_rules, Roots the_roots)
        : parts(std::move(given)), rules(std::move(the_rules)), roots(std::move(the_roots)) {}

    ClamdServer::Parts parts;
    AccessRules rules;
    Roots roots;
    boost::asio::io_context io{1};
    boost::asio::thread_pool files{1};   ///< opens paths and walks directories, which may block
    std::map<std::uint64_t, Running> running;
    std::uint64_t scans = 0;   ///< that were ever begun

    [[nodiscard]] const core::ClamdSettings& settings() const { return parts.settings; }
    [[nodiscard]] std::string version() const;
    [[nodiscard]] std::string stats(bool with_names) const;
};

}   // namespace microengine::clamd
