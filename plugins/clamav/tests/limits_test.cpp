// SPDX-License-Identifier: GPL-2.0-only
// libclamav calls "clean" what it did not look at. Each test is one way to make it do so.
#include "fixture.hpp"

#include <sys/wait.h>

#include <ctime>

namespace microengine::support {
namespace {

using testing::Contains;

std::string nested_zip(std::string bytes, int depth) {
    for (int i = 0; i < depth; ++i) bytes = zip_of({{"inner", bytes}});
    return bytes;
}

TEST_F(ClamAv, AnEncryptedMemberIsPartialNotBenign) {
    const std::string artifact = zip_of({{"secret", "0123456789abcdefghij", true}});
    const Seen seen = harness.scan(artifact);
    expect_partial(seen, ME_PARTIAL_ENCRYPTED);
    EXPECT_EQ(seen.verdict, ME_UNKNOWN);
    EXPECT_THAT(seen.detections, Contains(Named("Heuristics.Encrypted.Zip")));
}

TEST_F(ClamAv, AnEncryptedMemberIsSuspiciousAndPartialWhenAskedFor) {
    harness.set("alerts", "encrypted");
    const Seen seen = harness.scan(zip_of({{"secret", "0123456789abcdefghij", true}}));
    expect_partial(seen, ME_PARTIAL_ENCRYPTED);
    EXPECT_EQ(seen.verdict, ME_SUSPICIOUS);
}

TEST_F(ClamAv, AnEncryptedMemberDoesNotHideTheOneBehindIt) {
    for (const std::uint32_t flags : {0U, ME_REQUEST_ALL_MATCHES}) {
        harness.request_flags = flags;
        EXPECT_EQ(harness.scan(zip_of({{"secret", "0123456789abcdefghij", true}, {"e", eicar()}})).verdict,
                  ME_MALICIOUS);
    }
}

TEST_F(ClamAv, AnArtifactOverTheSizeLimitIsPartial) {
    harness.set("max_file_bytes", std::int64_t{1000});
    expect_partial(harness.scan(std::string(1001, 'x')), ME_PARTIAL_TOO_LARGE);
    EXPECT_EQ(harness.scan(std::string(1000, 'x')).verdict, ME_BENIGN);
}

TEST_F(ClamAv, AMemberOverTheSizeLimitIsPartial) {
    harness.set("max_file_bytes", std::int64_t{20'000});
    EXPECT_EQ(harness.scan(gzip_of_run('x', 50)).verdict, ME_BENIGN);
    expect_partial(harness.scan(gzip_of_run('x', 500)), ME_PARTIAL_TOO_LARGE);
}

TEST_F(ClamAv, MoreBytesThanTheScanMayTakeIsPartial) {
    harness.set("max_scan_bytes", std::int64_t{30'000});
    expect_partial(harness.scan(zip_of({{"a", std::string(20'000, 'x')}, {"b", std::string(20'000, 'y')}})),
                   ME_PARTIAL_TOO_LARGE);
}

TEST_F(ClamAv, TooDeepIsPartial) {
    harness.set("max_recursion", std::int64_t{3});
    expect_partial(harness.scan(nested_zip(eicar(), 8)), ME_PARTIAL_TOO_DEEP);
    EXPECT_EQ(harness.scan(nested_zip(eicar(), 1)).verdict, ME_MALICIOUS);
}

TEST_F(ClamAv, TooManyMembersIsPartial) {
    harness.set("max_files", std::int64_t{4});
    std::vector<Member> members;
    for (int i = 0; i < 10; ++i)
        members.push_back({"m" + std::to_string(i), "harmless text " + std::to_string(i)});
    expect_partial(harness.scan(zip_of(members)), ME_PARTIAL_TOO_MANY);
}

TEST_F(ClamAv, HtmlBeyondClamAvsOwnLimitIsStillLookedAt) {
    // ClamAV skips HTML over 40 MB, all of it, and calls it clean.
    std::string page = "<html><body><p>bad-mark</p>";
    page.resize(42'000'000, ' ');
    EXPECT_EQ(harness.scan(page + "</body></html>").verdict, ME_MALICIOUS);
}

TEST_F(ClamAv, ItsOwnTimeLimitIsPartial) {
    harness.set("max_scan_time_ms", std::int64_t{1});
    expect_partial(harness.scan(std::string(30'000'000, 'x')), ME_PARTIAL_TIME_LIMIT);
}

std::uint64_t monotonic_ns() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec);
}

TEST_F(ClamAv, ThePassedDeadlineIsAFailureNotBenign) {
    ASSERT_EQ(harness.scan("warm").verdict, ME_BENIGN);
    harness.deadline_ns = monotonic_ns() + 1'000'000;
    const Seen seen = harness.scan(std::string(30'000'000, 'x'));
    EXPECT_EQ(seen.status, ME_E_DEADLINE);
    EXPECT_NE(seen.verdict, ME_BENIGN);
    harness.deadline_ns = 0;
    EXPECT_EQ(harness.scan("after it").verdict, ME_BENIGN);
}

TEST_F(ClamAv, AScanToldToStopEndsWithThatStatusHoweverFarItWas) {
    // Large enough to be read in pieces; stopped at its first, second, … poll until it gets through.
    const std::string artifact = zip_of({{"a", std::string(300'000, 'x')}, {"b", std::string(200'000, 'y')}});
    int stopped = 0;
    for (std::uint64_t polls = 0; polls < 1000; ++polls) {
        harness.stop_after_polls = polls;
        const Seen seen = harness.scan(artifact);
        if (seen.status == ME_OK) {
            EXPECT_EQ(seen.verdict, ME_BENIGN);
            EXPECT_GT(stopped, 3);
            return;
        }
        EXPECT_EQ(seen.status, ME_E_CANCELLED);
        EXPECT_NE(seen.verdict, ME_BENIGN);
        ++stopped;
    }
    FAIL() << "never got through";
}

TEST_F(ClamAv, AVanishedTemporaryDirectoryFailsTheScan) {
    ASSERT_EQ(harness.scan("warm").verdict, ME_BENIGN);
    std::filesystem::remove_all(temporary);
    for (const std::string& artifact : {std::string("text of no importance"), zip_of({{"e", eicar()}})}) {
        const Seen seen = harness.scan(artifact);
        EXPECT_LT(seen.status, 0);
        EXPECT_NE(seen.verdict, ME_BENIGN);
        EXPECT_THAT(seen.fail_text, testing::HasSubstr(temporary.string()));
    }
    std::filesystem::create_directories(temporary);
    EXPECT_EQ(harness.scan("text of no importance").verdict, ME_BENIGN);
}

TEST_F(ClamAv, ARarArchiveIsPartialWhereNothingCanUnpackIt) {
    const Seen opened = harness.open();
    const bool unpacks = !testing::Value(opened.log, Contains(testing::HasSubstr("no RAR unpacker")));
    if (unpacks) GTEST_SKIP() << "libclamunrar is installed";
    expect_partial(harness.scan(std::string("Rar!\x1a\x07\x01\x00", 8) + std::string(200, 'x')),
                   ME_PARTIAL_OTHER);
}

TEST_F(ClamAv, AForkedChildScansWithATemporaryDirectoryOfItsOwn) {
    ASSERT_EQ(harness.scan("warm").verdict, ME_BENIGN);
    const auto other = root / "child";
    std::filesystem::create_directories(other);
    const pid_t child = fork();
    if (child == 0) {
        std::filesystem::remove_all(temporary);   // the parent's is of no use to it
        harness.temp_dir = other;
        int wrong = 0;
        if (harness.open_scanner().status != ME_OK) wrong |= 1;
        if (harness.scan(zip_of({{"e", eicar()}})).verdict != ME_MALICIOUS) wrong |= 2;
        if (harness.scan(zip_of({{"e", "harmless text"}})).verdict != ME_BENIGN) wrong |= 4;
        _exit(wrong);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

}   // namespace
}   // namespace microengine::support
