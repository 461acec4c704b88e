// SPDX-License-Identifier: MIT
#pragma once
// The config file as a tree of plain values that know where they stand. It keeps the TOML library inside
// load.cpp.

#include <algorithm>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::config {

/// Both count from 1, columns in characters. Line 0: the whole file; column 0: the whole line.
struct Position {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    auto operator<=>(const Position&) const = default;
};

/// One value, as written: `${VAR}` is not expanded here.
struct Node {
    enum class Kind : std::uint8_t { string, integer, decimal, boolean, date, list, table };

    Kind kind = Kind::table;
    std::string key;   ///< of a table's member
    Position key_at;
    Position at;   ///< of the value
    std::string string;
    std::int64_t integer = 0;
    double decimal = 0;
    bool boolean = false;
    std::vector<Node> items;   ///< of a list, or the members of a table in the order of the file

    [[nodiscard]] const Node* find(std::string_view name) const {
        const auto found = std::ranges::find(items, name, &Node::key);
        return kind != Kind::table || found == items.end() ? nullptr : &*found;
    }
};

/// For the "got …" of a message: safe to print, at most one short line.
[[nodiscard]] std::string describe(const Node& node);

}   // namespace microengine::config
