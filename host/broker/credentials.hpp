// SPDX-License-Identifier: MIT
#pragma once
// Who we are to the broker.

#include "host/util/result.hpp"

#include <filesystem>
#include <string>

namespace microengine::broker {

struct Credentials {
    std::string user = "guest";
    std::string password = "guest";
};

/// The first line of a file that only its owner and group may read: "user:password".
[[nodiscard]] util::Result<Credentials> read_credentials(const std::filesystem::path& file);

}   // namespace microengine::broker
