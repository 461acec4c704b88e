// SPDX-License-Identifier: MIT
#pragma once
// One line of a list: a pure function over bytes. What it takes stands in README.md.

#include "digest.hpp"

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace microengine::hashlist {

inline constexpr std::size_t kMostName = 255;   ///< bytes of a name; the rest is cut

struct Row {
    Digest digest;
    std::string_view name;   ///< part of the line; may be empty
    bool family = false;     ///< the name is that of a family, too
};

/// Which columns of a CSV are what, as its header says. Without a header: the first digest of the strongest
/// kind, and the field behind it.
struct Columns {
    std::optional<std::size_t> sha256, sha1, md5, name;
    [[nodiscard]] bool known() const { return sha256 || sha1 || md5; }
};

/// A row; nothing, if the line is blank, a comment or a header (which sets `columns` for the lines that
/// follow); or why it is none of these.
[[nodiscard]] std::expected<std::optional<Row>, std::string> parse_line(std::string_view line,
                                                                        Columns& columns);

/// For messages: at most 40 bytes, and none that a terminal would act upon.
[[nodiscard]] std::string shown(std::string_view text);

}   // namespace microengine::hashlist
