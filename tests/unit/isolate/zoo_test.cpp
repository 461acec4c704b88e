// SPDX-License-Identifier: MIT
// What each hostile plugin gets for its trick: an outcome of its own, and nothing else happens. It is then
// asked again, and answers.
#include "host/core/bounds.hpp"
#include "tests/unit/isolate/isolated.hpp"

#include <gmock/gmock.h>

namespace microengine::isolate {
namespace {

using core::Outcome;
using core::Reason;
using core::Verdict;
using testing::HasSubstr;
using testing::StartsWith;

struct Trick {
    const char* does;
    Outcome outcome;
    Reason reason;
    const char* says;   // part of the row's message
    Verdict verdict = Verdict::unknown;
    std::chrono::milliseconds timeout = std::chrono::seconds(20);
};
void PrintTo(const Trick& trick, std::ostream* out) { *out << trick.does; }

constexpr std::chrono::milliseconds kSoon(150);

struct Zoo : Isolated, testing::WithParamInterface<Trick> {};

TEST_P(Zoo, CostsItsOwnVoteAndIsAskedAgain) {
    const Trick& trick = GetParam();
    auto backend = open("hostile", {{"does", trick.does}});
    ASSERT_TRUE(backend) << backend.error().text();
    const auto scanner = *(*backend)->open_scanner();
    const core::ScanResult row = scan(*scanner, "now ATTACK", trick.timeout);
    EXPECT_EQ(core::to_text(row.outcome), core::to_text(trick.outcome)) << row.message;
    EXPECT_EQ(core::to_text(row.reason), core::to_text(trick.reason)) << row.message;
    EXPECT_THAT(row.message, HasSubstr(trick.says));
    EXPECT_EQ(core::to_text(row.verdict), core::to_text(trick.verdict));
    for (const core::Detection& detection : row.detections) EXPECT_NE(detection.name, "Hostile.Escaped");
    EXPECT_EQ(row.detections_cut, row.detections.size() == core::kMaxDetections) << "killed or not";
    const core::ScanResult good = scan(*scanner, "a letter");
    EXPECT_EQ(core::to_text(good.outcome), "completed") << good.message;
    EXPECT_EQ(core::to_text(good.verdict), "benign");
    EXPECT_EQ(core::to_text(scan(*scanner, "a BAD letter").verdict), "malicious");
}

INSTANTIATE_TEST_SUITE_P(
    Deaths, Zoo,
    testing::Values(
        Trick{"segfault", Outcome::crashed, Reason::signal, "killed by SIGSEGV"},
        Trick{"abort", Outcome::crashed, Reason::signal, "killed by SIGABRT"},
        Trick{"stack_overflow", Outcome::crashed, Reason::signal, "killed by SIGSEGV"},
        Trick{"exit_0", Outcome::crashed, Reason::exit, "ended itself with status 0"},
        Trick{"exit_quietly", Outcome::crashed, Reason::exit, "ended itself"},
        Trick{"crash_after_find", Outcome::crashed, Reason::signal, "SIGSEGV", Verdict::malicious},
        Trick{"hang", Outcome::timed_out, Reason::timeout, "killed after its deadline", Verdict::unknown,
              kSoon},
        Trick{"stop_itself", Outcome::timed_out, Reason::timeout, "killed", Verdict::unknown, kSoon},
        Trick{"throw_through", Outcome::failed, Reason::plugin_error, ""},
        Trick{"no_memory", Outcome::failed, Reason::out_of_memory, ""}));

INSTANTIATE_TEST_SUITE_P(
    Lies, Zoo,
    testing::Values(Trick{"flood", Outcome::timed_out, Reason::timeout, "", Verdict::malicious, kSoon},
                    Trick{"bad_utf8", Outcome::failed, Reason::plugin_error, "Hostile", Verdict::malicious},
                    Trick{"absurd_lengths", Outcome::completed, Reason::none, "", Verdict::malicious},
                    Trick{"late_find", Outcome::completed, Reason::none, "", Verdict::malicious, kSoon},
                    Trick{"spam_log", Outcome::completed, Reason::none, "", Verdict::benign},
                    Trick{"lies_done", Outcome::crashed, Reason::protocol, "sent"}));

// A sanitizer needs more of the system than a locked-down worker has: such builds have no sandbox, and say
// so.
#if !defined(ME_SANITIZED)
INSTANTIATE_TEST_SUITE_P(
    Escapes, Zoo,
    testing::Values(Trick{"divide_by_zero", Outcome::crashed, Reason::signal, "killed by SIGFPE"},
                    Trick{"open_shadow", Outcome::crashed, Reason::forbidden_call, "SIGSYS"},
                    Trick{"connect_out", Outcome::crashed, Reason::forbidden_call, "SIGSYS"},
                    Trick{"exec", Outcome::crashed, Reason::forbidden_call, "SIGSYS"},
                    Trick{"fork_bomb", Outcome::crashed, Reason::forbidden_call, "SIGSYS"},
                    Trick{"thread_bomb", Outcome::crashed, Reason::forbidden_call, "SIGSYS"},
                    Trick{"descriptor_leak", Outcome::crashed, Reason::forbidden_call, "SIGSYS"},
                    Trick{"write_everywhere", Outcome::crashed, Reason::forbidden_call, "SIGSYS"},
                    Trick{"kill_parent", Outcome::crashed, Reason::forbidden_call, "SIGSYS"},
                    Trick{"ptrace_parent", Outcome::crashed, Reason::forbidden_call, "SIGSYS"},
                    Trick{"tamper", Outcome::completed, Reason::none, "", Verdict::benign},
                    Trick{"memory_bomb", Outcome::failed, Reason::out_of_memory, ""}));
#endif

struct OpenTime {
    const char* plugin;
    const char* does;   // of hostile.so
    const char* says;
};
void PrintTo(const OpenTime& one, std::ostream* out) { *out << one.plugin << ' ' << one.does; }

struct OpenZoo : Isolated, testing::WithParamInterface<OpenTime> {};
INSTANTIATE_TEST_SUITE_P(
    Opening, OpenZoo,
    testing::Values(OpenTime{"constructor_crash", "", "load_crashed: killed by SIGSEGV"},
                    OpenTime{"constructor_exit", "", "load_crashed: ended itself with status 77"},
                    OpenTime{"constructor_hang", "", "open_timeout: "},
                    OpenTime{"lies_note", "", "note_differs: "}, OpenTime{"short_table", "", "bad_table: "},
                    OpenTime{"no_entry", "", "no_entry: "},
                    OpenTime{"hostile", "crash_on_open", "open_crashed: killed by SIGSEGV"},
                    OpenTime{"hostile", "exit_on_open", "open_crashed: ended itself"},
                    OpenTime{"hostile", "hang_on_open", "open_timeout: "},
                    OpenTime{"hostile", "crash_on_scanner_open", "probe_crashed: killed by SIGSEGV"}));

TEST_P(OpenZoo, IsRefusedWithItsReasonAndTheHostGoesOn) {
    const OpenTime& one = GetParam();
    const bool hangs = std::string_view(one.says) == "open_timeout: ";
    const auto backend =
        open(one.plugin,
             one.does[0] == '\0' ? std::vector<std::pair<std::string, std::string>>{}
                                 : std::vector{std::pair<std::string, std::string>{"does", one.does}},
             hangs ? std::chrono::milliseconds(300) : std::chrono::milliseconds(60'000));
    ASSERT_FALSE(backend);
    EXPECT_THAT(backend.error().message, StartsWith(one.says));
    EXPECT_TRUE(children_of(::getpid()).empty()) << "a process is left";
}

TEST_F(Isolated, AnUnloadThatCrashesHurtsNobody) {
    auto backend = open("destructor_crash");
    ASSERT_TRUE(backend) << backend.error().text();
    auto scanner = *(*backend)->open_scanner();
    EXPECT_EQ(core::to_text(scan(*scanner, "a letter").verdict), "benign");
    scanner.reset();
    backend->reset();
    EXPECT_TRUE(children_of(::getpid()).empty());
}

TEST_F(Isolated, WithoutTheForkPromiseEachWorkerIsAHelperOfItsOwn) {
    for (const char* plugin : {"no_fork_promise", "leaves_thread"}) {
        auto backend = open(plugin);
        ASSERT_TRUE(backend) << plugin << backend.error().text();
        const auto one = *(*backend)->open_scanner();
        const auto two = *(*backend)->open_scanner();
        EXPECT_EQ(core::to_text(scan(*one, "a BAD letter").verdict), "malicious") << plugin;
        EXPECT_EQ(core::to_text(scan(*two, "a BAD letter").verdict), "malicious") << plugin;
        EXPECT_EQ(children_of(::getpid()).size(), 2U) << plugin;
        EXPECT_TRUE(children_of(children_of(::getpid()).front()).empty()) << plugin;
    }
}

}   // namespace
}   // namespace microengine::isolate
