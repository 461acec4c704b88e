// SPDX-License-Identifier: MIT
#include "options.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace microengine::command {
namespace {

std::string program_of(const Settings& settings) {
    std::string program = settings.path("program");
    struct stat status{};
    if (stat(program.c_str(), &status) != 0 || !S_ISREG(status.st_mode))
        throw setting_error("program", program + " is no file");
    if (access(program.c_str(), X_OK) != 0)
        throw setting_error("program", program + " is not executable; chmod +x makes it so");
    return program;
}

void check_text(const char* setting, const std::string& text) {
    if (text.find('\0') != std::string::npos) throw setting_error(setting, "a zero byte ends it early");
}

std::optional<Pattern> pattern_of(const Settings& settings, const char* name) {
    if (!settings.has(name)) return std::nullopt;
    return std::optional<Pattern>(std::in_place, name, settings.string(name));
}

}   // namespace

Options::Options(const Settings& settings)
    : program(program_of(settings)),
      by_file(settings.string("input") == "file"),
      detection(pattern_of(settings, "detection_pattern")),
      family(pattern_of(settings, "family_pattern")),
      detection_verdict(settings.string("detection_verdict") == "malicious" ? ME_MALICIOUS : ME_SUSPICIOUS),
      timeout(settings.has("timeout_ms") ? settings.integer("timeout_ms") : 0),
      max_output_bytes(static_cast<std::size_t>(settings.integer("max_output_bytes"))) {
    read_arguments(settings);
    read_environment(settings);
    read_exits(settings);
}

void Options::read_arguments(const Settings& settings) {
    arguments = settings.strings("arguments");
    if (arguments.empty() && by_file) arguments.emplace_back("{file}");
    for (const std::string& argument : arguments) check_text("arguments", argument);
    const bool named = std::any_of(arguments.begin(), arguments.end(), [](const std::string& argument) {
        return argument.find("{file}") != std::string::npos;
    });
    if (named != by_file)
        throw setting_error("arguments",
                            by_file ? "none has {file}, so the program would not see the artifact; or set "
                                      "input = \"stdin\""
                                    : "{file} has no meaning with input = \"stdin\"");
}

void Options::read_environment(const Settings& settings) {
    environment = settings.strings("environment");
    const auto has = [&](const std::string& key) {
        return std::any_of(environment.begin(), environment.end(),
                           [&](const std::string& one) { return one.compare(0, key.size(), key) == 0; });
    };
    for (const std::string& one : environment) {
        check_text("environment", one);
        if (one.find('=') == std::string::npos || one.front() == '=')
            throw setting_error("environment", "'" + one + "' must be KEY=VALUE");
    }
    if (!has("LC_ALL=")) environment.emplace_back("LC_ALL=C.UTF-8");
}

void Options::read_exits(const Settings& settings) {
    for (const auto& [name, meaning] :
         {std::pair{"benign_exit", Exit::benign}, std::pair{"suspicious_exit", Exit::suspicious},
          std::pair{"malicious_exit", Exit::malicious}, std::pair{"unsupported_exit", Exit::unsupported}})
        for (std::size_t i = 0; i < settings.count(name); ++i) {
            const int code = static_cast<int>(settings.integer(name, i));
            if (!exits.emplace(code, meaning).second)
                throw setting_error(name, "exit code " + std::to_string(code) + " has a meaning already");
        }
    const bool accuses = std::any_of(exits.begin(), exits.end(), [](const auto& one) {
        return one.second == Exit::malicious || one.second == Exit::suspicious;
    });
    if (!accuses && !detection)
        throw setting_error("malicious_exit",
                            "nothing the program says would be a detection; set malicious_exit, "
                            "suspicious_exit or detection_pattern");
}

Exit Options::exit(int code) const {
    const auto found = exits.find(code);
    return found == exits.end() ? Exit::failed : found->second;
}

}   // namespace microengine::command
