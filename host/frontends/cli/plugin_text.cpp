// SPDX-License-Identifier: MIT
#include "host/frontends/cli/plugin_text.hpp"

#include "host/frontends/cli/table.hpp"
#include "host/util/digest.hpp"
#include "host/util/text.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

namespace microengine::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string_view type_text(core::SettingType type) {
    switch (type) {
        case core::SettingType::string:
            return "string";
        case core::SettingType::path:
            return "path";
        case core::SettingType::integer:
            return "integer";
        case core::SettingType::boolean:
            return "boolean";
    }
    return "";
}

/// "integer, 1..100 ms", "path, list, required".
std::string form_text(const core::SettingSpec& spec) {
    std::string text(type_text(spec.type));
    if (spec.list) text += " list";
    if (!spec.allowed.empty()) text += " " + spec.allowed;
    if (!spec.unit.empty()) text += " " + spec.unit;
    if (spec.required) text += ", required";
    if (spec.secret) text += ", secret";
    return text;
}

Json card_json(const plugin::Vetted& plugin) {
    const plugin::Card& card = plugin.card;
    Json settings = Json::array();
    for (const core::SettingSpec& spec : card.settings)
        settings.push_back({{"name", spec.name},
                            {"type", type_text(spec.type)},
                            {"list", spec.list},
                            {"required", spec.required},
                            {"secret", spec.secret},
                            {"default", spec.default_value},
                            {"unit", spec.unit},
                            {"allowed", spec.allowed},
                            {"doc", spec.doc}});
    return {{"file", util::to_utf8(plugin.path.native())},
            {"id", card.id},
            {"version", card.version},
            {"name", card.name},
            {"vendor", card.vendor},
            {"license", card.license},
            {"url", card.url},
            {"sha256", util::hex(plugin.sha256)},
            {"abi", "1." + std::to_string(card.abi_minor)},
            {"takes", plugin::artifact_types_text(card.artifact_types)},
            {"promises", plugin::caps_text(card.caps)},
            {"needs", plugin::needs_text(card.needs)},
            {"settings", std::move(settings)}};
}

}   // namespace

std::string plugin_list(const std::vector<plugin::Catalog::Listed>& plugins) {
    std::vector<std::vector<std::string>> rows{{"PLUGIN", "VERSION", "LICENSE", "TAKES", "ID"}};
    std::string refused;
    for (const auto& [path, plugin] : plugins) {
        if (!plugin) {
            refused += util::printable(plugin.error().place) +
                       ": error: " + util::printable(plugin.error().message) + "\n";
            continue;
        }
        const plugin::Card& card = (*plugin)->card;
        rows.push_back({util::printable(path.stem().native()), card.version, card.license,
                        plugin::artifact_types_text(card.artifact_types), card.id});
    }
    return table(rows) + refused;
}

std::string plugin_list_json(const std::vector<plugin::Catalog::Listed>& plugins) {
    Json all = Json::array();
    for (const auto& [path, plugin] : plugins) {
        if (plugin)
            all.push_back(card_json(**plugin));
        else
            all.push_back({{"file", util::to_utf8(path.native())}, {"error", plugin.error().message}});
    }
    return all.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string plugin_info(const plugin::Vetted& plugin) {
    const plugin::Card& card = plugin.card;
    std::string text = card.name + " " + card.version + "\n\n";
    text += table({{"  id", card.id},
                   {"  vendor", card.vendor.empty() ? "-" : card.vendor},
                   {"  license", card.license},
                   {"  home page", card.url.empty() ? "-" : card.url},
                   {"  takes", plugin::artifact_types_text(card.artifact_types)},
                   {"  promises", plugin::caps_text(card.caps)},
                   {"  needs", plugin::needs_text(card.needs)},
                   {"  ABI", "1." + std::to_string(card.abi_minor)},
                   {"  file", util::printable(plugin.path.native())},
                   {"  sha256", util::hex(plugin.sha256)}});
    if (card.settings.empty()) return text + "\nIt has no settings.\n";
    text += "\nSettings, as settings.NAME in its [[backend]]:\n\n";
    std::vector<std::vector<std::string>> rows{{"  NAME", "FORM", "DEFAULT", "MEANING"}};
    for (const core::SettingSpec& spec : card.settings)
        rows.push_back({"  " + spec.name, form_text(spec),
                        spec.default_value.empty() ? "-" : spec.default_value, spec.doc});
    return text + table(rows);
}

std::string plugin_info_json(const plugin::Vetted& plugin) {
    return card_json(plugin).dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}   // namespace microengine::cli
