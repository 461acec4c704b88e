// SPDX-License-Identifier: MIT
#include "host/frontends/clamd/access.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace microengine::clamd {

bool Access::may(Word word) const {
    switch (word) {
        case Word::scan:
        case Word::contscan:
        case Word::multiscan:
        case Word::allmatchscan:
            return paths;
        case Word::fildes:
            return fildes;
        case Word::stats:
            return stats;
        case Word::reload:
            return reload;
        case Word::quit:
        case Word::shutdown:
            return shutdown;
        case Word::ping:
        case Word::version:
        case Word::versioncommands:
        case Word::idsession:
        case Word::end:
        case Word::instream:
            return true;
    }
    return false;
}

std::string Access::commands() const {
    std::string text;
    for (std::size_t i = 0; i < kWords; ++i) {
        const auto word = static_cast<Word>(i);
        if (may(word)) text += (text.empty() ? "" : " ") + std::string(to_text(word));
    }
    return text;
}

util::Result<AccessRules> AccessRules::make(const core::ClamdSettings& settings) {
    AccessRules rules;
    rules.paths_ = settings.paths == core::PathCommands::any ||
                   (settings.paths == core::PathCommands::roots && !settings.roots.empty());
    rules.paths_on_tcp_ = settings.paths_on_tcp;
    rules.allow_shutdown_ = settings.allow_shutdown;
    rules.users_ = ME_TRY(net::users_of(settings.allow_users, "clamd.allow_users"));
    rules.admins_ = ME_TRY(net::users_of(settings.admin_users, "clamd.admin_users"));
    rules.admins_.push_back(0);
    rules.admins_.push_back(::geteuid());
    for (const std::string& text : settings.allow_peers) {
        const auto network = util::parse_network(text);
        util::ensure(network.has_value(), "the configuration checked the networks");
        rules.networks_.push_back(*network);   // NOLINT(bugprone-unchecked-optional-access): just ensured
    }
    return rules;
}

Access AccessRules::of(const net::Peer& peer) const {
    Access access;
    if (peer.unix_socket) {
        const bool admin = std::ranges::find(admins_, peer.user) != admins_.end();
        access.connect = users_.empty() || admin || std::ranges::find(users_, peer.user) != users_.end();
        access.fildes = access.stats = true;
        access.paths = paths_;
        access.reload = admin;
        access.shutdown = admin && allow_shutdown_;
        return access;
    }
    access.connect = networks_.empty()
                         ? util::is_loopback(peer.address)
                         : std::ranges::any_of(networks_, [&peer](const util::Network& network) {
                               return network.contains(peer.address);
                           });
    access.paths = paths_ && paths_on_tcp_;
    return access;
}

}   // namespace microengine::clamd
