// SPDX-License-Identifier: MIT
#include "host/config/reference.hpp"

#include "host/config/keys.hpp"

#include <string_view>

namespace microengine::config {

namespace {

constexpr std::string_view kIntroduction =
    R"(The config is one TOML file. `--config FILE` names it; else it is `$MICROENGINE_CONFIG`, `./microengine.toml`,
`~/.config/microengine/microengine.toml`, `/etc/microengine/microengine.toml` or the shipped default, whichever comes
first. A `./microengine.toml` that somebody else could have written is passed over with a warning.

In every string `${VAR}` is a variable of the environment and `${VAR:-text}` has a default for one that is unset or
empty; `$$` is a dollar sign. Relative paths start at the config file. An unknown key is an error, and
`microengine config check` reports all problems at once. It loads no signatures: `microengine backends` opens them.
)";

/// A pipe would end the cell.
std::string cell(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '|') out += '\\';
        out += c;
    }
    return out;
}

std::string_view type_of(const Rule& rule) {
    switch (rule.kind) {
        case Kind::path:
            return rule.list ? "list of paths" : "path";
        case Kind::integer:
            return "integer";
        case Kind::decimal:
            return "number, at most 4 decimals";
        case Kind::boolean:
            return "boolean";
        case Kind::table:
            return "table";
        default:
            return rule.list ? "list of strings" : "string";
    }
}

std::string allowed(const Key& key) {
    switch (key.rule.kind) {
        case Kind::choice:
        case Kind::integer:
        case Kind::decimal:
        case Kind::name:
        case Kind::sha256: {
            std::string text = must_be(key.rule);
            if (text.starts_with("in ")) text.erase(0, 3);
            return key.unit.empty() ? text : text + " " + std::string(key.unit);
        }
        default:
            return {};
    }
}

std::string fallback(const Key& key) {
    if (!key.fallback.empty()) return "`" + std::string(key.fallback) + "`";
    return key.unset.empty() ? "must be set" : std::string(key.unset);
}

}   // namespace

std::string reference() {
    std::string page(kIntroduction);
    for (const Table& table : tables()) {
        page += "\n## `" + table.header() + "`\n\n" + std::string(table.doc) + "\n\n";
        page += "| key | type | range | default | meaning |\n| --- | --- | --- | --- | --- |\n";
        for (const Key& key : table.keys) {
            page += "| `" + std::string(key.name) + "` | " + std::string(type_of(key.rule)) + " | " +
                    cell(allowed(key)) + " | " + cell(fallback(key)) + " | " + cell(key.doc) + " |\n";
        }
    }
    return page;
}

}   // namespace microengine::config
