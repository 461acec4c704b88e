// SPDX-License-Identifier: MIT
// toml++ stays in here. Debian's library is built with exceptions, so its parser throws.

#include "host/config/load.hpp"

#include "host/config/check.hpp"
#include "host/config/shape.hpp"
#include "host/util/files.hpp"
#include "host/util/text.hpp"

#define TOML_HEADER_ONLY 0
#include <toml++/toml.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace microengine::config {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Position position(const toml::source_position& at) { return {.line = at.line, .column = at.column}; }

/// Depth is bounded by check_shape().
Node convert(const toml::node& from) {   // NOLINT(misc-no-recursion)
    Node node;
    node.at = position(from.source().begin);
    if (const auto* string = from.as_string()) {
        node.kind = Node::Kind::string;
        node.string = string->get();
    } else if (const auto* integer = from.as_integer()) {
        node.kind = Node::Kind::integer;
        node.integer = integer->get();
    } else if (const auto* decimal = from.as_floating_point()) {
        node.kind = Node::Kind::decimal;
        node.decimal = decimal->get();
    } else if (const auto* boolean = from.as_boolean()) {
        node.kind = Node::Kind::boolean;
        node.boolean = boolean->get();
    } else if (const auto* list = from.as_array()) {
        node.kind = Node::Kind::list;
        for (const toml::node& item : *list) node.items.push_back(convert(item));
    } else if (const auto* table = from.as_table()) {
        node.kind = Node::Kind::table;
        for (const auto& [key, value] : *table) {
            Node member = convert(value);
            member.key = key.str();
            member.key_at = position(key.source().begin);
            node.items.push_back(std::move(member));
        }
        // The library keeps members by name.
        std::ranges::sort(node.items, {}, &Node::key_at);
    } else {
        node.kind = Node::Kind::date;
    }
    return node;
}

/// \u001b
std::string escape_of(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return std::string("\\u00") + "0123456789abcdef"[byte >> 4] + "0123456789abcdef"[byte & 15];
}

/// The library's sentence in our manner: "Error while parsing a string: X" becomes "X (in a string)".
std::string reworded(std::string_view description, char found) {
    constexpr std::string_view introduction = "Error while parsing ";
    std::string_view what = description;
    std::string_view where;
    if (what.starts_with(introduction)) {
        what.remove_prefix(introduction.size());
        const std::size_t colon = std::min(what.find(": "), what.size());
        where = what.substr(0, colon);
        what = colon < what.size() ? what.substr(colon + 2) : std::string_view();
    }
    if (what.starts_with("could not determine value type")) return "not a value; text needs quotes";
    if (what.starts_with("unescaped control characters") && (found == '\n' || found == '\r'))
        return "the string has no closing quote on this line";
    if (what.starts_with("unescaped control characters"))
        return "a control character in a string; write it as an escape: " + escape_of(found);
    std::string text = util::printable(util::cut(what, 200));
    if (what.starts_with("encountered end-of-file")) text = "the file ends too early";
    if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
    if (!where.empty() && where != "root table") text += " (in " + util::printable(where) + ")";
    return text;
}

char character_at(std::string_view text, Position at) {
    for (; at.line > 1; --at.line) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    std::size_t column = 0;
    for (const char c : text)
        if ((static_cast<unsigned char>(c) & 0xC0) != 0x80 && ++column == at.column) return c;
    return '\n';
}

std::optional<Node> parse(std::string_view text, const Reading& reading) {
    if (const auto problem = check_shape(text)) {
        reading.error(problem->at, problem->message);
        return std::nullopt;
    }
    try {
        return convert(toml::parse(text));
    } catch (const toml::parse_error& e) {
        const Position at = position(e.source().begin);
        reading.error(at, "no TOML: " + reworded(e.description(), character_at(text, at)));
    }
    return std::nullopt;
}

}   // namespace

Loaded load_text(std::string_view toml, Source source) {
    if (toml.starts_with(kByteOrderMark)) toml.remove_prefix(kByteOrderMark.size());
    Loaded loaded;
    loaded.source = std::move(source);
    loaded.text = toml.substr(0, kMostBytes);
    const Reading reading{.source = loaded.source, .text = toml, .found = loaded.diagnostics};
    if (const auto root = parse(toml, reading)) {
        Checked checked = check_keys(*root, reading);
        check_together(checked, *root, reading);
        check_polyswarm(checked, *root, reading);
        loaded.config = std::move(checked.config);
    }
    loaded.config.file = loaded.source.file;
    loaded.config.directory = loaded.source.directory;
    arrange(loaded.diagnostics);
    add_excerpts(loaded.diagnostics, loaded.text);
    return loaded;
}

Loaded load(const std::filesystem::path& file, Environment environment) {
    std::error_code ignored;
    const std::filesystem::path absolute = std::filesystem::absolute(file, ignored);
    Source source{.file = file.native(),
                  .directory = absolute.parent_path().lexically_normal(),
                  .environment = std::move(environment)};
    auto text = util::read_file(file, kMostBytes);
    if (text) return load_text(*text, std::move(source));
    Loaded loaded;
    loaded.source = std::move(source);
    loaded.diagnostics.push_back({.file = text.error().place, .at = {}, .message = text.error().message});
    return loaded;
}

}   // namespace microengine::config
