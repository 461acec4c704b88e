// SPDX-License-Identifier: MIT
#pragma once
// The one table of keys. It checks the file, suggests names, fills Config, prints the reference and the
// effective config. A new key or table is a row here and a member in model.hpp.

#include "host/config/model.hpp"
#include "host/config/value.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace microengine::config {

/// The member of Config that a key fills. `row` says which one of a repeated table, else it is 0.
struct Slot {
    void (*put)(Config& config, std::size_t row, const Values& values) = nullptr;
    Values (*get)(const Config& config, std::size_t row) = nullptr;
};

struct Key {
    std::string_view name;
    Rule rule;
    std::string_view fallback = {};   ///< the default, as TOML; "" = none
    std::string_view unset =
        {};   ///< what it means to leave out a key without default; "" = it must be there
    std::string_view unit = {};
    std::string_view doc;
    Slot slot = {};   ///< none: a table that is kept as it is
};

/// What a repeated table fills.
struct Rows {
    std::size_t (*count)(const Config& config) = nullptr;   ///< null: the table is not repeated
    void (*add)(Config& config) = nullptr;
    std::size_t most = 0;
};

struct Table {
    std::string_view name;   ///< "polyswarm.engine" is a table of [polyswarm]
    Rows rows = {};          ///< [[name]], any number of them
    std::string_view doc;
    std::span<const Key> keys;

    [[nodiscard]] const Key* find(std::string_view key) const;
    /// "[combiner]" or "[[backend]]".
    [[nodiscard]] std::string header() const;
    [[nodiscard]] bool repeated() const { return rows.count != nullptr; }
};

/// In the order of the reference.
[[nodiscard]] std::span<const Table> tables();
[[nodiscard]] const Table* find_table(std::string_view name);
/// How many there are of a table: 1, if it is not repeated.
[[nodiscard]] std::size_t rows(const Table& table, const Config& config);

}   // namespace microengine::config
