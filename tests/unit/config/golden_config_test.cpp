// SPDX-License-Identifier: MIT
// tests/golden/config_errors/NAME.toml must be told exactly what NAME.txt says. MICROENGINE_UPDATE_GOLDEN=1
// writes the texts anew; the diff is then read.

#include "host/config/settings.hpp"
#include "tests/unit/config/config_support.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace microengine::config {
namespace {

namespace fs = std::filesystem;
using core::SettingSpec;
using core::SettingType;

const fs::path kFolder = fs::path(GOLDEN_DIR) / "config_errors";

std::string read(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

std::vector<std::string> names(std::string_view extension) {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(kFolder))
        if (entry.path().extension() == extension) found.push_back(entry.path().stem());
    std::ranges::sort(found);
    return found;
}

std::vector<SettingSpec> card(std::string_view plugin) {
    if (plugin == "yara") {
        SettingSpec rules = spec("rules", SettingType::path);
        rules.required = true;
        rules.list = true;
        rules.doc = "rule files";
        SettingSpec names = spec("names", SettingType::string);
        names.list = true;
        return {rules,
                spec("max_matches", SettingType::integer, "1000", "1..100000"),
                spec("fast", SettingType::boolean, "true"),
                spec("mode", SettingType::string, "full", "fast|full"),
                names,
                spec("limits.depth", SettingType::integer, "", "1..64")};
    }
    if (plugin == "vault") {
        SettingSpec token = spec("token", SettingType::string);
        token.required = true;
        token.secret = true;
        SettingSpec key_file = spec("key_file", SettingType::path);
        key_file.secret = true;
        return {token, key_file, spec("url", SettingType::string)};
    }
    if (plugin == "bad_defaults")
        return {spec("database", SettingType::path, "${DATABASE_DIR:-nowhere}"),
                spec("token", SettingType::string, "${TOKEN}"),
                spec("count", SettingType::integer, "0", "1..9")};
    return {};
}

/// What an operator would read: the file's problems and those of its backends' settings.
std::string report(const std::string& toml) {
    const Loaded loaded = load_text(toml, test_source());
    std::vector<Diagnostic> all = loaded.diagnostics;
    for (const BackendConfig& backend : loaded.config.backends) {
        if (backend.plugin.empty()) continue;
        const CheckedSettings checked = check_settings(loaded, backend, card(plugin_name(backend)));
        all.insert(all.end(), checked.diagnostics.begin(), checked.diagnostics.end());
    }
    arrange(all);
    return to_text(all);
}

class GoldenConfig : public testing::TestWithParam<std::string> {};

TEST_P(GoldenConfig, SaysExactlyWhatTheTextSays) {
    const fs::path expected = kFolder / (GetParam() + ".txt");
    const std::string actual = report(read(kFolder / (GetParam() + ".toml")));
    EXPECT_FALSE(actual.empty()) << "a file without a problem does not belong here";
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
    if (std::getenv("MICROENGINE_UPDATE_GOLDEN") != nullptr)
        std::ofstream(expected, std::ios::binary) << actual;
    EXPECT_EQ(actual, read(expected));
}

INSTANTIATE_TEST_SUITE_P(ConfigErrors, GoldenConfig, testing::ValuesIn(names(".toml")),
                         [](const auto& named) { return named.param; });

TEST(GoldenConfigFolder, HasATextForEachFileAndNoOther) {
    EXPECT_GE(names(".toml").size(), 25u);
    EXPECT_EQ(names(".toml"), names(".txt"));
}

TEST(GoldenConfigFolder, NoTextShowsASecret) {
    for (const std::string& name : names(".txt"))
        EXPECT_THAT(
            read(kFolder / (name + ".txt")),
            testing::Not(testing::AnyOf(testing::HasSubstr("hunter2"), testing::HasSubstr("12345678"))))
            << name;
}

}   // namespace
}   // namespace microengine::config
