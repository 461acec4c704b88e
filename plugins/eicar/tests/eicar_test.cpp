// SPDX-License-Identifier: MIT
#include "tests/support/plugin_harness.hpp"

#include <gtest/gtest.h>

#include <string>

namespace microengine::support {
namespace {

struct EicarPlugin : testing::Test {
    std::int32_t verdict_of(const std::string& artifact) { return harness.scan(artifact).verdict; }
    Harness harness{PLUGIN_FILE};
};

TEST_F(EicarPlugin, FindsTheTestFileAndNamesIt) {
    const Seen seen = harness.scan(eicar());
    EXPECT_EQ(seen.status, ME_OK);
    EXPECT_EQ(seen.verdict, ME_MALICIOUS);
    ASSERT_EQ(seen.detections.size(), 1U);
    EXPECT_EQ(seen.detections[0].name, "Eicar-Test-Signature");
    EXPECT_EQ(seen.detections[0].family, "EICAR");
}

TEST_F(EicarPlugin, WhiteSpaceMayFollowUpTo128Bytes) {
    EXPECT_EQ(verdict_of(eicar() + "\r\n\t \x1a"), ME_MALICIOUS);
    EXPECT_EQ(verdict_of(eicar() + std::string(60, ' ')), ME_MALICIOUS);
    EXPECT_EQ(verdict_of(eicar() + std::string(61, ' ')), ME_UNKNOWN);
}

TEST_F(EicarPlugin, AnythingElseIsNotTheTestFile) {
    EXPECT_EQ(verdict_of(eicar() + "x"), ME_UNKNOWN);
    EXPECT_EQ(verdict_of(eicar() + std::string(1, '\0')), ME_UNKNOWN);
    EXPECT_EQ(verdict_of(" " + eicar()), ME_UNKNOWN);
    EXPECT_EQ(verdict_of(eicar().substr(0, 67)), ME_UNKNOWN);
    EXPECT_EQ(verdict_of(""), ME_UNKNOWN);
}

TEST_F(EicarPlugin, AnUnknownArtifactIsAnAbstentionNeverBenign) {
    const Seen seen = harness.scan("hello");
    EXPECT_EQ(seen.status, ME_OK);
    EXPECT_EQ(seen.verdict, ME_UNKNOWN);
    EXPECT_TRUE(seen.detections.empty());
}

}   // namespace
}   // namespace microengine::support
