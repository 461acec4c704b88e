// SPDX-License-Identifier: MIT
#pragma once
// What the config tests share: a source whose environment and directory are the same on every machine, and a
// temporary directory.

#include "host/config/load.hpp"
#include "host/core/setting.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace microengine::config {

using Variables = std::map<std::string, std::string, std::less<>>;

inline Environment environment_of(Variables variables) {
    return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        if (found == variables.end()) return std::nullopt;
        return found->second;
    };
}

/// Named microengine.toml, in a directory that does not exist.
inline Source test_source(Variables variables = {
                              {"HOME", "/home/tester"}, {"EMPTY", ""}, {"LATIN", "caf\xE9"}}) {
    return {.file = "microengine.toml",
            .directory = "/nowhere",
            .environment = environment_of(std::move(variables))};
}

/// A backend, so that a text about something else has no problem of its own.
inline constexpr std::string_view kBackend = "\n[[backend]]\nname = \"eicar\"\nplugin = \"eicar\"\n";

inline core::SettingSpec spec(std::string name, core::SettingType type, std::string default_value = {},
                              std::string allowed = {}) {
    core::SettingSpec made;
    made.name = std::move(name);
    made.type = type;
    made.default_value = std::move(default_value);
    made.allowed = std::move(allowed);
    return made;
}

class TemporaryDirectory {
public:
    TemporaryDirectory() {
        std::string name = testing::TempDir() + "microengine-config-XXXXXX";
        path_ = ::mkdtemp(name.data());
    }
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    std::filesystem::path write(const std::filesystem::path& name, std::string_view text) const {
        const std::filesystem::path file = path_ / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << text;
        return file;
    }

private:
    std::filesystem::path path_;
};

}   // namespace microengine::config
