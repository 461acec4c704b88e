// SPDX-License-Identifier: MIT
// What the host does about workers and helpers that end: another try, another worker, another helper, a list,
// a breaker.
#include "host/core/verdict_cache.hpp"
#include "tests/unit/isolate/isolated.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>

#include <thread>

namespace microengine::isolate {
namespace {

using core::Outcome;
using core::Reason;
using core::Verdict;
using testing::HasSubstr;

struct Supervision : Isolated {
    static int helper() { return children_of(::getpid()).at(0); }
    static int worker() { return children_of(helper()).at(0); }
    /// Scans until the outcome is another than `not_this`.
    core::ScanResult scan_until(plugin::Scanner& scanner, std::string_view text, Outcome not_this) {
        core::ScanResult row = scan(scanner, text);
        while (row.outcome == not_this) row = scan(scanner, text);
        return row;
    }
};

TEST_F(Supervision, AKilledWorkerIsReplacedAndTheScanIsMadeGood) {
    auto backend = open("crasher");
    ASSERT_TRUE(backend) << backend.error().text();
    const auto scanner = *(*backend)->open_scanner();
    for (int i = 0; i < 3; ++i) {
        (void)scan(*scanner, "a letter");
        const int killed = worker();
        ::kill(killed, SIGKILL);
        // A signal takes its time, and may come in the midst of a scan: each is another artifact's.
        for (int j = 0; j == 0 || worker() == killed; ++j) {
            const core::ScanResult row = scan(*scanner, "BAD " + std::to_string(i) + " " + std::to_string(j));
            ASSERT_EQ(core::to_text(row.outcome), "completed") << row.message;
            EXPECT_EQ(core::to_text(row.verdict), "malicious");
        }
    }
}

TEST_F(Supervision, AKilledHelperIsStartedAgainAndTheScanIsMadeGood) {
    auto backend = open("crasher");
    ASSERT_TRUE(backend) << backend.error().text();
    const auto scanner = *(*backend)->open_scanner();
    for (int i = 0; i < 3; ++i) {
        const int killed = helper();
        ::kill(killed, SIGKILL);
        // A signal takes its time: until then the old ones answer.
        do {
            const core::ScanResult row = scan(*scanner, "a BAD letter");
            ASSERT_EQ(core::to_text(row.outcome), "completed") << row.message;
        } while (helper() == killed);
    }
    EXPECT_EQ((*backend)->health().state, plugin::Health::State::ready);
}

TEST_F(Supervision, AnswersOfOtherSignaturesThanThoseOfTheStartAreNotRemembered) {
    auto backend = open("puppet", {{"does", "new_signatures"}});
    ASSERT_TRUE(backend) << backend.error().text();
    const auto scanner = *(*backend)->open_scanner();
    EXPECT_TRUE(core::is_cacheable(scan(*scanner, "a letter")));
    const int killed = helper();
    ::kill(killed, SIGKILL);
    core::ScanResult row;
    do row = scan(*scanner, "a letter");
    while (helper() == killed);
    EXPECT_EQ(core::to_text(row.outcome), "completed");
    EXPECT_THAT(row.message, HasSubstr("its signatures are not those of the start"));
    EXPECT_FALSE(core::is_cacheable(row));
}

TEST_F(Supervision, AWorkerThatHasDoneItsShareMakesRoomForAFreshOne) {
    auto backend = open("crasher");
    const auto scanner = *(*backend)->open_scanner();
    (void)scan(*scanner, "a letter");
    const int first = worker();
    for (int i = 0; i < 10'100; ++i) ASSERT_EQ(scan(*scanner, "a letter").outcome, Outcome::completed);
    EXPECT_NE(worker(), first);
    EXPECT_EQ((*backend)->health().faults, 0U);
}

TEST_F(Supervision, AnArtifactThatEndsItTwiceIsNotGivenToItAgain) {
    auto backend = open("crasher");
    const auto scanner = *(*backend)->open_scanner();
    const core::ScanResult first = scan(*scanner, "CRASH");   // and its second try
    EXPECT_EQ(core::to_text(first.outcome), "crashed");
    EXPECT_EQ(core::to_text(first.reason), "signal");
    (void)scan(*scanner, "a letter");
    const int before = worker();
    const core::ScanResult again = scan(*scanner, "CRASH");
    EXPECT_EQ(core::to_text(again.outcome), "crashed");
    EXPECT_EQ(core::to_text(again.reason), "poison");
    EXPECT_EQ(worker(), before) << "it was given to a worker";
    EXPECT_EQ(core::to_text(scan(*scanner, "CRASH, but another").reason), "signal");
}

TEST_F(Supervision, AfterFiveFaultsItIsOutOfServiceUntilItsCanariesPass) {
    auto backend = open("crasher");
    const auto scanner = *(*backend)->open_scanner();
    for (int i = 0; i < 4; ++i) (void)scan(*scanner, "CRASH " + std::to_string(i));
    EXPECT_EQ((*backend)->health().state, plugin::Health::State::ready);
    EXPECT_EQ((*backend)->health().faults, 4U) << "two tries are one fault";
    (void)scan(*scanner, "CRASH 4");
    EXPECT_EQ((*backend)->health().trips, 1U);
    // An artifact waits a moment for one that is out of service; on a slow machine not long enough.
    const core::ScanResult row = scan(*scanner, "a letter");
    if (row.outcome != Outcome::completed) {
        EXPECT_EQ(core::to_text(row.outcome), "skipped");
        EXPECT_EQ(core::to_text(row.reason), "breaker_open");
        EXPECT_EQ(core::to_text(row.verdict), "unknown");
    }
    EXPECT_EQ(scan_until(*scanner, "a letter", Outcome::skipped).verdict, Verdict::benign);
    EXPECT_EQ((*backend)->health().state, plugin::Health::State::ready);
}

TEST_F(Supervision, ACrashGetsASecondTry) {
    auto backend = open("crasher");
    const auto scanner = *(*backend)->open_scanner();
    (void)scan(*scanner, "CRASH");
    EXPECT_EQ((*backend)->health().lost_workers, 2U);
}

TEST_F(Supervision, AnAttackGetsNoneForItMightLookBenignThen) {
    auto backend = open("hostile", {{"does", "lies_done"}});
    const auto scanner = *(*backend)->open_scanner();
    EXPECT_EQ(core::to_text(scan(*scanner, "ATTACK").reason), "protocol");
    EXPECT_EQ((*backend)->health().lost_workers, 1U);
}

#if !defined(ME_SANITIZED)
TEST_F(Supervision, WhatItsSandboxForbidsIsAnAttack) {
    auto backend = open("hostile", {{"does", "connect_out"}});
    const auto scanner = *(*backend)->open_scanner();
    EXPECT_EQ(core::to_text(scan(*scanner, "ATTACK").reason), "forbidden_call");
    EXPECT_EQ((*backend)->health().lost_workers, 1U);
}
#endif

TEST_F(Supervision, AStoppedHelperCostsATimeAndNoMore) {
    auto backend = open("crasher");
    const auto scanner = *(*backend)->open_scanner();
    (void)scan(*scanner, "a letter");
    const int stopped = helper();
    ::kill(stopped, SIGSTOP);
    // Its worker lives; the next one cannot be had from it. It is found out and started again.
    (void)scan(*scanner, "CRASH");
    EXPECT_EQ(core::to_text(scan(*scanner, "a letter").verdict), "benign");
    EXPECT_NE(helper(), stopped);
}

TEST_F(Supervision, CancellingEndsAScanThatDoesNotListenWithoutAFault) {
    auto backend = open("crasher");
    const auto scanner = *(*backend)->open_scanner();
    (void)scan(*scanner, "a letter");
    std::thread canceller([&] {
        cancel = Reason::decided;
        scanner->cancel();
    });
    const core::ScanResult row = scan(*scanner, "HANG");
    canceller.join();
    EXPECT_EQ(core::to_text(row.outcome), "skipped");
    EXPECT_EQ(core::to_text(row.reason), "decided");
    EXPECT_EQ((*backend)->health().faults, 0U);
    cancel = Reason::none;
    EXPECT_EQ(core::to_text(scan(*scanner, "a letter").verdict), "benign");
}

TEST_F(Supervision, NothingIsLeftOfIt) {
    (void)open("crasher");   // what is opened once stays: the launcher, the log
    const std::size_t before = open_descriptors();
    {
        auto backend = open("crasher");
        const auto one = *(*backend)->open_scanner();
        const auto two = *(*backend)->open_scanner();
        for (int i = 0; i < 4; ++i) (void)scan(*one, "CRASH " + std::to_string(i));
        (void)scan(*two, "HANG", std::chrono::milliseconds(50));
    }
    EXPECT_EQ(open_descriptors(), before);
    EXPECT_TRUE(children_of(::getpid()).empty());
}

TEST_F(Supervision, ArtifactsOfEverySizeReachTheWorkerWhole) {
    auto backend = open("crasher");
    const auto scanner = *(*backend)->open_scanner();
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{4096}, std::size_t{5} << 20,
                                   kSlotBytes, kSlotBytes + 1, std::size_t{70} << 20, std::size_t{10}}) {
        std::string text(size, 'x');
        EXPECT_EQ(core::to_text(scan(*scanner, text).verdict), "benign") << size;
        if (size < 3) continue;
        text.replace(size - 3, 3, "BAD");
        EXPECT_EQ(core::to_text(scan(*scanner, text).verdict), "malicious") << size;
    }
}

TEST_F(Supervision, AnArtifactIsNotSeenInTheMemoryOfTheNext) {
    // Shorter ones follow longer ones: what is behind them must be gone.
    const std::span<std::uint8_t> space = buffer->prepare(4096);
    std::ranges::fill(space, std::uint8_t{'s'});
    (void)buffer->share(4096);
    const std::span<std::uint8_t> next = buffer->prepare(10);
    const core::MemoryFile memory = buffer->share(10);
    ASSERT_GE(memory.fd, 0);
    EXPECT_TRUE(
        std::ranges::all_of(std::span(next.data() + 10, 4086), [](std::uint8_t byte) { return byte == 0; }));
}

#if !defined(ME_SANITIZED)
TEST_F(Supervision, AWorkerIsUnprivilegedAlsoWhenTheHostIsNot) {
    auto backend = open("crasher");
    const auto scanner = *(*backend)->open_scanner();
    (void)scan(*scanner, "a letter");
    std::ifstream status("/proc/" + std::to_string(worker()) + "/status");
    const std::string text((std::istreambuf_iterator<char>(status)), std::istreambuf_iterator<char>());
    EXPECT_THAT(text, HasSubstr("CapEff:\t0000000000000000"));
    EXPECT_THAT(text, HasSubstr("CapPrm:\t0000000000000000"));
    EXPECT_THAT(text, HasSubstr("NoNewPrivs:\t1"));
    EXPECT_THAT(text, HasSubstr("Seccomp:\t2"));
    if (::geteuid() == 0) {
        EXPECT_THAT(text, HasSubstr("Uid:\t65534\t65534\t65534\t65534"));
    }
}
#endif

TEST_F(Supervision, AHelperOfAnotherBuildIsRefused) {
    settings.helper = "/bin/true";
    const auto backend = open("crasher");
    ASSERT_FALSE(backend);
    EXPECT_THAT(backend.error().message, HasSubstr("ended itself with status 0"));
    EXPECT_EQ(backend.error().message.find("load_crashed"), 0U);
}

TEST_F(Supervision, AMissingHelperIsNamed) {
    settings.helper = "/nowhere/microengine-backend";
    const auto backend = open("crasher");
    ASSERT_FALSE(backend);
    EXPECT_THAT(backend.error().text(), HasSubstr("/nowhere/microengine-backend: spawn_failed"));
}

}   // namespace
}   // namespace microengine::isolate
