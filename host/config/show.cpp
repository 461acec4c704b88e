// SPDX-License-Identifier: MIT
#include "host/config/show.hpp"

#include "host/config/keys.hpp"
#include "host/config/settings.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <utility>

namespace microengine::config {

namespace {

constexpr std::string_view kHidden = "\"***\"";
constexpr std::string_view kDefault = "   # default";

/// A bare key, or one in quotes.
std::string toml_key(std::string_view key) {
    const bool bare = !key.empty() && std::ranges::all_of(key, [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    });
    return bare ? std::string(key) : toml_text({}, {core::SettingValue(std::string(key))});
}

/// Strings hidden, numbers and structure kept.
std::string hidden(const Node& node) {   // NOLINT(misc-no-recursion)
    if (node.kind == Node::Kind::string) return std::string(kHidden);
    if (node.kind != Node::Kind::list && node.kind != Node::Kind::table) {
        // A date is no type of a setting: the plugin's check will refuse it again.
        return node.kind == Node::Kind::date ? std::string(kHidden) : describe(node);
    }
    const bool list = node.kind == Node::Kind::list;
    std::string text = list ? "[" : "{";
    for (const Node& item : node.items) {
        if (text.size() > 1) text += ", ";
        if (!list) text += toml_key(item.key) + " = ";
        text += hidden(item);
    }
    return text + (list ? "]" : "}");
}

std::string setting_line(const core::SettingSpec& spec, const core::Setting& setting) {
    const std::string name = "settings." + spec.name;
    if (setting.values.empty() && !spec.list) return "# " + name + " is not set\n";
    const std::string value = spec.secret ? std::string(kHidden) : toml_text(rule_of(spec), setting.values);
    return name + " = " + value + std::string(setting.place.empty() ? kDefault : "") + "\n";
}

std::string settings_of(const BackendConfig& backend, const SettingsOfBackends& all) {
    std::string text;
    const auto known = all.find(backend.policy.name);
    if (known == all.end()) {
        for (const Node& member : backend.settings.items)
            text +=
                "settings." + toml_key(member.key) + " = " + hidden(member) + "   # not checked: no plugin\n";
        return text;
    }
    for (const core::SettingSpec& spec : known->second.specs)
        if (const core::Setting* setting = known->second.settings.find(spec.name))
            text += setting_line(spec, *setting);
    return text;
}

std::string key_line(const Key& key, const Values& values) {
    const std::string name(key.name);
    const std::string value = toml_text(key.rule, values);
    if (value.empty()) return "# " + name + " is not set: " + std::string(key.unset) + "\n";
    return name + " = " + value + std::string(value == key.fallback ? kDefault : "") + "\n";
}

}   // namespace

std::string show(const Config& config, const SettingsOfBackends& settings) {
    std::string text = "# the effective config of " + util::printable(config.file) + "\n";
    for (const Table& table : tables()) {
        for (std::size_t row = 0; row < rows(table, config); ++row) {
            text += "\n" + table.header() + "\n";
            for (const Key& key : table.keys) {
                if (key.slot.get != nullptr)
                    text += key_line(key, key.slot.get(config, row));
                else
                    text += settings_of(config.backends.at(row), settings);
            }
        }
    }
    return text;
}

}   // namespace microengine::config
