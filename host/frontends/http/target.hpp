// SPDX-License-Identifier: MIT
#pragma once
// What a request asks for: its path and its parameters. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::http {

struct Parameter {
    std::string name;
    std::string value;
};

struct Target {
    std::string path;   ///< as sent: no path of ours needs an escape
    std::vector<Parameter> query;
    [[nodiscard]] bool operator==(const Target&) const = default;
};
[[nodiscard]] bool operator==(const Parameter& a, const Parameter& b);

/// "/v1/scan?name=a%20b", or with "http://host" in front. Nothing: it is no such target, or an escape is
/// none.
[[nodiscard]] std::optional<Target> parse_target(std::string_view text);

}   // namespace microengine::http
