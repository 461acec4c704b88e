// SPDX-License-Identifier: MIT
#pragma once
// Which config file is read. A file of the working directory may belong to somebody else, and a config names
// code to run: it is taken only if nobody else could have written it.

#include "host/config/diagnostic.hpp"
#include "host/config/expand.hpp"
#include "host/util/result.hpp"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <vector>

namespace microengine::config {

struct SearchPlaces {
    Environment environment;                   ///< MICROENGINE_CONFIG, HOME
    std::filesystem::path working_directory;   ///< "" is the process's own: messages show the bare file name
    std::filesystem::path system;              ///< /etc/microengine
    std::filesystem::path shipped;             ///< the default that comes with the program
    uid_t user = 0;   ///< whose files of the working directory are trusted beside root's
};
[[nodiscard]] SearchPlaces standard_places();

struct Found {
    std::filesystem::path file;
    std::vector<Diagnostic> warnings;   ///< files that were passed over
};

/// --config, $MICROENGINE_CONFIG, ./microengine.toml, ~/.config/microengine, /etc/microengine, the shipped
/// default. One that is named but does not exist is an error, never a reason to look further.
[[nodiscard]] util::Result<Found> find(const std::optional<std::filesystem::path>& given,
                                       const SearchPlaces& places = standard_places());

}   // namespace microengine::config
