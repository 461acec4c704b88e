// SPDX-License-Identifier: MIT
#include "host/config/load.hpp"

#include "tests/unit/config/config_support.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>

namespace microengine::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

Loaded load_good(std::string_view toml) {
    Loaded loaded = load_text(toml, test_source());
    EXPECT_EQ(to_text(loaded.diagnostics), "");
    return loaded;
}

std::string problems(std::string_view toml) { return to_text(load_text(toml, test_source()).diagnostics); }

TEST(Load, ABackendIsEnough_AllElseHasItsDefault) {
    const Config config = load_good(kBackend).config;
    EXPECT_EQ(config.file, "microengine.toml");
    EXPECT_EQ(config.directory, "/nowhere");
    EXPECT_EQ(config.combiner.strategy, core::Strategy::any);
    EXPECT_EQ(config.combiner.threshold, 5'000u);
    EXPECT_FALSE(config.combiner.suspicious_threshold);
    EXPECT_EQ(config.scan.timeout, 60s);
    EXPECT_EQ(config.scan.max_artifact_bytes, 1'073'741'824u);
    EXPECT_TRUE(config.plugins.directory.empty());
    ASSERT_EQ(config.backends.size(), 1u);
    EXPECT_EQ(config.backends[0].policy.weight, 10'000u);
    EXPECT_EQ(config.backends[0].timeout, 10s);
    EXPECT_TRUE(config.backends[0].votes());
}

TEST(Load, EveryKeyReachesItsMember) {
    const Config config = load_good(R"([combiner]
strategy = "weighted"
threshold = 0.6
suspicious_threshold = 0.2
quorum = 2
on_tie = "malicious"
early_decision = true
[trusted]
allow = ["lists/a.sha256", "/b"]
block = "../c"
[[backend]]
name = "a"
plugin = "/opt/a.so"
weight = 2
timeout_ms = 200
isolation = "in_process"
required = true
veto = true
group = "feed"
default_confidence = 0.75
max_artifact_bytes = 4294967296
sha256 = "275A021BBFB6489E54D471899F7DB9D1663FC695EC2FE2A2C4538AABF651FD0F"
enabled = true
grant = ["network", "exec_memory"]
settings.rules = ["r"]
settings.limits.depth = 3
[[backend]]
name = "b"
plugin = "b"
weight = 0.0001
[plugins]
directory = "${HOME}/plugins"
[scan]
workers = 3
max_artifact_bytes = 0
timeout_ms = 0
temp_dir = "tmp"
[log]
level = "debug"
format = "json"
)")
                              .config;
    EXPECT_EQ(config.combiner.strategy, core::Strategy::weighted);
    EXPECT_EQ(config.combiner.threshold, 6'000u);
    EXPECT_EQ(config.combiner.suspicious_threshold, 2'000u);
    EXPECT_EQ(config.combiner.quorum, 2u);
    EXPECT_EQ(config.combiner.on_tie, core::Verdict::malicious);
    EXPECT_TRUE(config.combiner.early_decision);
    EXPECT_THAT(config.trusted.allow, ElementsAre("/nowhere/lists/a.sha256", "/b"));
    EXPECT_THAT(config.trusted.block, ElementsAre("/c"));
    ASSERT_EQ(config.backends.size(), 2u);
    const BackendConfig& a = config.backends[0];
    EXPECT_EQ(a.policy.name, "a");
    EXPECT_EQ(a.plugin, "/opt/a.so");
    EXPECT_EQ(a.policy.weight, 20'000u);
    EXPECT_EQ(a.timeout, 200ms);
    EXPECT_TRUE(a.policy.required);
    EXPECT_TRUE(a.policy.veto);
    EXPECT_EQ(a.policy.group, "feed");
    EXPECT_EQ(a.policy.default_confidence, 7'500u);
    EXPECT_EQ(a.max_artifact_bytes, 4'294'967'296u);
    ASSERT_TRUE(a.sha256);
    EXPECT_EQ((*a.sha256)[0], 0x27);
    EXPECT_THAT(a.grant, ElementsAre("network", "exec_memory"));
    EXPECT_EQ(a.place, "microengine.toml:11:1");
    ASSERT_NE(a.settings.find("rules"), nullptr);
    EXPECT_EQ(a.settings.find("rules")->items.at(0).string, "r");
    EXPECT_EQ(config.backends[1].policy.weight, 1u);
    EXPECT_EQ(config.plugins.directory, "/home/tester/plugins");
    EXPECT_EQ(config.scan.workers, 3u);
    EXPECT_EQ(config.scan.timeout, 0s);
    EXPECT_EQ(config.scan.max_artifact_bytes, 0u);
    EXPECT_EQ(config.scan.temp_dir, "/nowhere/tmp");
    EXPECT_EQ(config.log.level, LogLevel::debug);
    EXPECT_EQ(config.log.format, LogFormat::json);
}

TEST(Load, WhatIsSoundStaysUsableBesideWhatIsNot) {
    const Loaded loaded =
        load_text("[[backend]]\nname = \"a\"\nplugin = \"b\"\nweight = -1\n", test_source());
    EXPECT_FALSE(loaded.ok());
    ASSERT_EQ(loaded.config.backends.size(), 1u);
    EXPECT_EQ(loaded.config.backends[0].plugin, "b");
    EXPECT_EQ(loaded.config.backends[0].policy.weight, 10'000u);
}

TEST(Load, AWarningIsNoError) {
    const Loaded loaded = load_text("[combiner]\nthreshold = 0.6\n" + std::string(kBackend), test_source());
    EXPECT_EQ(loaded.diagnostics.size(), 1u);
    EXPECT_TRUE(loaded.ok());
}

TEST(Load, ANoteStaysWithItsErrorAndAllElseIsInTheOrderOfTheFile) {
    std::vector<std::string> places;
    for (const Diagnostic& diagnostic : load_text("[[backend]]\nname = \"a\"\nplugin = \"a\"\n[[backend]]\nx "
                                                  "= 1\nname = \"a\"\nplugin = \"./a\"\n",
                                                  test_source())
                                            .diagnostics)
        places.push_back(place(diagnostic.file, diagnostic.at));
    EXPECT_THAT(places, ElementsAre("microengine.toml:5:1", "microengine.toml:6:8", "microengine.toml:2:8",
                                    "microengine.toml:7:10"));
}

TEST(Load, TakesAByteOrderMarkAndTheLineEndsOfWindows) {
    EXPECT_EQ(problems("\xEF\xBB\xBF[[backend]]\r\nname = \"a\"\r\nplugin = \"a\"\r\nwieght = 1\r\n"),
              "microengine.toml:4:1: error: unknown key 'wieght' in [[backend]]; did you mean 'weight'?\n"
              " 4 | wieght = 1\n"
              "   | ^\n");
    EXPECT_EQ(problems("\xEF\xBB\xBFx = 1\r\n" + std::string(kBackend)),
              "microengine.toml:1:1: error: unknown key 'x' above all tables\n 1 | x = 1\n   | ^\n");
}

TEST(Load, ColumnsCountCharactersNotBytes) {
    EXPECT_THAT(
        problems("[log]\n\"\xC3\xA9\xC3\xA9\" = 1\nlevel = \"\xE2\x82\xAC\"\n" + std::string(kBackend)),
        HasSubstr("microengine.toml:3:9: error: level must be auto, debug"));
}

TEST(Load, AnEmptyFileHasNoBackend) {
    for (const std::string_view text : {"", "\xEF\xBB\xBF", "\n\n", "# nothing"})
        EXPECT_EQ(problems(text),
                  "microengine.toml: error: no backend; add a [[backend]] with name and plugin\n");
}

TEST(Load, NothingIsTakenFromTextThatIsNoToml) {
    const Loaded loaded = load_text("[[backend]]\nname = \"a\"\n???", test_source());
    EXPECT_FALSE(loaded.ok());
    EXPECT_TRUE(loaded.config.backends.empty());
    EXPECT_EQ(loaded.config.file, "microengine.toml");
}

// Each of these once overflowed a stack or could fill the memory.
TEST(HostileText, IsRefusedBeforeItCanExhaustAnything) {
    std::string dotted = "a";
    std::string header = "[a";
    std::string quoted = "\"a\"";
    for (int i = 0; i < 200'000; ++i) {
        dotted += ".a";
        header += " . a";
        quoted += ".\"\"";
    }
    const std::string brackets(400'000, '[');
    EXPECT_THAT(problems(dotted + " = 1"), HasSubstr("1:32: error: a key of more than 16 parts"));
    EXPECT_THAT(problems(header + "]"), HasSubstr("a key of more than 16 parts"));
    EXPECT_THAT(problems(quoted + " = 1"), HasSubstr("a key of more than 16 parts"));
    EXPECT_THAT(problems("x = { " + dotted + " = 1 }"), HasSubstr("a key of more than 16 parts"));
    EXPECT_THAT(problems("x = '''\n''\\'''''\n" + dotted + " = 1"), HasSubstr("a key of more than 16 parts"));
    EXPECT_THAT(problems("x = \"\"\"\\\"\"\"\"\"\"\n" + dotted + " = 1"),
                HasSubstr("a key of more than 16 parts"));
    EXPECT_THAT(problems("x = " + brackets), HasSubstr("nested more than 32 levels deep"));
    EXPECT_THAT(problems(brackets), HasSubstr("nested more than 32 levels deep"));
}

TEST(HostileText, DotsAndBracketsInStringsAndCommentsAreNoNesting) {
    const std::string noise = std::string(200, '[') + std::string(200, '.') + std::string(200, '{');
    load_good("# " + noise + "\n" + std::string(kBackend) + "group = \"" + noise + "\"\nsettings.a = '" +
              noise + "'\nsettings.b = \"\"\"\n" + noise + "\n\"\"\"\nsettings.c = '''\n\"" + noise +
              "\n'''\n");
}

TEST(HostileText, TheDeepestThatIsTakenIsHandled) {
    std::string key = "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a";
    std::string text = "[" + key + "]\n" + key + " = ";
    for (int i = 0; i < 31; ++i) text += i % 2 == 0 ? "[" : "{ " + key + " = ";
    text += "1";
    for (int i = 30; i >= 0; --i) text += i % 2 == 0 ? "]" : "}";
    EXPECT_THAT(problems(text + kBackend.data()), HasSubstr("unknown table [a]"));
}

TEST(HostileText, MoreThanAMebibyteIsRefused) {
    EXPECT_EQ(problems(std::string((1 << 20) + 1, '#')),
              "microengine.toml: error: has 1048577 bytes, at most 1048576\n");
    EXPECT_EQ(problems(std::string(1 << 20, '#')),
              "microengine.toml: error: no backend; add a [[backend]] with name and plugin\n");
}

TEST(LoadFile, ReadsRelativePathsFromTheFilesDirectory) {
    const TemporaryDirectory directory;
    const auto file =
        directory.write("deep/microengine.toml", "[trusted]\nallow = [\"a\"]\n" + std::string(kBackend));
    const Loaded loaded = load(file, environment_of({}));
    EXPECT_EQ(to_text(loaded.diagnostics), "");
    EXPECT_THAT(loaded.config.trusted.allow, ElementsAre(directory.path() / "deep/a"));
    EXPECT_EQ(loaded.config.directory, directory.path() / "deep");
    EXPECT_EQ(loaded.config.file, file);
}

TEST(LoadFile, WhatCannotBeReadIsADiagnostic) {
    const TemporaryDirectory directory;
    const auto large = directory.write("large.toml", std::string((1 << 20) + 1, ' '));
    EXPECT_EQ(to_text(load(large).diagnostics), large.native() + ": error: is larger than 1048576 bytes\n");
    EXPECT_EQ(to_text(load(directory.path()).diagnostics),
              directory.path().native() + ": error: is a directory, not a file\n");
    EXPECT_THAT(to_text(load(directory.path() / "none").diagnostics),
                HasSubstr("none: error: cannot open it"));
}

}   // namespace
}   // namespace microengine::config
