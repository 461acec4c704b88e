// SPDX-License-Identifier: MIT
// What the backend loads and what it refuses.

#include "plugins/yara/tests/loading.hpp"

#include "plugins/yara/compile.hpp"
#include "plugins/yara/handles.hpp"
#include "plugins/yara/load_log.hpp"

#include <gmock/gmock.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace microengine::yara {
namespace {

using support::Harness;
using support::Seen;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

RuleFiles with_sources(std::size_t number) {
    RuleFiles files;
    files.sources.resize(number);
    return files;
}

TEST_F(YaraLoading, ABrokenFileCostsItselfOnlyAndIsNamedWithItsLine) {
    folder.write("rules/a.yar", rule("a", "aaa"));
    const auto broken = folder.write("rules/b.yar", "rule b {\n  condition:\n    nope\n}\n");
    folder.write("rules/c.yar", rule("c", "ccc"));
    const auto other = folder.write("rules/d.yar", "\n\nrule d { condition: tru }");
    const Seen seen = harness.open();
    EXPECT_EQ(seen.status, ME_OK) << seen.fail_text;
    EXPECT_THAT(seen.log, Contains(broken + ":3: error: undefined identifier \"nope\""));
    EXPECT_THAT(seen.log, Contains(other + ":3: error: undefined identifier \"tru\""));
    EXPECT_THAT(seen.log, Contains("2 rules of 4 files, 2 broken files left out"));
    EXPECT_EQ(harness.signatures()->count, 2U);
    EXPECT_EQ(found("aaa ccc"), (std::set<std::string>{"a.yar:a", "c.yar:c"}));
}

TEST_F(YaraLoading, AFileThatIsBrokenInManyPlacesIsOneLine) {
    folder.write("rules/a.yar", rule("a", "aaa"));
    const auto broken = folder.write("rules/b.yar",
                                     "rule b { condition: one }\nrule c { condition: two }\n"
                                     "rule d { condition: three }\n");
    const Seen seen = harness.open();
    EXPECT_THAT(seen.log, Contains(broken + ":1: error: undefined identifier \"one\" (and 2 more)"));
    EXPECT_THAT(seen.log, Contains("1 rule of 2 files, 1 broken file left out"));
}

TEST(YaraLoadLog, IsOneWarningAFileAndTheRestForDebugBehindTheSum) {
    const std::vector<Problem> problems{{"a.yar", 3, "x"}, {"b.yar", 1, "y"}, {"a.yar", 9, "z"}};
    EXPECT_THAT(load_log(with_sources(3), problems, {}, 1234567),
                ElementsAre(LogLine{ME_LOG_WARN, "a.yar:3: error: x (and 1 more)"},
                            LogLine{ME_LOG_WARN, "b.yar:1: error: y"},
                            LogLine{ME_LOG_WARN, "1,234,567 rules of 3 files, 2 broken files left out"},
                            LogLine{ME_LOG_DEBUG, "a.yar:9: error: z"}));
}

TEST(YaraLoadLog, NamesNoMoreThanTwentyBrokenFiles) {
    std::vector<Problem> problems;
    for (int i = 0; i < 22; ++i)
        for (const int line : {1, 2}) problems.push_back({std::to_string(i) + ".yar", line, "x"});
    const auto lines = load_log(with_sources(1535), problems, {}, 19915);
    std::vector<std::string> warnings, details;
    for (const auto& [level, text] : lines) (level == ME_LOG_WARN ? warnings : details).push_back(text);
    ASSERT_EQ(warnings.size(), 22U);
    EXPECT_EQ(warnings[19], "19.yar:1: error: x (and 1 more)");
    EXPECT_EQ(warnings[20], "and 2 more broken files; log level debug lists all");
    EXPECT_EQ(warnings[21], "19,915 rules of 1,535 files, 22 broken files left out");
    EXPECT_EQ(details.size(), 24U);   // the second of each, and both of the last two
}

TEST(YaraLoadLog, OfSoundRulesIsNoWarning) {
    const std::vector<Problem> left_out{{"index.yar", 0, "all that it includes is loaded anyway"}};
    EXPECT_THAT(
        load_log(with_sources(3), {}, left_out, 999),
        ElementsAre(LogLine{ME_LOG_INFO, "999 rules of 2 files"},
                    LogLine{ME_LOG_DEBUG, "index.yar: left out, all that it includes is loaded anyway"}));
}

TEST_F(YaraLoading, StrictRefusesAndNamesThemAll) {
    folder.write("rules/a.yar", rule("a", "aaa"));
    for (const char* name : {"rules/b.yar", "rules/c.yar"}) folder.write(name, "rule b { condition: nope }");
    const Seen seen = harness.set("strict", true).open();
    EXPECT_EQ(seen.status, ME_E_SETTINGS);
    EXPECT_EQ(seen.fail_setting, "rules");
    EXPECT_THAT(seen.fail_text, HasSubstr("b.yar:1: error:"));
    EXPECT_THAT(seen.fail_text, HasSubstr("c.yar:1: error:"));
}

TEST_F(YaraLoading, WithoutARuleItDoesNotOpen) {
    fs::create_directory(folder.at("rules"));
    EXPECT_EQ(harness.open().status, ME_E_SETTINGS);
    folder.write("rules/a.yar", "// no rule\n");
    EXPECT_THAT(harness.open().fail_text, HasSubstr("there is no rule"));
    folder.write("rules/b.yar", "rule b { condition: nope }");
    EXPECT_THAT(harness.open().fail_text, HasSubstr("b.yar:1: error:"));
}

TEST_F(YaraLoading, TheSameNameInTwoFilesIsTwoRules) {
    folder.write("rules/a.yar", rule("same", "aaa"));
    folder.write("rules/b.yar", rule("same", "bbb"));
    EXPECT_EQ(found("aaa bbb"), (std::set<std::string>{"a.yar:same", "b.yar:same"}));
}

TEST_F(YaraLoading, TheLargestStackOfAllOpenBackendsHolds) {
    folder.write("rules/a.yar", rule("a", "a"));
    const auto stack = [] {
        std::uint32_t size = 0;
        (void)yr_get_configuration(YR_CONFIG_STACK_SIZE, &size);
        return size;
    };
    EXPECT_EQ(harness.set("stack_size", std::int64_t{30000}).open().status, ME_OK);
    EXPECT_EQ(stack(), 30000U);
    Harness small(PLUGIN_FILE);
    small.set("rules", folder.at("rules")).set("cache_dir", std::string("off"));
    EXPECT_EQ(small.set("stack_size", std::int64_t{2000}).open().status, ME_OK);
    EXPECT_EQ(stack(), 30000U);
}

TEST_F(YaraLoading, AnotherLimitOfStringsThanAnOpenBackendsIsRefused) {
    folder.write("rules/a.yar", rule("a", "a"));
    ASSERT_EQ(harness.set("max_strings_per_rule", std::int64_t{7}).open().status, ME_OK);
    Harness other(PLUGIN_FILE);
    other.set("rules", folder.at("rules")).set("cache_dir", std::string("off"));
    const Seen seen = other.set("max_strings_per_rule", std::int64_t{8}).open();
    EXPECT_EQ(seen.status, ME_E_SETTINGS);
    EXPECT_EQ(seen.fail_setting, "max_strings_per_rule");
    EXPECT_THAT(seen.fail_text, HasSubstr("an open backend set it to 7, got 8"));
    EXPECT_EQ(other.set("max_strings_per_rule", std::int64_t{7}).open().status, ME_OK);
}

TEST_F(YaraLoading, RulesThatCannotBeEvaluatedAreSaidWhileOpeningWhateverTheShortlistLeavesOut) {
    std::string strings;
    for (int i = 0; i < 3000; ++i)
        strings += " $s" + std::to_string(i) + " = \"string " + std::to_string(i) + "\"";
    folder.write("rules/many.yar", "rule many { strings:" + strings + " condition: 1 of them }");
    const Seen seen = harness.set("stack_size", std::int64_t{2000}).open();
    EXPECT_NE(seen.status, ME_OK);
    EXPECT_THAT(seen.fail_text, HasSubstr("raise stack_size"));
}

TEST_F(YaraLoading, ARuleThatWouldEndTheScanOfAllRulesCostsItsFileOnly) {
    // libyara 4.2 ends with an internal error where it counts a string in a range that does not begin with 0.
    // An artifact with that string lost the matches of all other rules.
    const std::string strings = " { strings: $a = \"dummy\" condition: ";
    folder.write("rules/evil.yar", rule("evil", "evil"));
    folder.write("rules/from_0.yar", "rule from_0" + strings + "#a in (0..filesize - 1) > 0 }");
    folder.write("rules/from_1.yar", "rule from_1" + strings + "#a in (1..filesize) > 0 }");
    folder.write("rules/from_end.yar",
                 "rule from_end" + strings + "$a and #a in (filesize - 9..filesize) > 0 }");
    EXPECT_EQ(found("evil dummy"), (std::set<std::string>{"evil.yar:evil", "from_0.yar:from_0"}));
    Harness strict(PLUGIN_FILE);
    strict.set("rules", folder.at("rules")).set("cache_dir", std::string("off"));
    const Seen seen = strict.set("strict", true).open();
    EXPECT_NE(seen.status, ME_OK);
    EXPECT_THAT(seen.fail_text, HasSubstr("rule from_1 counts a string in a range"));
}

TEST_F(YaraLoading, ExternalVariablesAreDefinedOrTheRuleIsBroken) {
    folder.write("rules/a.yar", "rule a { condition: filename == \"\" and level > 3 }");
    harness.set("externals", std::string("level=4"));
    EXPECT_EQ(found("x"), std::set<std::string>{"a.yar:a"});
    Harness without(PLUGIN_FILE);
    without.set("rules", folder.at("rules")).set("externals", std::string("level=4"));
    without.set("define_file_externals", false).set("cache_dir", std::string("off"));
    EXPECT_THAT(without.open().fail_text, HasSubstr("undefined identifier \"filename\""));
}

TEST_F(YaraLoading, CompiledRulesAreLoadedBesideSources) {
    folder.write("source/x.yar", "rule x { condition: level > 3 }");
    folder.write("rules/a.yar", rule("a", "aaa"));
    {
        const Library library;
        const auto compiled =
            compile(find_rule_files({folder.at("source")}, true), parse_externals({"level=1"}, false));
        std::string bytes;
        save_rules(compiled.rules.get(), bytes);
        folder.write("rules/x.yac", bytes);
    }
    const auto damaged = folder.write("rules/y.yac", "YARAnot really");
    harness.set("externals", std::string("level=4"));
    const Seen seen = harness.open();
    EXPECT_THAT(seen.log, Contains(testing::StartsWith(damaged + ": error: ")));
    EXPECT_EQ(found("aaa"), (std::set<std::string>{"a.yar:a", "x.yar:x"}));
    EXPECT_EQ(harness.signatures()->count, 2U);
}

}   // namespace
}   // namespace microengine::yara
