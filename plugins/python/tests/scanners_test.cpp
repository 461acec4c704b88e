// SPDX-License-Identifier: MIT
// Scanners in the manner of PolySwarm's tutorials, unmodified.
#include "tests/scanner_fixture.hpp"

#include <microengine/plugin.h>

#include <cstring>

namespace microengine::python {
namespace {

using support::Seen;
using testing::HasSubstr;

TEST_F(PythonTest, TheFirstTutorial) {
    use("eicar.py");
    const Seen found = harness.scan(support::eicar());
    EXPECT_EQ(found.status, ME_OK) << found.fail_text;
    EXPECT_EQ(found.verdict, ME_MALICIOUS);
    EXPECT_EQ(found.confidence, 10000U);
    ASSERT_EQ(found.detections.size(), 1U);
    EXPECT_EQ(found.detections[0].name, "EICAR");
    EXPECT_EQ(found.detections[0].family, "EICAR");
    EXPECT_EQ(found.detections[0].detail, R"({"guid": "00000000-0000-0000-0000-000000000000"})");
    const Seen letter = harness.scan("a letter");
    EXPECT_EQ(letter.verdict, ME_BENIGN);
    EXPECT_TRUE(letter.detections.empty());
    const auto signatures = harness.signatures();
    ASSERT_TRUE(signatures);
    EXPECT_STREQ(signatures->version, "1.2.3");
    EXPECT_EQ(signatures->flags, ME_SIGNATURES_FLEETING);
}

TEST_F(PythonTest, TheOldestInterface) {
    use("oldest.py");
    const Seen found = harness.scan("EVIL");
    EXPECT_EQ(found.verdict, ME_MALICIOUS) << found.fail_text;
    ASSERT_EQ(found.detections.size(), 1U);
    EXPECT_EQ(found.detections[0].family, "Evil.Letter");
    EXPECT_EQ(harness.scan("a letter").verdict, ME_BENIGN);
}

TEST_F(PythonTest, TheEngineTemplateWithItsSetupAndTemporaryFiles) {
    use("template.py");
    const Seen seen = harness.scan("no archive");
    EXPECT_EQ(seen.status, ME_OK) << seen.fail_text;
    EXPECT_EQ(seen.verdict, ME_UNKNOWN);
}

TEST_F(PythonTest, TheMultipleBackendTutorialAsAPackage) {
    for (const char* script : {"many", "many/__init__.py"}) {
        support::Harness fresh(PLUGIN_FILE);
        fresh.temp_dir = root;
        fresh.set("script", std::string(SCANNERS) + "/" + script);
        const Seen word = fresh.scan("WICKED");
        EXPECT_EQ(word.verdict, ME_MALICIOUS) << word.fail_text;
        EXPECT_EQ(word.confidence, 8000U);
        ASSERT_EQ(word.detections.size(), 1U);
        EXPECT_EQ(word.detections[0].family, "Word.Wicked");
        const Seen both = fresh.scan("known EVIL");
        EXPECT_EQ(both.confidence, 9000U);
        EXPECT_THAT(both.detections.at(0).detail, HasSubstr("Hash.Known"));
        EXPECT_EQ(fresh.scan("a letter").verdict, ME_BENIGN);
    }
}

TEST_F(PythonTest, AModuleOfAPackageByItself) {
    use("many/backends/hashes.py");
    EXPECT_EQ(harness.scan("known EVIL").verdict, ME_MALICIOUS);
    EXPECT_EQ(harness.scan("a letter").verdict, ME_UNKNOWN);
}

TEST_F(PythonTest, TheYaraTutorialWithACompiledModule) {
    use("rules.py");
    harness.set("environment", "RULES_DIR=" + root.string());
    std::ofstream(root / "demo.yar") << "rule Marked { strings: $a = \"EVIL\" condition: $a }";
    const Seen opened = harness.open();
    if (opened.fail_text.find("No module named 'yara'") != std::string::npos)
        GTEST_SKIP() << "python3-yara is not installed";
    const Seen found = harness.scan("EVIL");
    EXPECT_EQ(found.verdict, ME_MALICIOUS) << found.fail_text;
    EXPECT_EQ(found.detections.at(0).family, "Marked");
    EXPECT_EQ(harness.scan("a letter").verdict, ME_BENIGN);
}

}   // namespace
}   // namespace microengine::python
