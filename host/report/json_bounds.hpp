// SPDX-License-Identifier: MIT
#pragma once
// How deep and how many: JSON from outside is measured before a parser spends memory and stack on it.

#include <cstddef>
#include <string_view>

namespace microengine::report {

struct JsonSize {
    std::size_t depth = 0;    ///< of objects and arrays
    std::size_t values = 0;   ///< at least as many as a parser would make
};

/// Of any text, well-formed or not; linear time, no memory.
[[nodiscard]] JsonSize measure_json(std::string_view text);

inline constexpr std::size_t kMaxJsonDepth = 64;
inline constexpr std::size_t kMaxJsonValues = 1'000'000;
/// Of a detection's detail, so that the report around it stays within the limits above.
inline constexpr std::size_t kMaxDetailDepth = 32;
inline constexpr std::size_t kMaxDetailValues = 10'000;

}   // namespace microengine::report
