// SPDX-License-Identifier: MIT
// The plugin as it was built, before a clamd that answers well, badly, or not at all. The real one:
// tests/daemon.
#include "fake_clamd.hpp"
#include "tests/support/plugin_harness.hpp"

#include <gmock/gmock.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::clamd {
namespace {

using support::Harness;
using support::Seen;
using testing::HasSubstr;
using namespace std::string_view_literals;

std::string zero(std::string_view text) { return std::string(text) + '\0'; }

Seen scan_before(FakeClamd::Says says, std::string_view artifact = "an artifact") {
    const FakeClamd clamd(std::move(says));
    Harness harness(PLUGIN_FILE);
    harness.set("address", clamd.address());
    return harness.scan(artifact);
}

TEST(Asking, CleanIsBenignAndEveryByteWasSent) {
    FakeClamd clamd({.stream = zero("stream: OK")});
    Harness harness(PLUGIN_FILE);
    harness.set("address", clamd.address());
    std::string large(1'000'001, 'x');
    large[70'000] = '\0';
    for (const std::string& artifact : {std::string("a letter"), std::string(), large}) {
        const Seen seen = harness.scan(artifact);
        EXPECT_EQ(seen.status, ME_OK) << seen.fail_text;
        EXPECT_EQ(seen.verdict, ME_BENIGN);
        EXPECT_FALSE(seen.partial());
        EXPECT_TRUE(clamd.received() == artifact);
    }
    EXPECT_STREQ(harness.signatures()->version, "1.4.6/27500");
    EXPECT_EQ(harness.signatures()->date_unix, 1736156455);
    EXPECT_EQ(harness.signatures()->flags, ME_SIGNATURES_FLEETING);
}

TEST(Asking, AFindIsADetectionWithItsFamily) {
    const Seen seen = scan_before({.stream = zero("stream: Win.Trojan.Agent-12 FOUND")});
    EXPECT_EQ(seen.verdict, ME_MALICIOUS);
    ASSERT_EQ(seen.detections.size(), 1U);
    EXPECT_EQ(seen.detections[0].name, "Win.Trojan.Agent-12");
    EXPECT_EQ(seen.detections[0].family, "Agent");
}

TEST(Asking, AFindIsNotLostOverItsName) {
    const Seen seen = scan_before({.stream = zero("stream: Win.T\xFCr." + std::string(300, 'x') + " FOUND")});
    EXPECT_EQ(seen.verdict, ME_MALICIOUS) << seen.fail_text;
    ASSERT_EQ(seen.detections.size(), 1U);
    EXPECT_EQ(seen.detections[0].name, "Win.T\uFFFDr." + std::string(246, 'x'));
}

TEST(Asking, ALimitIsPartialWhoeversItIs) {
    const Seen theirs = scan_before({.stream = zero("INSTREAM size limit exceeded. ERROR")});
    EXPECT_EQ(theirs.status, ME_OK);
    EXPECT_EQ(theirs.why_partial(), ME_PARTIAL_TOO_LARGE);
    EXPECT_EQ(theirs.verdict, ME_UNKNOWN);
    const Seen alert = scan_before({.stream = zero("stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND")});
    EXPECT_EQ(alert.why_partial(), ME_PARTIAL_TOO_LARGE);
    EXPECT_EQ(alert.verdict, ME_UNKNOWN);
    FakeClamd clamd({.stream = zero("stream: OK")});
    Harness harness(PLUGIN_FILE);
    harness.set("address", clamd.address()).set("stream_max_bytes", std::int64_t{10});
    EXPECT_EQ(harness.scan("ten bytes.").verdict, ME_BENIGN);
    const Seen ours = harness.scan("ten bytes.+");
    EXPECT_EQ(ours.why_partial(), ME_PARTIAL_TOO_LARGE);
    EXPECT_EQ(ours.verdict, ME_UNKNOWN);
    EXPECT_EQ(clamd.received(), "ten bytes.") << "it was not sent";
}

constexpr std::string_view kNoAnswers[] = {"",
                                           "stream: OK",
                                           "\0"sv,
                                           "stream: O\0"sv,
                                           "stream: OK\n\0"sv,
                                           "PONG\0"sv,
                                           "UNKNOWN COMMAND\0"sv,
                                           "stream: Can't allocate memory ERROR\0"sv,
                                           "stream: OK\0stream: X FOUND\0"sv,
                                           "stream: OK\0x"sv,
                                           "stream: two words FOUND\0"sv};

TEST(Asking, WhatIsNoAnswerIsAFailureAndNeverBenign) {
    std::vector<std::string> streams(std::begin(kNoAnswers), std::end(kNoAnswers));
    streams.emplace_back(100'000, 'x');
    streams.push_back(zero(std::string(5000, 'x')));
    for (const std::string& stream : streams) {
        const Seen seen = scan_before({.stream = stream});
        EXPECT_EQ(seen.status, ME_E_FAILED) << stream.substr(0, 50);
        EXPECT_FALSE(seen.fail_text.empty());
        EXPECT_EQ(seen.verdict, ME_UNKNOWN) << stream.substr(0, 50);
        EXPECT_TRUE(seen.detections.empty());
    }
}

TEST(Asking, CleanBeforeItHasAllOfItIsNotBenign) {
    const std::string large(std::size_t{32} << 20, 'x');
    Harness harness(PLUGIN_FILE);
    const FakeClamd clamd({.stream = zero("stream: OK"), .reads = false});
    harness.set("address", clamd.address()).set("stream_max_bytes", std::int64_t{100'000'000});
    EXPECT_NE(harness.scan(large).verdict, ME_BENIGN);
    const FakeClamd cutting({.stream = zero("stream: OK"), .reads = false, .resets = true});
    Harness other(PLUGIN_FILE);
    other.set("address", cutting.address()).set("stream_max_bytes", std::int64_t{100'000'000});
    const Seen seen = other.scan(large);
    EXPECT_EQ(seen.status, ME_E_FAILED);
    EXPECT_EQ(seen.verdict, ME_UNKNOWN);
}

TEST(Asking, SilenceEndsAtTheTimeoutTheDeadlineAndACancellation) {
    const FakeClamd clamd({.silent = true});
    Harness timed(PLUGIN_FILE);
    timed.set("address", clamd.address()).set("timeout_ms", std::int64_t{50});
    EXPECT_EQ(timed.scan("x").status, ME_E_DEADLINE);
    Harness stopped(PLUGIN_FILE);
    stopped.set("address", clamd.address());
    ASSERT_EQ(stopped.open().status, ME_OK);
    stopped.stop_after_polls = 5;
    EXPECT_EQ(stopped.scan("x").status, ME_E_CANCELLED);
}

std::ptrdiff_t open_descriptors() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

/// A Unix socket that takes no connection: its backlog is full.
struct FullSocket {
    explicit FullSocket(const std::string& path) : listener(::socket(AF_UNIX, SOCK_STREAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        const auto* where = reinterpret_cast<const sockaddr*>(&address);
        if (::bind(listener, where, sizeof address) != 0 || ::listen(listener, 0) != 0 ||
            ::connect(first, where, sizeof address) != 0)
            throw std::runtime_error("no socket");
    }
    ~FullSocket() {
        ::close(first);
        ::close(listener);
    }
    FullSocket(const FullSocket&) = delete;
    FullSocket& operator=(const FullSocket&) = delete;
    int listener, first = ::socket(AF_UNIX, SOCK_STREAM, 0);
};

TEST(Asking, AConnectionThatIsNotTakenEndsInTimeAndLeavesNoDescriptor) {
    std::string folder = (std::filesystem::temp_directory_path() / "me-clamd-XXXXXX").string();
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    const std::string path = folder + "/clamd.ctl";
    Harness harness(PLUGIN_FILE);
    harness.set("socket", path).set("timeout_ms", std::int64_t{50});
    {
        const FakeClamd clamd({.stream = zero("stream: OK")}, path);
        EXPECT_EQ(harness.scan("x").verdict, ME_BENIGN);
    }
    std::filesystem::remove(path);
    const FullSocket full(path);
    const auto before = open_descriptors();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(harness.scan("x").status, ME_E_DEADLINE);
    EXPECT_EQ(open_descriptors(), before);
    std::filesystem::remove_all(folder);
}

TEST(Opening, WantsAClamdThatAnswers) {
    Harness harness(PLUGIN_FILE);
    EXPECT_THAT(harness.open().fail_text, HasSubstr("set this, as host:3310, or socket"));
    harness.set("address", std::string("nonsense"));
    EXPECT_THAT(harness.open().fail_text, HasSubstr("must be host:port"));
    const std::string gone = "127.0.0.1:1";   // tcpmux, which nobody has spoken for decades
    harness.set("address", gone);
    EXPECT_THAT(harness.open().fail_text,
                HasSubstr("cannot connect to clamd at " + gone + ": Connection refused"));
    const FakeClamd web({.ping = "HTTP/1.1 400 Bad Request\r\n"});
    harness.set("address", web.address());
    EXPECT_THAT(harness.open().fail_text, HasSubstr("in the middle of its answer"));
    const FakeClamd other({.ping = zero("\x1b[31mHELLO")});
    harness.set("address", other.address());
    EXPECT_THAT(harness.open().fail_text, HasSubstr("is no clamd: it answers PING with \"?[31mHELLO\""));
    const FakeClamd secretive({.version = zero("COMMAND UNAVAILABLE")});
    harness.set("address", secretive.address());
    const Seen seen = harness.open();
    EXPECT_EQ(seen.status, ME_OK) << seen.fail_text;
    EXPECT_STREQ(harness.signatures()->version, "");
}

TEST(Opening, TakesASocketFile) {
    std::string folder = (std::filesystem::temp_directory_path() / "me-clamd-XXXXXX").string();
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    Harness harness(PLUGIN_FILE);
    {
        const FakeClamd clamd({.stream = zero("stream: OK")}, folder + "/clamd.ctl");
        harness.set("socket", folder + "/clamd.ctl");
        EXPECT_EQ(harness.scan("x").verdict, ME_BENIGN);
    }
    const Seen down = harness.scan("x");
    EXPECT_EQ(down.status, ME_E_FAILED);
    EXPECT_THAT(down.fail_text, HasSubstr("cannot connect"));
    EXPECT_EQ(down.verdict, ME_UNKNOWN);
    Harness other(PLUGIN_FILE);
    other.set("socket", folder);
    EXPECT_THAT(other.open().fail_text, HasSubstr("is no socket"));
    other.set("address", std::string("localhost:3310"));
    EXPECT_THAT(other.open().fail_text, HasSubstr("set one of them"));
    std::filesystem::remove_all(folder);
}

}   // namespace
}   // namespace microengine::clamd
