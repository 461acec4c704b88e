// SPDX-License-Identifier: MIT
#include "host/config/settings.hpp"

#include "host/util/text.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

namespace microengine::config {

namespace {

namespace fs = std::filesystem;
using core::Setting;
using core::SettingSpec;
using core::SettingType;

/// A card's default as if it had been written where the backend is.
Node default_node(const SettingSpec& spec, Position at) {
    const std::string& text = spec.default_value;
    Node node;
    node.kind = Node::Kind::string;
    node.at = at;
    node.string = text;
    if (spec.type == SettingType::boolean && (text == "true" || text == "false")) {
        node.kind = Node::Kind::boolean;
        node.boolean = text == "true";
    }
    const char* const end = text.data() + text.size();
    if (spec.type == SettingType::integer && std::from_chars(text.data(), end, node.integer).ptr == end)
        node.kind = Node::Kind::integer;
    return node;
}

const Node* find_dotted(const Node& table, std::string_view name) {
    const Node* node = &table;
    while (node != nullptr) {
        const std::size_t dot = name.find('.');
        node = node->find(name.substr(0, dot));
        if (dot == std::string_view::npos) return node;
        name.remove_prefix(dot + 1);
    }
    return nullptr;
}

/// Of a pattern the directory above its first wildcard: which files there are is the plugin's business.
fs::path must_exist(const fs::path& path) {
    std::error_code ignored;
    const std::string& text = path.native();
    const std::size_t wildcard = text.find_first_of("*?[");
    if (wildcard == std::string::npos || fs::exists(path, ignored)) return path;
    return text.substr(0, std::max<std::size_t>(text.rfind('/', wildcard), 1));
}

class SettingsChecker {
public:
    SettingsChecker(const BackendConfig& backend, std::span<const SettingSpec> specs, const Reading& reading)
        : backend_(backend), specs_(specs), reading_(reading) {}

    core::Settings run() {
        refuse_unknown(backend_.settings, "");
        core::Settings settings;
        for (const SettingSpec& spec : specs_) settings.all.push_back(check(spec));
        return settings;
    }

private:
    /// `prefix` is the dotted path of `table`, with its last dot.
    void refuse_unknown(const Node& table, const std::string& prefix) const {   // NOLINT(misc-no-recursion)
        for (const Node& member : table.items) {
            const std::string name = prefix + member.key;
            if (std::ranges::find(specs_, name, &SettingSpec::name) != specs_.end()) continue;
            const auto below = std::ranges::find_if(
                specs_, [&](const SettingSpec& spec) { return spec.name.starts_with(name + "."); });
            if (below == specs_.end())
                unknown(member, name);
            else if (member.kind == Node::Kind::table)
                refuse_unknown(member, name + ".");
            else
                reading_.error(member.at, "settings." + name + " must be a table",
                               "write settings." + below->name + " = …");
        }
    }

    void unknown(const Node& member, std::string_view name) const {
        std::vector<std::string_view> names;
        std::ranges::transform(specs_, std::back_inserter(names), &SettingSpec::name);
        const std::string plugin = plugin_name(backend_);
        std::string hint = "'microengine plugin info " + plugin + "' lists them";
        if (specs_.empty()) hint = "it has none";
        const std::string_view meant = reading_.crowded() ? "" : util::did_you_mean(name, names);
        if (!meant.empty()) hint = "did you mean '" + std::string(meant) + "'? " + hint;
        reading_.error(member.key_at,
                       "unknown setting '" + util::printable(util::cut(name, 60)) + "' of plugin " + plugin,
                       std::move(hint));
    }

    Setting check(const SettingSpec& spec) const {
        const Node* written = find_dotted(backend_.settings, spec.name);
        const std::string label = "settings." + spec.name;
        Setting setting{.name = spec.name, .values = {}, .place = {}};
        if (written != nullptr) {
            setting.place = place(reading_.source.file, written->key_at);
            setting.values = read(spec, label, *written, reading_);
            if (spec.required && written->kind == Node::Kind::list && written->items.empty())
                reading_.error(written->at, label + " must have at least one item");
            if (spec.secret && spec.type == SettingType::string && written->kind == Node::Kind::string &&
                !written->string.contains("${"))
                reading_.report(Severity::warning, written->key_at,
                                label + " is a secret, and stands in the config",
                                "keep it in a variable: " + label + " = \"${VARIABLE}\"");
        } else if (!spec.default_value.empty()) {
            // No text: a '$' of the default is not in the file.
            const Reading defaults{.source = reading_.source, .text = {}, .found = reading_.found};
            setting.values = read(spec, label + " (by default)", default_node(spec, backend_.at), defaults);
        } else if (spec.required) {
            reading_.error(
                backend_.at, label + " of plugin " + plugin_name(backend_) + " is not set",
                "add " + label + " = …" + (spec.doc.empty() ? "" : " (" + util::printable(spec.doc) + ")"));
        }
        return setting;
    }

    static Values read(const SettingSpec& spec, std::string_view label, const Node& node,
                       const Reading& reading) {
        auto values = read_value(rule_of(spec), label, node, reading);
        if (!values) return {};
        if (spec.type != SettingType::path) return *std::move(values);
        for (std::size_t i = 0; i < values->size(); ++i) {
            const Position at = node.kind == Node::Kind::list ? node.items[i].at : node.at;
            check_path(spec, label, std::get<std::string>((*values)[i]), {.at = at, .reading = reading});
        }
        return *std::move(values);
    }

    struct Where {
        Position at;
        const Reading& reading;
    };

    static void check_path(const SettingSpec& spec, std::string_view label, const std::string& path,
                           const Where& where) {
        const std::string name(label);
        if (path.empty()) return where.reading.error(where.at, name + " must not be empty");
        std::error_code error;
        const fs::path needed = must_exist(path);
        const fs::file_type type = fs::status(needed, error).type();
        if (fs::exists(fs::file_status(type)) && type != fs::file_type::none) return;
        const std::string shown = spec.secret ? "the path" : util::printable(needed.native());
        if (type == fs::file_type::not_found)
            return where.reading.error(
                where.at, name + ": " + shown + " does not exist (paths start at the config file)");
        where.reading.error(where.at, name + ": cannot look at " + shown + ": " + error.message());
    }

    const BackendConfig& backend_;
    std::span<const SettingSpec> specs_;
    const Reading& reading_;
};

}   // namespace

CheckedSettings check_settings(const Loaded& loaded, const BackendConfig& backend,
                               std::span<const core::SettingSpec> specs) {
    CheckedSettings checked;
    const Reading reading{.source = loaded.source, .text = loaded.text, .found = checked.diagnostics};
    checked.settings = SettingsChecker(backend, specs, reading).run();
    arrange(checked.diagnostics);
    // Any line may hold the secret: beside the setting at fault, or under a misspelt name.
    if (std::ranges::none_of(specs, &SettingSpec::secret)) add_excerpts(checked.diagnostics, loaded.text);
    return checked;
}

Rule rule_of(const core::SettingSpec& spec) {
    Rule rule{.kind = Kind::string, .allowed = spec.allowed, .list = spec.list, .secret = spec.secret};
    switch (spec.type) {
        case SettingType::string:
            if (!spec.allowed.empty()) rule.kind = Kind::choice;
            break;
        case SettingType::path:
            rule.kind = Kind::path;
            break;
        case SettingType::integer:
            rule.kind = Kind::integer;
            break;
        case SettingType::boolean:
            rule.kind = Kind::boolean;
            break;
    }
    return rule;
}

std::string plugin_name(const BackendConfig& backend) {
    if (!backend.plugin.starts_with('/')) return backend.plugin;
    return util::printable(fs::path(backend.plugin).stem().native());
}

}   // namespace microengine::config
