// SPDX-License-Identifier: MIT
#pragma once
// One value against one rule: kind, range, choices. The keys of the table and the settings of a card are
// checked by the same code.

#include "host/config/diagnostic.hpp"
#include "host/config/expand.hpp"
#include "host/config/node.hpp"
#include "host/core/setting.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace microengine::config {

enum class Kind : std::uint8_t {
    string,
    name,      ///< 1 to 64 of A-Z a-z 0-9 _ . -
    plugin,    ///< a bare name or an absolute path
    path,      ///< made absolute; an empty one stays empty
    sha256,    ///< 64 hexadecimal digits
    choice,    ///< one of "a|b|c"
    integer,   ///< "0..256"
    decimal,   ///< "0..1000", as whole ten-thousandths
    boolean,
    endpoint,    ///< an address to listen on
    network,     ///< "10.0.0.0/8"
    file_mode,   ///< "0660"
    version,     ///< "1.4.6"
    amount,      ///< "1.5 NCT", "62500000000000000 wei"
    url_path,    ///< "/polyswarm"
    table,       ///< kept as it is
};

struct Rule {
    Kind kind = Kind::string;
    std::string_view allowed = {};   ///< "1..100" or "fast|full"; "" = anything of the kind
    bool list = false;
    bool secret = false;   ///< no message shows the value
};

/// Exactly one unless the rule says list; of an optional key that is not set, none. A decimal is an integer
/// here.
using Values = std::vector<core::SettingValue>;

/// Where a text comes from and what it may refer to.
struct Source {
    std::string file;                  ///< as messages call it
    std::filesystem::path directory;   ///< relative paths start here
    Environment environment;
};

/// What reading needs beside the value, and where its problems go.
struct Reading {
    const Source& source;
    std::string_view text;   ///< of the file, to find the place of a `${VAR}` inside a string
    std::vector<Diagnostic>& found;

    /// More than anybody will be shown: hints and exact places are no longer worth their time.
    [[nodiscard]] bool crowded() const { return found.size() > 5 * kMostShown; }
    void error(Position at, std::string message, std::string hint = {}) const {
        report(Severity::error, at, std::move(message), std::move(hint));
    }
    void report(Severity severity, Position at, std::string message, std::string hint = {}) const {
        found.push_back({.severity = severity,
                         .file = source.file,
                         .at = at,
                         .message = std::move(message),
                         .hint = std::move(hint)});
    }
};

/// Nothing if there was a problem; then it has been reported, and every other problem of the value too.
/// `label` is what messages call it: "weight", "settings.rules". Strings are expanded, paths absolute, a lone
/// value is a list of one.
[[nodiscard]] std::optional<Values> read_value(const Rule& rule, std::string_view label, const Node& node,
                                               const Reading& reading);

/// "in 0..256", "any, majority or weighted": what follows "must be".
[[nodiscard]] std::string must_be(const Rule& rule);
/// "a|b|c" in its parts.
[[nodiscard]] std::vector<std::string_view> choices(std::string_view allowed);
/// 0.25: 2500. Nothing for more than 4 decimals, or a number without an end.
[[nodiscard]] std::optional<std::int64_t> ten_thousandths(double number);
/// 2500: "0.25"; 10000: "1.0".
[[nodiscard]] std::string decimal_text(std::int64_t ten_thousandths);
/// As TOML: `"any"`, `["a", "b"]`, 0.25; dollar signs doubled. "" for an optional key that is not set.
[[nodiscard]] std::string toml_text(const Rule& rule, const Values& values);

}   // namespace microengine::config
