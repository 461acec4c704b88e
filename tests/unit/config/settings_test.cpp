// SPDX-License-Identifier: MIT
#include "host/config/settings.hpp"

#include "tests/unit/config/config_support.hpp"

#include <gmock/gmock.h>

#include <string>
#include <variant>
#include <vector>

namespace microengine::config {
namespace {

using core::SettingSpec;
using core::SettingType;
using core::SettingValue;
using testing::ElementsAre;
using testing::HasSubstr;

class SettingsTest : public testing::Test {
protected:
    CheckedSettings check(const std::string& settings, const std::vector<SettingSpec>& specs) {
        Source source = test_source({{"SET", "from-environment"}, {"WHERE", directory_.path().native()}});
        source.directory = directory_.path();
        loaded_ = load_text("[[backend]]\nname = \"a\"\nplugin = \"acme\"\n" + settings, std::move(source));
        EXPECT_EQ(to_text(loaded_.diagnostics), "");
        return check_settings(loaded_, loaded_.config.backends.at(0), specs);
    }
    std::vector<SettingValue> values(const std::string& settings, const SettingSpec& wanted) {
        const CheckedSettings checked = check(settings, {wanted});
        EXPECT_EQ(to_text(checked.diagnostics), "");
        return checked.settings.all.at(0).values;
    }
    static SettingSpec list(SettingSpec of) {
        of.list = true;
        return of;
    }

    TemporaryDirectory directory_;
    Loaded loaded_;
};

TEST_F(SettingsTest, WrittenValuesHaveTheirTypeAndPlace) {
    const CheckedSettings checked = check(
        "settings.text = \"${SET}\"\nsettings.number = 7\nsettings.flag = true\nsettings.limits.depth = 3\n",
        {spec("number", SettingType::integer), spec("text", SettingType::string),
         spec("flag", SettingType::boolean), spec("limits.depth", SettingType::integer)});
    EXPECT_EQ(to_text(checked.diagnostics), "");
    ASSERT_EQ(checked.settings.all.size(), 4u);
    EXPECT_EQ(checked.settings.all[0].name, "number");
    EXPECT_THAT(checked.settings.all[0].values, ElementsAre(SettingValue(std::int64_t{7})));
    EXPECT_EQ(checked.settings.all[0].place, "microengine.toml:5:10");
    EXPECT_THAT(checked.settings.all[1].values, ElementsAre(SettingValue(std::string("from-environment"))));
    EXPECT_THAT(checked.settings.all[2].values, ElementsAre(SettingValue(true)));
    EXPECT_EQ(checked.settings.find("limits.depth")->place, "microengine.toml:7:17");
}

TEST_F(SettingsTest, DefaultsAreReadLikeValuesAndHaveNoPlace) {
    const CheckedSettings checked = check(
        "", {spec("text", SettingType::string, "${NOT_SET:-x}"), spec("number", SettingType::integer, "-12"),
             spec("flag", SettingType::boolean, "false"), spec("mode", SettingType::string, "a", "a|b"),
             list(spec("items", SettingType::string, "one")), spec("nothing", SettingType::string),
             list(spec("none", SettingType::string))});
    EXPECT_EQ(to_text(checked.diagnostics), "");
    const auto& all = checked.settings.all;
    EXPECT_THAT(all[0].values, ElementsAre(SettingValue(std::string("x"))));
    EXPECT_THAT(all[1].values, ElementsAre(SettingValue(std::int64_t{-12})));
    EXPECT_THAT(all[2].values, ElementsAre(SettingValue(false)));
    EXPECT_THAT(all[3].values, ElementsAre(SettingValue(std::string("a"))));
    EXPECT_THAT(all[4].values, ElementsAre(SettingValue(std::string("one"))));
    EXPECT_TRUE(all[5].values.empty());
    EXPECT_TRUE(all[6].values.empty());
    for (const core::Setting& setting : all) EXPECT_EQ(setting.place, "");
}

TEST_F(SettingsTest, ALoneValueIsAListOfOne) {
    const SettingSpec items = list(spec("items", SettingType::integer, "", "1..9"));
    EXPECT_THAT(values("settings.items = 3\n", items), ElementsAre(SettingValue(std::int64_t{3})));
    EXPECT_THAT(values("settings.items = [3, 4]\n", items),
                ElementsAre(SettingValue(std::int64_t{3}), SettingValue(std::int64_t{4})));
    EXPECT_TRUE(values("settings.items = []\n", items).empty());
}

TEST_F(SettingsTest, PathsStartAtTheConfigFileAndExist) {
    directory_.write("rules/demo.yar", "");
    const SettingSpec rules = list(spec("rules", SettingType::path));
    const std::string base = directory_.path().native();
    EXPECT_THAT(
        values("settings.rules = [\"rules\", \"${WHERE}/rules/demo.yar\", \"./rules/../rules\"]\n", rules),
        ElementsAre(SettingValue(base + "/rules"), SettingValue(base + "/rules/demo.yar"),
                    SettingValue(base + "/rules")));
    EXPECT_THAT(to_text(check("settings.rules = \"absent\"\n", {rules}).diagnostics),
                HasSubstr("microengine.toml:4:18: error: settings.rules: " + base +
                          "/absent does not exist (paths start at the config file)\n"));
}

TEST_F(SettingsTest, APatternNeedsItsDirectoryOnly) {
    directory_.write("rules/demo.yar", "");
    const SettingSpec rules = spec("rules", SettingType::path);
    const std::string base = directory_.path().native();
    EXPECT_THAT(values("settings.rules = \"rules/*.yar\"\n", rules),
                ElementsAre(SettingValue(base + "/rules/*.yar")));
    EXPECT_THAT(values("settings.rules = \"r*/x/y?z\"\n", rules),
                ElementsAre(SettingValue(base + "/r*/x/y?z")));
    EXPECT_THAT(to_text(check("settings.rules = \"absent/[a].yar\"\n", {rules}).diagnostics),
                HasSubstr("error: settings.rules: " + base + "/absent does not exist"));
}

TEST_F(SettingsTest, AFileWhoseNameLooksLikeAPatternIsAFile) {
    directory_.write("[x].yar", "");
    EXPECT_THAT(values("settings.rules = \"[x].yar\"\n", spec("rules", SettingType::path)),
                ElementsAre(SettingValue((directory_.path() / "[x].yar").native())));
}

TEST_F(SettingsTest, ASecretFromAVariableIsNoWarningAndInNoMessage) {
    SettingSpec token = spec("token", SettingType::string, "", "a|b");
    token.secret = true;
    EXPECT_EQ(to_text(check("settings.token = \"${SET}\"\n", {token}).diagnostics),
              "microengine.toml:4:18: error: settings.token must be a or b\n");
    token.allowed = "";
    const CheckedSettings checked = check("settings.token = \"${SET}\"\n", {token});
    EXPECT_TRUE(checked.diagnostics.empty());
    EXPECT_THAT(checked.settings.all[0].values, ElementsAre(SettingValue(std::string("from-environment"))));
}

TEST_F(SettingsTest, WorkWithoutAConfigFile) {
    Loaded none;
    none.source = test_source();
    BackendConfig backend;
    backend.plugin = "/opt/acme.so";
    SettingSpec needed = spec("rules", SettingType::string);
    needed.required = true;
    const CheckedSettings checked = check_settings(none, backend, std::vector{needed});
    EXPECT_EQ(to_text(checked.diagnostics),
              "microengine.toml: error: settings.rules of plugin acme is not set; add settings.rules = …\n");
}

TEST_F(SettingsTest, NumbersStayInsideTheirRangeToTheLastDigit) {
    const SettingSpec all = spec("n", SettingType::integer);
    EXPECT_THAT(values("settings.n = 9223372036854775807\n", all),
                ElementsAre(SettingValue(std::numeric_limits<std::int64_t>::max())));
    EXPECT_THAT(values("settings.n = -9223372036854775808\n", all),
                ElementsAre(SettingValue(std::numeric_limits<std::int64_t>::min())));
    const SettingSpec some = spec("n", SettingType::integer, "", "-5..5");
    EXPECT_THAT(values("settings.n = -5\n", some), ElementsAre(SettingValue(std::int64_t{-5})));
    EXPECT_FALSE(check("settings.n = -6\n", {some}).ok());
    EXPECT_FALSE(check("settings.n = 6\n", {some}).ok());
}

}   // namespace
}   // namespace microengine::config
