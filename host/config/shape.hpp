// SPDX-License-Identifier: MIT
#pragma once
// Refuses text that the TOML library must not see: it recurses once per level and has no limit for dotted
// keys, so half a megabyte of "a.a.a…" would overflow the stack. Pure.

#include "host/config/node.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace microengine::config {

inline constexpr std::size_t kMostBytes = std::size_t{1} << 20;
inline constexpr std::size_t kDeepestBrackets = 32;
inline constexpr std::size_t kLongestKeyParts = 16;

struct ShapeProblem {
    Position at;
    std::string message;
};

/// Too large, not UTF-8, nested too deeply, or a key of too many parts.
[[nodiscard]] std::optional<ShapeProblem> check_shape(std::string_view text);

}   // namespace microengine::config
