// SPDX-License-Identifier: MIT
#include "host/config/single_plugin.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace microengine::config {

namespace fs = std::filesystem;

namespace {

/// A basic TOML string is written as a JSON string is; a dollar sign would begin a variable.
std::string quoted(const std::string& text) {
    std::string doubled;
    for (const char c : text) doubled += c == '$' ? std::string("$$") : std::string(1, c);
    return nlohmann::json(doubled).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// A number, a truth value, a list or a quoted text as it is; any other text quoted.
std::string value_of(const std::string& text) {
    const bool number =
        !text.empty() &&
        text.find_first_not_of("0123456789", text.front() == '-' ? 1 : 0) == std::string::npos && text != "-";
    if (number || text == "true" || text == "false" || text.starts_with('[') || text.starts_with('"'))
        return text;
    return quoted(text);
}

/// The name reports show: the file's, less what a name may not have.
std::string backend_name(const fs::path& plugin) {
    std::string name = plugin.stem().string().substr(0, 64);
    for (char& c : name)
        if (std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-").find(c) ==
            std::string_view::npos)
            c = '_';
    return name.empty() ? "plugin" : name;
}

}   // namespace

util::Result<Loaded> single_plugin_config(const SinglePlugin& plugin) {
    std::error_code error;
    const fs::path file = fs::canonical(plugin.file, error);
    if (error) return util::fail(util::Errc::usage, plugin.file, error.message());
    // Who tries a plugin out wants every scan.
    std::string toml = "[cache]\nmemory_bytes = 0\n[[backend]]\nname = " + quoted(backend_name(file)) +
                       "\nplugin = " + quoted(file.native()) + "\nisolation = \"in_process\"\n";
    if (!plugin.grants.empty()) {
        std::string list;
        for (const std::string& right : plugin.grants) list += (list.empty() ? "" : ", ") + quoted(right);
        toml += "grant = [" + list + "]\n";
    }
    for (const std::string& setting : plugin.settings) {
        const std::size_t equals = setting.find('=');
        const std::string key = setting.substr(0, equals);
        if (equals == std::string::npos || key.empty() ||
            key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") != std::string::npos)
            return util::fail(util::Errc::usage, "--set " + setting,
                              "must be KEY=VALUE, as in --set rules=./rules");
        toml += "settings." + key + " = " + value_of(setting.substr(equals + 1)) + "\n";
    }
    return load_text(toml, {.file = "(command line)",
                            .directory = fs::current_path(error),
                            .environment = process_environment()});
}

}   // namespace microengine::config
