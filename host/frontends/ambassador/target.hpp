// SPDX-License-Identifier: MIT
#pragma once
// The engine's webhook, as --target names it. Pure; any thread.

#include "host/util/result.hpp"

#include <string>
#include <string_view>

namespace microengine::ambassador {

struct Target {
    std::string host;         ///< without brackets
    std::string port;         ///< in digits
    std::string path = "/";   ///< with the query, if there is one

    /// As Host: has it: "[::1]:8080".
    [[nodiscard]] std::string authority() const;
    [[nodiscard]] std::string text() const;
};

/// "http://127.0.0.1:8080/polyswarm"
[[nodiscard]] util::Result<Target> parse_target(std::string_view url);

}   // namespace microengine::ambassador
