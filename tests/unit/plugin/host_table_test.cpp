// SPDX-License-Identifier: MIT
// What a plugin may ask of the host, asked wrongly.
#include "host/plugin/host_table.hpp"

#include "host/core/bounds.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace microengine::plugin {
namespace {

struct HostTable : testing::Test {
    HostTable() {
        call.backend = &name;
        call.detections = &detections;
        given.struct_size = sizeof given;
        given.verdict = ME_MALICIOUS;
        given.confidence = ME_CONFIDENCE_UNSET;
        given.name = {"x", 1};
    }
    me_status add() { return host_table().add_detection(&call, &given); }

    std::string name = "test";
    std::vector<core::Detection> detections;
    CallRecord call;
    me_detection given{};
};

TEST_F(HostTable, ADetectionIsCopied) {
    EXPECT_EQ(add(), ME_OK);
    ASSERT_EQ(detections.size(), 1U);
    EXPECT_EQ(detections[0].name, "x");
}

TEST_F(HostTable, ARecordTooShortForItsMembersIsRefused) {
    given.struct_size = offsetof(me_detection, tags);
    EXPECT_EQ(add(), ME_E_INVALID);
    EXPECT_FALSE(call.broke_rule.empty());
    EXPECT_TRUE(detections.empty());
}

TEST_F(HostTable, TagsThatAreNotThereAreNone) {
    given.tag_count = 3;
    EXPECT_EQ(add(), ME_OK);
    EXPECT_TRUE(detections.at(0).tags.empty());
}

TEST_F(HostTable, DetailIsWholeOrNotThere) {
    const std::string bad = "{\"a\":\"\xff\"}";
    given.detail = {bad.data(), bad.size()};
    EXPECT_EQ(add(), ME_OK);
    EXPECT_EQ(detections.at(0).detail, "");
    const std::string large(core::kMaxDetail, ' ');
    given.detail = {large.data(), large.size()};
    for (int i = 0; i < 100; ++i) EXPECT_EQ(add(), ME_OK);
    std::size_t kept = 0;
    for (const core::Detection& detection : detections) kept += detection.detail.size();
    EXPECT_LE(kept, core::kMaxDetails);
}

TEST_F(HostTable, SettingsCannotBeReadWhileScanning) {
    std::uint64_t count = 0;
    EXPECT_EQ(host_table().setting_count(&call, "rules", &count), ME_E_NOT_FOUND);
    me_string path{};
    EXPECT_EQ(host_table().temp_dir(&call, &path), ME_E_FAILED) << "its card does not ask for one";
}

TEST_F(HostTable, StopComesFromTheDeadlineOrTheCancelWord) {
    EXPECT_EQ(host_table().should_stop(&call), ME_OK);
    call.deadline = core::Deadline(1);
    EXPECT_EQ(host_table().should_stop(&call), ME_E_DEADLINE);
    const CancelWord word{core::Reason::decided};
    call.cancel = &word;
    EXPECT_EQ(host_table().should_stop(&call), ME_E_CANCELLED);
}

}   // namespace
}   // namespace microengine::plugin
