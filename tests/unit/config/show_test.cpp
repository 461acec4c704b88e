// SPDX-License-Identifier: MIT
#include "host/config/show.hpp"

#include "host/config/keys.hpp"
#include "host/config/settings.hpp"
#include "tests/unit/config/config_support.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <string>
#include <vector>

namespace microengine::config {
namespace {

using core::SettingType;
using testing::HasSubstr;
using testing::Not;

/// Every key of the table must have the same value in both.
void expect_same(const Config& one, const Config& other) {
    ASSERT_EQ(one.backends.size(), other.backends.size());
    for (const Table& table : tables())
        for (std::size_t row = 0; row < rows(table, one); ++row)
            for (const Key& key : table.keys)
                if (key.slot.get != nullptr) {
                    EXPECT_EQ(key.slot.get(one, row), key.slot.get(other, row))
                        << table.name << " " << key.name;
                }
}

/// The text loads again, elsewhere and with another environment, as the same config, and shows as the same
/// text.
void expect_round_trip(const Config& config) {
    const std::string shown = show(config, {});
    Source source = test_source({});
    source.directory = "/another";
    source.file = config.file;
    const Loaded again = load_text(shown, source);
    EXPECT_FALSE(has_errors(again.diagnostics)) << to_text(again.diagnostics) << shown;
    expect_same(config, again.config);
    EXPECT_EQ(show(again.config, {}), shown);
}

TEST(Show, ADefaultConfigLoadsAgainAndIsAllDefaults) {
    const Config config = load_text(kBackend, test_source()).config;
    expect_round_trip(config);
    const std::string shown = show(config, {});
    EXPECT_THAT(shown, HasSubstr("# the effective config of microengine.toml\n\n[combiner]\n"
                                 "strategy = \"any\"   # default\nthreshold = 0.5   # default\n"
                                 "# suspicious_threshold is not set: half of threshold\n"));
    EXPECT_THAT(shown,
                HasSubstr("\n[[backend]]\nname = \"eicar\"\nplugin = \"eicar\"\nweight = 1.0   # default\n"));
}

TEST(Show, EveryKeyChangedLoadsAgain) {
    const Loaded loaded = load_text(R"([combiner]
strategy = "weighted"
threshold = 0.3333
suspicious_threshold = 0.0001
quorum = 2
on_tie = "benign"
early_decision = true
[trusted]
allow = ["a", "b#c \"d\" \\ $$ \t"]
block = "${HOME}/x"
[[backend]]
name = "a"
plugin = "a"
weight = 999.9999
timeout_ms = 1
group = "$${A} \u0001 é"
default_confidence = 0
max_artifact_bytes = 1
sha256 = "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f"
grant = ["exec_memory"]
[[backend]]
name = "b"
plugin = "b"
required = true
veto = true
[[backend]]
name = "c"
plugin = "c"
enabled = false
[plugins]
directory = "p"
[scan]
workers = 256
max_artifact_bytes = 7
timeout_ms = 0
temp_dir = "t"
[log]
level = "error"
format = "text"
)",
                                    test_source());
    ASSERT_EQ(to_text(loaded.diagnostics), "");
    expect_round_trip(loaded.config);
    EXPECT_THAT(show(loaded.config, {}), HasSubstr("allow = [\"/nowhere/a\", "));
}

class ShowSettings : public testing::Test {
protected:
    ShowSettings() {
        core::SettingSpec token = spec("token", SettingType::string);
        token.secret = true;
        core::SettingSpec items = spec("items", SettingType::string);
        items.list = true;
        specs_ = {token, items, spec("limits.depth", SettingType::integer, "7"),
                  spec("unset", SettingType::string), spec("where", SettingType::path, "/")};
    }
    std::string show_checked(std::string_view toml, SettingsOfBackends& all) const {
        const Loaded loaded = load_text(toml, test_source({{"TOKEN", "hunter2"}}));
        EXPECT_FALSE(has_errors(loaded.diagnostics)) << to_text(loaded.diagnostics);
        const CheckedSettings checked = check_settings(loaded, loaded.config.backends.at(0), specs_);
        EXPECT_FALSE(has_errors(checked.diagnostics)) << to_text(checked.diagnostics);
        all["eicar"] = {.specs = specs_, .settings = checked.settings};
        return show(loaded.config, all);
    }
    std::vector<core::SettingSpec> specs_;
};

TEST_F(ShowSettings, ShowsTheirValuesMarksDefaultsAndHidesSecrets) {
    SettingsOfBackends first;
    const std::string shown = show_checked(
        std::string(kBackend) + "settings.token = \"${TOKEN}\"\nsettings.items = [\"a$$\", \"b\"]\n", first);
    EXPECT_THAT(shown, HasSubstr("\nsettings.token = \"***\"\n"
                                 "settings.items = [\"a$$\", \"b\"]\n"
                                 "settings.limits.depth = 7   # default\n"
                                 "# settings.unset is not set\n"
                                 "settings.where = \"/\"   # default\n"));
    EXPECT_THAT(shown, Not(HasSubstr("hunter2")));

    SettingsOfBackends second;
    const std::string again = show_checked(shown, second);
    for (const core::SettingSpec& wanted : specs_)
        if (!wanted.secret) {
            EXPECT_EQ(second["eicar"].settings.find(wanted.name)->values,
                      first["eicar"].settings.find(wanted.name)->values)
                << wanted.name;
        }
}

TEST_F(ShowSettings, OfAnUnknownPluginEveryStringIsHiddenAndTheTextStillLoads) {
    const Loaded loaded = load_text(std::string(kBackend) + R"(settings.token = "hunter2"
settings.items = ["hunter2", 3, { "odd key" = "hunter2", a.b = true }]
settings."q\"uote".x = 1.5
settings.when = 1979-05-27
)",
                                    test_source());
    const std::string shown = show(loaded.config, {});
    EXPECT_THAT(shown, Not(HasSubstr("hunter2")));
    EXPECT_THAT(
        shown,
        HasSubstr("settings.items = [\"***\", 3, {\"odd key\" = \"***\", a = {b = true}}]   # not checked"));
    EXPECT_EQ(to_text(load_text(shown, test_source()).diagnostics), "");
}

TEST(ShippedConfigs, LoadWithoutAWarningAndShowAndLoadAgain) {
    const std::filesystem::path folder =
        std::filesystem::path(GOLDEN_DIR).parent_path().parent_path() / "config";
    int count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.path().extension() != ".toml") continue;
        ++count;
        const Loaded loaded = load(entry.path(), environment_of({}));
        EXPECT_EQ(to_text(loaded.diagnostics), "") << entry.path();
        for (BackendConfig backend : loaded.config.backends)
            EXPECT_TRUE(backend.enabled) << backend.policy.name;
        Config config = loaded.config;
        for (BackendConfig& backend : config.backends) backend.settings = {};
        expect_round_trip(config);
    }
    EXPECT_GE(count, 2);
}

/// The shipped file is read by people: it must name every key and say its default.
TEST(ShippedConfigs, TheDefaultNamesEveryKey) {
    const Loaded loaded =
        load(std::filesystem::path(GOLDEN_DIR).parent_path().parent_path() / "config/microengine.toml",
             environment_of({}));
    for (const Table& table : tables()) {
        EXPECT_THAT(loaded.text, testing::AnyOf(HasSubstr("\n" + table.header() + "\n"),
                                                HasSubstr("\n# " + table.header() + "\n")));
        for (const Key& key : table.keys)
            EXPECT_THAT(loaded.text, testing::AnyOf(HasSubstr("\n" + std::string(key.name) + " = "),
                                                    HasSubstr("\n# " + std::string(key.name) + " = "),
                                                    HasSubstr("\n" + std::string(key.name) + ".")))
                << table.header() << " " << key.name;
    }
}

}   // namespace
}   // namespace microengine::config
