// SPDX-License-Identifier: MIT
// Deadlines and cancellations, and that nothing of them is left for the next scan.
#include "tests/scanner_fixture.hpp"

#include <microengine/plugin.h>
#include <microengine/plugin_ext.h>

#include <atomic>
#include <ctime>
#include <string>
#include <thread>

namespace microengine::python {
namespace {

using support::Seen;

std::uint64_t in_ms(std::uint64_t ms) {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec) +
           ms * 1'000'000U;
}

TEST_F(PythonTest, ACoroutineEndsAtItsDeadline) {
    harness.deadline_ns = in_ms(50);
    const Seen late = harness.scan("return scanner.wait()");
    EXPECT_EQ(late.status, ME_E_DEADLINE) << late.fail_text;
    EXPECT_EQ(late.verdict, ME_UNKNOWN);
    harness.deadline_ns = 0;
    EXPECT_EQ(harness.scan("a letter").verdict, ME_BENIGN);
}

TEST_F(PythonTest, AScannerThatCatchesItsEndAndFindsNothingIsNotBenign) {
    harness.deadline_ns = in_ms(50);
    const Seen late = harness.scan("return scanner.deaf()");
    EXPECT_EQ(late.status, ME_E_DEADLINE) << late.fail_text;
    EXPECT_EQ(late.verdict, ME_UNKNOWN);
}

TEST_F(PythonTest, ATimeoutOfItsOwnIsAFailure) {
    harness.deadline_ns = in_ms(600'000);
    EXPECT_EQ(harness.scan("return asyncio.wait_for(scanner.wait(), 0.01)").status, ME_E_FAILED);
}

/// Cancels again and again, as the host's word comes at any moment, until the scan has ended.
Seen scan_cancelled(support::Harness& harness, const std::string& artifact) {
    const auto* table = static_cast<const me_ext_cancel*>(harness.table().extension(ME_EXT_CANCEL));
    (void)harness.scan("a letter");
    harness.stop_after_polls = 1;   // when it begins it is wanted still
    std::atomic<bool> ended = false;
    std::jthread canceller([&] {
        while (!ended) {
            table->cancel(harness.scanner());
            std::this_thread::yield();
        }
    });
    Seen seen = harness.scan(artifact);
    ended = true;
    canceller.join();
    harness.stop_after_polls = UINT64_MAX;
    return seen;
}

TEST_F(PythonTest, ACancellationEndsWhatWaitsAndWhatComputes) {
    for (const char* artifact : {"return scanner.wait()", "return scanner.loop()", "return scanner.deaf()",
                                 "do try:\n  scanner.loop()\nexcept: pass",
                                 "do while True:\n  try:\n    scanner.loop()\n  except Exception: pass"}) {
        EXPECT_EQ(scan_cancelled(harness, artifact).status, ME_E_CANCELLED) << artifact;
        for (int i = 0; i < 3; ++i) {
            const Seen next = harness.scan("return asyncio.sleep(0.001, ScanResult(True, False))");
            EXPECT_EQ(next.status, ME_OK) << artifact << ": " << next.fail_text;
            EXPECT_EQ(next.verdict, ME_BENIGN);
        }
    }
}

TEST_F(PythonTest, ScansOnAnyThread) {
    EXPECT_EQ(harness.scan("a letter").verdict, ME_BENIGN);
    Seen waited;
    Seen looked;
    std::jthread([&] {
        waited = harness.scan("return asyncio.sleep(0, ScanResult(True, False))");
        looked = harness.scan("do asyncio.get_event_loop().run_until_complete(asyncio.sleep(0))");
    }).join();
    EXPECT_EQ(waited.verdict, ME_BENIGN) << waited.fail_text;
    EXPECT_EQ(looked.verdict, ME_BENIGN) << looked.fail_text;
}

}   // namespace
}   // namespace microengine::python
