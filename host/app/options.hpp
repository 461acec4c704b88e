// SPDX-License-Identifier: MIT
#pragma once
// The command line as values. All that is wrong with it is said here, with exit code 64.

#include "host/app/plugin_new/wish.hpp"
#include "host/config/model.hpp"
#include "host/conformance/options.hpp"
#include "host/frontends/ambassador/ambassador.hpp"
#include "host/frontends/cli/completion.hpp"
#include "host/frontends/cli/scan_options.hpp"
#include "host/util/log.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace microengine::app {

enum class Command : std::uint8_t {
    scan,
    serve,
    worker,
    ambassador,
    bounties,
    backends,
    plugin_list,
    plugin_info,
    plugin_new,
    plugin_check,
    config_check,
    config_show,
    config_reference,
    completion,
};

struct Options {
    Command command = Command::scan;
    std::string config;   ///< --config; "" searches
    std::optional<util::Level> log_level;
    std::optional<config::LogFormat> log_format;
    cli::When colour = cli::When::automatic;
    cli::ScanOptions scan;
    std::vector<std::string> listen_http;    ///< serve, worker --http: instead of the configured addresses
    std::vector<std::string> listen_clamd;   ///< serve --clamd: the same
    ambassador::Options ambassador;          ///< but for the configuration of an engine of ours
    std::string puppet;                      ///< ambassador --puppet
    bool why = false;                        ///< backends --why
    bool json = false;                       ///< backends, plugin list, plugin info
    std::string bounty;                      ///< bounties: the first digits of one; "": all
    bool only_owed = false;                  ///< bounties --owed
    std::size_t most = 50;                   ///< bounties --most
    std::string plugin;                      ///< plugin info
    PluginWish plugin_new;                   ///< plugin new
    conformance::Options check;              ///< plugin check: only so that its words are known and read
    std::vector<std::string> check_words;    ///< plugin check: what stands behind it
    std::string shell;                       ///< completion
};

/// Does it go on until it is told to end?
[[nodiscard]] constexpr bool is_daemon(Command command) {
    return command == Command::serve || command == Command::worker;
}

/// Either what to do, or, once help, the version or an error has been printed, the exit code.
struct Parsed {
    std::optional<Options> options;
    int exit_code = 0;
};
[[nodiscard]] Parsed parse_options(int argc, char** argv);

/// Every command with its options, for shell completion.
[[nodiscard]] std::vector<cli::CommandWords> command_words();

}   // namespace microengine::app
