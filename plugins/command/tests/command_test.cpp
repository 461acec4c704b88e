// SPDX-License-Identifier: MIT
// Real programs, well-behaved and not, through the plugin as it was built.
#include "tests/support/plugin_harness.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::command {
namespace {

namespace fs = std::filesystem;
using support::Harness;
using support::Seen;
using testing::HasSubstr;

/// Where we are root: somebody else, as workers are, who owns this folder.
class AsNobody {
public:
    explicit AsNobody(const fs::path& folder) {
        if (geteuid() != 0) return;
        for (const fs::path& path : {folder, folder / "temporary"})
            if (chown(path.c_str(), kNobody, kNobody) != 0) throw std::runtime_error("chown");
        if (seteuid(kNobody) != 0) throw std::runtime_error("seteuid");
    }
    ~AsNobody() { (void)seteuid(getuid()); }
    AsNobody(const AsNobody&) = delete;
    AsNobody& operator=(const AsNobody&) = delete;

private:
    static constexpr uid_t kNobody = 65534;
};

struct Command : testing::Test {
    Command() {
        std::string pattern = (fs::temp_directory_path() / "me-command-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
        root = pattern;
        fs::create_directory(root / "temporary");
        harness.temp_dir = root / "temporary";
        harness.set("malicious_exit", std::int64_t{1}).set("benign_exit", std::int64_t{0});
    }
    ~Command() override { fs::remove_all(root); }
    Command(const Command&) = delete;
    Command& operator=(const Command&) = delete;

    Seen says(const std::string& python, std::string_view artifact = "a letter") {
        const fs::path file = root / "scanner";
        std::ofstream(file) << "#!/usr/bin/python3\nimport os, signal, sys, time\n" << python << "\n";
        fs::permissions(file, fs::perms(0755));
        harness.set("program", file.string());
        return harness.scan(artifact);
    }
    fs::path root;
    Harness harness{PLUGIN_FILE};
};

constexpr const char* kFinds =
    "bad = 'BAD' in open(sys.argv[1]).read()\nif bad: print('Found: Win.Trojan.Agent-1')\nsys.exit(bad)";

TEST_F(Command, ExitCodesAndLinesAreItsAnswer) {
    harness.set("detection_pattern", std::string("^Found: (.*)$"));
    harness.set("family_pattern", std::string("Trojan\\.(\\w+)"));
    const Seen bad = says(kFinds, "a BAD letter");
    EXPECT_EQ(bad.status, ME_OK) << bad.fail_text;
    EXPECT_EQ(bad.verdict, ME_MALICIOUS);
    ASSERT_EQ(bad.detections.size(), 1U);
    EXPECT_EQ(bad.detections[0].name, "Win.Trojan.Agent-1");
    EXPECT_EQ(bad.detections[0].family, "Agent");
    EXPECT_EQ(says(kFinds).verdict, ME_BENIGN);
    for (const fs::directory_entry& folder : fs::directory_iterator(root / "temporary"))
        EXPECT_TRUE(folder.is_directory());
}

TEST_F(Command, ALineCountsHoweverLongItIs) {
    harness.set("detection_pattern", std::string("Found: (.*)$"));
    const Seen seen = says("print('x' * 100000 + 'Found: Something')");
    EXPECT_EQ(seen.verdict, ME_MALICIOUS);
    ASSERT_EQ(seen.detections.size(), 1U);
    EXPECT_EQ(seen.detections[0].name, "Something");
}

TEST_F(Command, ANameOfAnyBytesAndLengthIsHandedOnAsText) {
    harness.set("detection_pattern", std::string("Found: (.*)$")).set("family_pattern", std::string("(x+)"));
    const Seen seen = says("sys.stdout.buffer.write(b'Found: T\\xfcr.' + b'x' * 3000)");
    ASSERT_EQ(seen.detections.size(), 1U) << seen.fail_text;
    EXPECT_EQ(seen.detections[0].name, "T\uFFFDr." + std::string(250, 'x'));
    EXPECT_EQ(seen.detections[0].family, std::string(64, 'x'));
    EXPECT_THAT(says("sys.stderr.buffer.write(b'\\xff')\nsys.exit(7)").fail_text,
                HasSubstr("code 7: \uFFFD"));
}

TEST_F(Command, ALineThatNamesNothingIsADetectionToo) {
    harness.set("detection_pattern", std::string("^Found:? ?(.*)$"));
    const Seen seen = says("print('Found')");
    EXPECT_EQ(seen.verdict, ME_MALICIOUS);
    ASSERT_EQ(seen.detections.size(), 1U);
    EXPECT_EQ(seen.detections[0].name, "scanner.unnamed");
}

TEST_F(Command, WhatItLeavesAndNobodyCanRemoveEndsTheScannerAndNotTheNextOne) {
    const AsNobody nobody(root);   // root could remove it
    const Seen first = says("os.makedirs('locked/inside')\nos.chmod('locked', 0)");
    EXPECT_EQ(first.verdict, ME_BENIGN) << first.fail_text;
    EXPECT_EQ(harness.scan("a letter").status, ME_E_FATAL);
    for (const fs::directory_entry& folder : fs::directory_iterator(root / "temporary"))
        fs::permissions(folder.path() / "locked", fs::perms::owner_all);
}

TEST_F(Command, AProgramThatCannotBeStartedSaysWhy) {
    harness.set("program", std::string("/usr/bin/true"));
    harness.temp_dir = root / "temporary";
    ASSERT_EQ(harness.scan("a letter").status, ME_OK);
    fs::remove_all(root / "temporary");
    const Seen seen = harness.scan("a letter");
    EXPECT_NE(seen.status, ME_OK);
    EXPECT_THAT(seen.fail_text, HasSubstr("No such file or directory"));
}

TEST_F(Command, WithoutALineTheExitCodeIsTheName) {
    const Seen seen = says("sys.exit(1)");
    ASSERT_EQ(seen.detections.size(), 1U);
    EXPECT_EQ(seen.detections[0].name, "scanner.exit-1");
}

TEST_F(Command, WhatIsNoAnswerIsAFailureAndNeverBenign) {
    const Seen unknown = says("print('trouble', file=sys.stderr)\nsys.exit(7)");
    EXPECT_EQ(unknown.status, ME_E_FAILED);
    EXPECT_THAT(unknown.fail_text, HasSubstr("ended with exit code 7: trouble"));
    const Seen killed = says("os.kill(os.getpid(), signal.SIGSEGV)");
    EXPECT_EQ(killed.status, ME_E_FAILED);
    EXPECT_THAT(killed.fail_text, HasSubstr("was killed by signal 11"));
    for (const Seen& seen : {unknown, killed}) EXPECT_NE(seen.verdict, ME_BENIGN);
}

TEST_F(Command, AHangIsEndedAtItsTimeAndAtACancellation) {
    harness.set("timeout_ms", std::int64_t{50});
    EXPECT_EQ(says("signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: time.sleep(9)").status,
              ME_E_DEADLINE);
    Harness other(PLUGIN_FILE);
    other.temp_dir = root / "temporary";
    other.set("program", (root / "scanner").string()).set("malicious_exit", std::int64_t{1});
    other.stop_after_polls = 3;
    EXPECT_EQ(other.scan("x").status, ME_E_CANCELLED);
}

TEST_F(Command, AFloodIsDroppedAndThenTheAnswerIsPartial) {
    harness.set("max_output_bytes", std::int64_t{1000});
    const Seen seen = says("sys.stdout.write('x' * 3000000)");
    EXPECT_EQ(seen.status, ME_OK) << seen.fail_text;
    EXPECT_TRUE(seen.partial());
}

TEST_F(Command, StandardInputIsFedWhileOutputIsRead) {
    harness.set("input", std::string("stdin"));
    const std::string large(3'000'000, 'x');
    const Seen seen =
        says("sys.stdout.write('y' * 200000)\nsys.exit(len(sys.stdin.read()) != 3000000)", large);
    EXPECT_EQ(seen.status, ME_OK) << seen.fail_text;
    EXPECT_EQ(seen.verdict, ME_BENIGN);
    EXPECT_FALSE(seen.partial());
    const Seen early = says("os.close(0)", large);
    EXPECT_EQ(early.status, ME_OK) << early.fail_text;
    EXPECT_TRUE(early.partial()) << "it has not looked at all of it";
}

TEST_F(Command, WhatItStartedInItsGroupEndsWithIt) {
    const Seen seen = says("if os.fork() == 0:\n  while True: time.sleep(9)");
    EXPECT_EQ(seen.status, ME_OK) << seen.fail_text;   // and the scan returned
}

TEST_F(Command, SettingsThatCannotWorkAreRefused) {
    std::ofstream(root / "text") << "no program";
    harness.set("program", (root / "text").string());
    EXPECT_THAT(harness.open().fail_text, HasSubstr("is not executable"));
    harness.set("program", std::string("/bin/true")).set("arguments", std::string("x"));
    EXPECT_THAT(harness.open().fail_text, HasSubstr("none has {file}"));
    harness.set("arguments", std::string("{file}")).set("benign_exit", std::int64_t{1});
    EXPECT_THAT(harness.open().fail_text, HasSubstr("has a meaning already"));
    harness.set("benign_exit", std::int64_t{0}).set("detection_pattern", std::string("no group"));
    EXPECT_THAT(harness.open().fail_text, HasSubstr("exactly one group"));
}

}   // namespace
}   // namespace microengine::command
