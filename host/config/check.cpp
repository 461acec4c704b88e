// SPDX-License-Identifier: MIT
#include "host/config/check.hpp"

#include "host/config/keys.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace microengine::config {

namespace {

std::string shown(std::string_view key) { return util::printable(util::cut(key, 60)); }

const Table* table_with(std::string_view key) {
    const auto found =
        std::ranges::find_if(tables(), [key](const Table& table) { return table.find(key) != nullptr; });
    return found == tables().end() ? nullptr : &*found;
}

/// A misspelt key, one that stands in the wrong table, or a plugin's setting outside settings.
std::string hint_for(const Table& table, std::string_view key) {
    std::vector<std::string_view> names;
    std::ranges::transform(table.keys, std::back_inserter(names), &Key::name);
    for (const Table& other : tables())
        if (other.name.starts_with(std::string(table.name) + "."))
            names.push_back(other.name.substr(table.name.size() + 1));
    if (const std::string_view meant = util::did_you_mean(key, names); !meant.empty())
        return "did you mean '" + std::string(meant) + "'?";
    if (const Table* other = table_with(key)) return "it belongs in " + other->header();
    if (table.find("settings") != nullptr) return "a setting of the plugin is written settings." + shown(key);
    return {};
}

class Checker {
public:
    Checker(const Node& root, const Reading& reading) : root_(root), reading_(reading) {}

    Checked run() {
        for (const Node& member : root_.items) {
            const Table* table = member.key.contains('.') ? nullptr : find_table(member.key);
            if (table == nullptr)
                unknown_table(member);
            else
                check_table(*table, member);
        }
        return std::move(checked_);
    }

private:
    void check_table(const Table& table, const Node& member) {   // NOLINT(misc-no-recursion): one deep
        if (table.repeated())
            check_rows(table, member);
        else
            check_single(table, member);
    }

    void unknown_table(const Node& member) const {
        if (member.kind != Node::Kind::list && member.kind != Node::Kind::table) {
            const Table* table = table_with(member.key);
            reading_.error(member.key_at, "unknown key '" + shown(member.key) + "' above all tables",
                           table == nullptr ? "" : "it belongs in " + table->header());
            return;
        }
        const bool list = member.kind == Node::Kind::list;
        std::vector<std::string_view> names;
        std::ranges::transform(tables(), std::back_inserter(names), &Table::name);
        const Table* meant = reading_.crowded() ? nullptr : find_table(util::did_you_mean(member.key, names));
        reading_.error(
            member.key_at,
            "unknown table " + std::string(list ? "[[" : "[") + shown(member.key) + (list ? "]]" : "]"),
            meant == nullptr ? "" : "did you mean " + meant->header() + "?");
    }

    void check_single(const Table& table, const Node& member) {   // NOLINT(misc-no-recursion)
        const std::string name(table.name);
        if (member.kind == Node::Kind::table) return check_members(table, 0, member);
        if (member.kind != Node::Kind::list)
            return reading_.error(member.at, name + " must be a table, got " + describe(member),
                                  "write " + table.header());
        reading_.error(member.at, name + " is a list here, but there is one of it",
                       "write " + table.header());
        if (!member.items.empty() && member.items.front().kind == Node::Kind::table)
            check_members(table, 0, member.items.front());
    }

    void check_rows(const Table& table, const Node& member) {   // NOLINT(misc-no-recursion)
        const std::string name(table.name);
        if (member.kind == Node::Kind::table) {
            reading_.error(member.at, "[" + name + "] is one table, but there can be several",
                           "write " + table.header());
            check_row(table, member);
            return;
        }
        if (member.kind != Node::Kind::list)
            return reading_.error(member.at, name + " must be a list of tables, got " + describe(member),
                                  "write " + table.header());
        for (const Node& item : member.items) {
            if (table.rows.count(checked_.config) == table.rows.most)
                return reading_.error(item.at, std::to_string(member.items.size()) + " " + member.key +
                                                   "s, at most " + std::to_string(table.rows.most) +
                                                   " are possible");
            if (item.kind == Node::Kind::table)
                check_row(table, item);
            else
                reading_.error(item.at, name + " must be a list of tables, got " + describe(item),
                               "write " + table.header());
        }
    }

    void check_row(const Table& table, const Node& row) {   // NOLINT(misc-no-recursion)
        table.rows.add(checked_.config);
        if (&table == find_table("backend")) {
            BackendConfig& backend = checked_.config.backends.back();
            backend.at = row.at;
            backend.place = place(reading_.source.file, row.at);
            checked_.backends.push_back(&row);
        }
        check_members(table, table.rows.count(checked_.config) - 1, row);
    }

    void check_members(const Table& table, std::size_t row, const Node& node) {   // NOLINT(misc-no-recursion)
        for (const Node& member : node.items) {
            const Key* key = table.find(member.key);
            const Table* within =
                key == nullptr ? find_table(std::string(table.name) + "." + member.key) : nullptr;
            if (within != nullptr)
                check_table(*within, member);
            else if (key == nullptr)
                reading_.error(member.key_at, "unknown key '" + shown(member.key) + "' in " + table.header(),
                               reading_.crowded() ? "" : hint_for(table, member.key));
            else if (key->rule.kind == Kind::table)
                keep_settings(row, member);
            else if (const auto values = read_value(key->rule, key->name, member, reading_))
                key->slot.put(checked_.config, row, *values);
            else
                checked_.refused.insert(&member);
        }
        for (const Key& key : table.keys)
            if (key.fallback.empty() && key.unset.empty() && node.find(key.name) == nullptr)
                reading_.error(node.at, table.header() + " has no " + std::string(key.name),
                               "add " + std::string(key.name) + " = \"…\"");
    }

    void keep_settings(std::size_t row, const Node& member) {
        if (member.kind == Node::Kind::table) {
            checked_.config.backends.at(row).settings = member;
            return;
        }
        reading_.error(member.at, "settings must be a table, got " + describe(member),
                       "write settings.NAME = …, one line for each");
        checked_.refused.insert(&member);
    }

    const Node& root_;
    const Reading& reading_;
    Checked checked_;
};

}   // namespace

Checked check_keys(const Node& root, const Reading& reading) { return Checker(root, reading).run(); }

}   // namespace microengine::config
