// SPDX-License-Identifier: GPL-2.0-only
#include "fixture.hpp"

namespace microengine::support {
namespace {

using testing::HasSubstr;

TEST_F(ClamAv, TheShippedSignaturesLoadAndDoNotMatchThemselves) {
    harness.set("database", SHIPPED_SIGNATURES).set("pua", true);
    const Seen opened = harness.open();
    ASSERT_EQ(opened.status, ME_OK) << opened.fail_text;
    EXPECT_THAT(harness.scan(eicar()).detections,
                testing::Contains(Named("Eicar-Test-Signature.UNOFFICIAL")));
    const std::string mark = std::string("MICROENGINE-TEST-") + "MALICIOUS-7F3A91C4";
    EXPECT_EQ(harness.scan("text " + mark).verdict, ME_MALICIOUS);
    for (const auto& entry : std::filesystem::directory_iterator(SHIPPED_SIGNATURES)) {
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        EXPECT_EQ(harness.scan(text).verdict, ME_BENIGN) << entry.path();
    }
}

TEST_F(ClamAv, NoSignaturesAtAllIsRefusedBecauseItWouldFindEverythingClean) {
    harness.set("database", std::vector<Harness::Value>{});
    const Seen seen = harness.open();
    EXPECT_EQ(seen.status, ME_E_SETTINGS);
    EXPECT_EQ(seen.fail_setting, "database");
    EXPECT_THAT(seen.fail_text, HasSubstr("not one signature"));
}

TEST_F(ClamAv, ADirectoryWithoutSignatureFilesIsRefused) {
    const auto empty = root / "empty";
    std::filesystem::create_directories(empty);
    std::ofstream(empty / "README.txt") << "nothing here";
    harness.set("database", empty.string());
    const Seen seen = harness.open();
    EXPECT_EQ(seen.status, ME_E_SETTINGS);
    EXPECT_EQ(seen.fail_setting, "database");
    EXPECT_THAT(seen.fail_text, HasSubstr(empty.string()));
}

TEST_F(ClamAv, AnEmptySignatureFileIsRefused) {
    write("test.ndb", "");
    const Seen seen = harness.open();
    EXPECT_EQ(seen.status, ME_E_SETTINGS);
    EXPECT_EQ(seen.fail_setting, "database");
}

TEST_F(ClamAv, AFileThatLibclamavWouldSkipInSilenceIsRefused) {
    std::ofstream(root / "rules.txt") << "x";
    harness.set("database", {database.string(), (root / "rules.txt").string()});
    const Seen seen = harness.open();
    EXPECT_EQ(seen.status, ME_E_SETTINGS);
    EXPECT_THAT(seen.fail_text, HasSubstr("rules.txt"));
}

TEST_F(ClamAv, ABrokenSignatureFileIsNamedWithTheReason) {
    write("broken.ndb", "this is not a signature\n");
    const Seen seen = harness.open();
    EXPECT_EQ(seen.status, ME_E_SETTINGS);
    EXPECT_EQ(seen.fail_setting, "database");
    EXPECT_THAT(seen.fail_text, HasSubstr("broken.ndb"));
    EXPECT_THAT(seen.fail_text, HasSubstr("Malformed database"));
}

TEST_F(ClamAv, AMissingDatabaseIsNamed) {
    harness.set("database", (root / "nowhere.ndb").string());
    const Seen seen = harness.open();
    EXPECT_EQ(seen.status, ME_E_SETTINGS);
    EXPECT_THAT(seen.fail_text, HasSubstr("nowhere.ndb"));
}

TEST_F(ClamAv, AnOptionalDatabaseMayBeAbsentOrEmpty) {
    std::filesystem::create_directories(root / "empty");
    harness.set("optional_database", {(root / "absent").string(), (root / "empty").string()});
    EXPECT_EQ(harness.open().status, ME_OK);
    EXPECT_EQ(harness.signatures()->count, 3U);
}

TEST_F(ClamAv, AnOptionalDatabaseThatHangsOnTheWorkingDirectoryIsRefused) {
    for (const char* name : {"signatures", "./signatures", "../signatures", ""}) {
        harness.set("optional_database", {(root / "absent").string(), std::string(name)});
        const Seen seen = harness.open();
        EXPECT_EQ(seen.status, ME_E_SETTINGS) << name;
        EXPECT_EQ(seen.fail_setting, "optional_database");
        EXPECT_THAT(seen.fail_text, HasSubstr("must be an absolute path, got \"" + std::string(name) + "\""));
    }
}

TEST_F(ClamAv, AnOptionalDatabaseThatCannotBeReadIsNotAbsent) {
    std::filesystem::create_symlink("loop", root / "loop");   // a reason that holds for root as well
    std::ofstream(root / "file") << "x";
    for (const char* name : {"loop", "file"}) {
        harness.set("optional_database", (root / name).string());
        const Seen seen = harness.open();
        EXPECT_EQ(seen.status, ME_E_SETTINGS) << name;
        EXPECT_EQ(seen.fail_setting, "optional_database");
        EXPECT_THAT(seen.fail_text, HasSubstr((root / name).string() + ": cannot be read: "));
    }
}

TEST_F(ClamAv, YaraRulesAreRefusedBecauseLibclamavOnlyWarnsOfBrokenOnes) {
    write("broken.yar", "import \"pe\"\nrule broken { condition: pe.nonsense and }\n");
    for (const auto& source : {database, database / "broken.yar"}) {
        harness.set("database", source.string());
        const Seen seen = harness.open();
        EXPECT_EQ(seen.status, ME_E_SETTINGS);
        EXPECT_EQ(seen.fail_setting, "database");
        EXPECT_THAT(seen.fail_text, HasSubstr("broken.yar: YARA rules; use the yara backend"));
    }
}

TEST_F(ClamAv, AllSourcesGoIntoOneEngine) {
    const auto more = root / "more";
    std::filesystem::create_directories(more);
    std::ofstream(more / "more.ndb") << "Other.Mark:0:*:" << hex_of("OTHER-MARK") << "\n";
    harness.set("optional_database", more.string());
    EXPECT_EQ(harness.scan("OTHER-MARK").verdict, ME_MALICIOUS);
    EXPECT_EQ(harness.scan(eicar()).verdict, ME_MALICIOUS);
    EXPECT_EQ(harness.signatures()->count, 4U);
}

TEST_F(ClamAv, TheVersionChangesWithTheSignatures) {
    harness.open();
    const std::string before = harness.signatures()->version;
    write("more.ndb", "Other.Mark:0:*:" + hex_of("OTHER-MARK") + "\n");
    Harness again(PLUGIN_FILE);
    again.set("database", database.string());
    ASSERT_EQ(again.open().status, ME_OK);
    EXPECT_NE(before, again.signatures()->version);
    EXPECT_GT(again.signatures()->date_unix, 0);
    EXPECT_LE(before.size(), 63U);
}

TEST_F(ClamAv, AnUnknownParserIsRefusedWithTheChoice) {
    harness.set("disable_parsers", "zip");
    const Seen seen = harness.open();
    EXPECT_EQ(seen.status, ME_E_SETTINGS);
    EXPECT_EQ(seen.fail_setting, "disable_parsers");
    EXPECT_THAT(seen.fail_text, HasSubstr("archive, elf"));
}

TEST_F(ClamAv, WithoutAWritableTemporaryDirectoryNoScannerOpens) {
    ASSERT_EQ(harness.open().status, ME_OK);
    harness.temp_dir = root / "absent";
    const Seen seen = harness.open_scanner();
    EXPECT_LT(seen.status, 0);
    EXPECT_THAT(seen.fail_text, HasSubstr("cannot be written"));
}

}   // namespace
}   // namespace microengine::support
