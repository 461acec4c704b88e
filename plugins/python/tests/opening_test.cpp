// SPDX-License-Identifier: MIT
// The interpreter is closed off, and what cannot be opened says why.
#include "tests/scanner_fixture.hpp"

#include <microengine/plugin.h>

#include <signal.h>

#include <string>

namespace microengine::python {
namespace {

using support::Seen;
using testing::HasSubstr;

constexpr const char* kScanner =
    "class Scanner:\n  def scan(self, guid, content, chain):\n    return True, True, str(ANSWER)\n";

TEST_F(PythonTest, NothingFromOutsideStealsIn) {
    ASSERT_EQ(setenv("PYTHONPATH", "/nowhere", 1), 0);
    ASSERT_EQ(setenv("ME_SECRET", "secret", 1), 0);
    harness.set("environment", std::vector<support::Harness::Value>{std::string("A=b=c")});
    const auto told = [&](const std::string& expression) {
        const Seen seen = harness.scan("return (True, True, str(" + expression + "))");
        return seen.detections.empty() ? seen.fail_text : seen.detections[0].name;
    };
    EXPECT_EQ(told("(sys.flags.isolated, sys.flags.ignore_environment, sys.flags.no_user_site, "
                   "sys.flags.dont_write_bytecode, sys.flags.utf8_mode)"),
              "(1, 1, 1, 1, 1)");
    EXPECT_EQ(told("'/nowhere' in sys.path or '' in sys.path"), "False");
    EXPECT_EQ(told("__import__('os').environ.get('ME_SECRET')"), "None");
    EXPECT_EQ(told("__import__('os').environ['A']"), "b=c");
    EXPECT_EQ(told("sys.prefix"), "/usr");
    struct sigaction interrupt{};
    ASSERT_EQ(sigaction(SIGINT, nullptr, &interrupt), 0);
    EXPECT_EQ(interrupt.sa_handler, SIG_DFL);
}

TEST_F(PythonTest, WhatItPrintsAndLogsIsTheHostsLog) {
    testing::internal::CaptureStdout();
    const Seen seen = harness.scan(
        "do print('printed'); print('cried', file=sys.stderr); "
        "__import__('logging').getLogger('x').info('%s', 'logged \\ud800')");
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
    EXPECT_EQ(seen.status, ME_OK) << seen.fail_text;
    EXPECT_THAT(seen.log, testing::ElementsAre("printed", "cried", "x: logged ?"));
}

TEST_F(PythonTest, ABackendThatCannotBeOpenedSaysWhy) {
    const auto refused = [&](const std::string& text) {
        support::Harness fresh(PLUGIN_FILE);
        fresh.temp_dir = root;
        std::ofstream(root / "broken.py") << text;
        fresh.set("script", (root / "broken.py").string());
        const Seen seen = fresh.open();
        return seen.status == ME_OK ? fresh.open_scanner().fail_text
                                    : seen.fail_setting + ": " + seen.fail_text;
    };
    EXPECT_THAT(refused("import no_such"), HasSubstr("script: cannot import " + root.string()));
    EXPECT_THAT(refused("import no_such"), HasSubstr("No module named 'no_such' (broken.py:1 in <module>"));
    EXPECT_THAT(refused("class"), HasSubstr("SyntaxError: invalid syntax (broken.py, line 1)"));
    EXPECT_THAT(refused("raise SystemExit"), HasSubstr("SystemExit"));
    EXPECT_THAT(
        refused("class Other: pass\nclass Another: pass"),
        HasSubstr("class: " + root.string() + "/broken.py has no class Scanner; it has Other, Another"));
    EXPECT_THAT(refused("class Scanner: pass"), HasSubstr("class Scanner has no scan()"));
    EXPECT_THAT(refused("class Scanner:\n  def __init__(self): raise OSError('no signatures')"),
                HasSubstr("OSError: no signatures (broken.py:2 in __init__"));
    EXPECT_THAT(refused("class Scanner:\n  async def setup(self): return False\n  def scan(self, *a): pass"),
                HasSubstr("setup() of class Scanner says that it did not work"));
}

TEST_F(PythonTest, SettingsThatCannotWorkAreRefused) {
    harness.set("script", root.string());
    EXPECT_THAT(harness.open().fail_text, HasSubstr("is a folder without __init__.py"));
    write("notes.txt", "x = 1");
    EXPECT_THAT(harness.open().fail_text, HasSubstr("is no Python file"));
    write("fine.py", kScanner);
    harness.set("environment", std::string("RULES_DIR"));
    EXPECT_THAT(harness.open().fail_text, HasSubstr("'RULES_DIR' is not KEY=VALUE"));
}

TEST_F(PythonTest, AChangedScriptIsReadAnew) {
    for (const char* answer : {"one", "two"}) {
        std::ofstream(root / "beside.py") << "ANSWER = '" << answer << "'\n";
        support::Harness fresh(PLUGIN_FILE);
        fresh.temp_dir = root;
        std::ofstream(root / "again.py") << "from beside import ANSWER\n" << kScanner;
        fresh.set("script", (root / "again.py").string());
        EXPECT_EQ(fresh.scan("x").detections.at(0).name, answer);
    }
}

TEST_F(PythonTest, AScriptMayHaveTheNameOfAModuleThatItImports) {
    write("json.py", std::string("import json\nANSWER = json.loads('\"fine\"')\n") + kScanner);
    EXPECT_EQ(harness.scan("x").detections.at(0).name, "fine");
}

TEST_F(PythonTest, InstalledPackagesOfPolySwarmAreTakenBeforeOurs) {
    std::filesystem::create_directory(root / "polyswarmclient");
    std::ofstream(root / "polyswarmclient/__init__.py") << "";
    std::ofstream(root / "polyswarmclient/abstractscanner.py") << "ANSWER = 'theirs'\n";
    harness.set("search_path", root.string());
    // A process of its own: in this one ours has been imported already, or will be.
    write("mine.py",
          std::string("import sys\nfor n in [n for n in sys.modules if n.startswith('polyswarmclient')]: "
                      "del sys.modules[n]\nfrom polyswarmclient.abstractscanner import ANSWER\n"
                      "for n in [n for n in sys.modules if n.startswith('polyswarmclient')]: "
                      "del sys.modules[n]\n") +
              kScanner);
    EXPECT_EQ(harness.scan("x").detections.at(0).name, "theirs");
}

}   // namespace
}   // namespace microengine::python
