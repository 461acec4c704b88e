// SPDX-License-Identifier: MIT
// Scans that must end before they are through: cancelled, or out of time.

#include "host/conformance/session.hpp"
#include "host/conformance/test.hpp"
#include "host/isolate/kernel.hpp"
#include "host/plugin/extensions.hpp"
#include "host/util/clock.hpp"
#include "host/util/text.hpp"

#include <pthread.h>
#include <time.h>

#include <chrono>
#include <cstdint>
#include <future>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace microengine::conformance {

namespace {

using namespace std::chrono_literals;

constexpr auto kHeadStart = 50ms;   // so long it may scan before it is told to end

/// The promise is 100 ms. What counts is the processor's time, because a machine has other work too; who
/// waits for something uses none, and gets more of the clock's. A sanitizer makes everything slow.
constexpr std::uint64_t kSlow = 5;
std::uint64_t slowed(std::chrono::nanoseconds time) {
    return static_cast<std::uint64_t>(time.count()) * (isolate::sanitizer_build() ? kSlow : 1);
}
std::uint64_t most_work_heard() { return slowed(1s); }
std::uint64_t most_work() { return slowed(250ms); }
std::uint64_t most_waiting() { return slowed(5s); }

std::uint64_t time_of(clockid_t clock) {
    timespec now{};
    (void)::clock_gettime(clock, &now);
    constexpr std::uint64_t second = 1'000'000'000;
    return static_cast<std::uint64_t>(now.tv_sec) * second + static_cast<std::uint64_t>(now.tv_nsec);
}

/// Large artifacts that keep a plugin busy, if anything does.
struct Long {
    Long(const Subject& subject, std::string_view name, const std::string& bytes)
        : text(name), prepared(subject, bytes, core::ArtifactType::file) {}
    std::string_view text;
    Prepared prepared;
};
std::vector<std::unique_ptr<Long>> long_artifacts(const Subject& subject) {
    std::vector<std::unique_ptr<Long>> all;   // behind pointers: they do not move
    if (!plugin::takes_type(subject.card(), core::ArtifactType::file)) return all;
    const auto add = [&](std::string_view text, const std::string& bytes) {
        all.push_back(std::make_unique<Long>(subject, text, bytes));
    };
    add("64 MiB of random bytes", random_bytes(subject.seed, kHugeBytes));
    add("64 MiB of zeros", std::string(kHugeBytes, '\0'));
    return all;
}

struct Stopped {
    Answer answer;
    std::uint64_t after_ns = 0, work_ns = 0;   ///< from when it was told to when it ended
    bool told_to = false;                      ///< false: it was through before
};
Stopped scan_and_cancel(Session& session, me_scanner* scanner, const Long& artifact) {
    plugin::CancelWord word = core::Reason::none;
    const me_ext_cancel* const cancel = plugin::cancel_of(session.table());
    Stopped stopped;
    std::latch begun(1);
    std::promise<std::uint64_t> worked;   // in all
    auto end = worked.get_future();
    std::jthread thread([&] {
        begun.count_down();
        stopped.answer = session.scan(scanner, artifact.prepared, {.cancel = &word});
        worked.set_value(time_of(CLOCK_THREAD_CPUTIME_ID));
    });
    begun.wait();
    if (end.wait_for(kHeadStart) != std::future_status::timeout) return stopped;   // the thread is joined
    clockid_t clock{};
    if (::pthread_getcpuclockid(thread.native_handle(), &clock) != 0) return stopped;
    stopped.told_to = true;
    const std::uint64_t before = time_of(clock), start = util::monotonic_ns();
    word = core::Reason::cancelled;
    if (cancel != nullptr) cancel->cancel(scanner);
    stopped.work_ns = end.get() - before;
    stopped.after_ns = util::monotonic_ns() - start;
    return stopped;
}

/// Has it shown whether it stops? Else it was through too early.
bool judge_stop(const Stopped& stopped, const Long& artifact, Notebook& notes) {
    const bool heard = stopped.answer.status == ME_E_CANCELLED;
    if (stopped.work_ns > (heard ? most_work_heard() : most_work()) || stopped.after_ns > most_waiting()) {
        notes.fail("it went on with " + std::string(artifact.text) + " for " +
                       util::human_duration(stopped.after_ns) + " after it was cancelled, and " +
                       (heard ? "heard it then" : "did not hear it at all"),
                   "ask host->should_stop at least every 50 ms of work, and return ME_E_CANCELLED; for a "
                   "library that cannot be interrupted, offer me.cancel/1, or take the promise back");
        return true;
    }
    if (heard) notes.seen("stopped " + util::human_duration(stopped.after_ns) + " after the cancellation");
    return heard;
}

}   // namespace

void check_stop(const Test& /*test*/, Subject& subject, Notebook& notes) {
    Session session(subject, notes);
    if (!session.ready()) return;
    if (!subject.promises(ME_CAP_POLLS_STOP) && plugin::cancel_of(session.table()) == nullptr)
        return notes.skip("not promised: a worker that is cancelled is killed after 50 ms");
    me_scanner* const scanner = session.open_scanner();
    if (scanner == nullptr) return;
    bool shown = false;
    for (const auto& artifact : long_artifacts(subject)) {
        notes.step("while it scanned " + std::string(artifact->text) + ", to be cancelled");
        const Stopped stopped = scan_and_cancel(session, scanner, *artifact);
        note(notes, faults_of(stopped.answer), artifact->text);
        shown = stopped.told_to && judge_stop(stopped, *artifact, notes);
        if (shown) break;
    }
    if (const me_ext_cancel* const cancel = plugin::cancel_of(session.table()); cancel != nullptr) {
        notes.step("while it was cancelled and no scan ran");
        cancel->cancel(scanner);
        const Answer after = session.check(scanner, input("one-byte"));
        if (after.status == ME_E_CANCELLED)
            notes.fail("a cancellation while no scan ran ended the next one",
                       "arm cancel() at the start of scan, so that an earlier one has no effect");
    }
    session.close(scanner);
    session.close();
    if (!shown && !notes.failed())
        notes.skip("it is through before it can be cancelled: nothing here keeps it busy");
}

void check_deadline(const Test& /*test*/, Subject& subject, Notebook& notes) {
    if (!subject.promises(ME_CAP_POLLS_STOP))
        return notes.skip("not promised: a worker that overstays is killed 20 ms after its deadline");
    Session session(subject, notes);
    if (!session.ready()) return;
    me_scanner* const scanner = session.open_scanner();
    if (scanner == nullptr) return;
    for (const Input* one : small_inputs(subject))
        (void)session.check(scanner, *one, {.deadline = core::Deadline(1)});
    for (const auto& artifact : long_artifacts(subject)) {
        notes.step("while it scanned " + std::string(artifact->text) + " with 50 ms to do it");
        const std::uint64_t before = time_of(CLOCK_THREAD_CPUTIME_ID);
        const core::Deadline deadline = core::Deadline::after(kHeadStart);
        const Answer answer = session.scan(scanner, artifact->prepared, {.deadline = deadline});
        note(notes, faults_of(answer), artifact->text);
        const std::uint64_t now = util::monotonic_ns();
        const std::uint64_t late = now > deadline.ns() ? now - deadline.ns() : 0;
        const std::uint64_t work = time_of(CLOCK_THREAD_CPUTIME_ID) - before;
        if (late > most_waiting() || work > slowed(kHeadStart) + most_work_heard())
            notes.fail("it went on with " + std::string(artifact->text) + " for " +
                           util::human_duration(late) + " after its deadline",
                       "ask host->should_stop at least every 50 ms of work, and return ME_E_DEADLINE");
        notes.seen(std::string(artifact->text) + ": " + (late == 0 ? "through in time" : told(answer)));
    }
    session.close(scanner);
    session.close();
}

}   // namespace microengine::conformance
