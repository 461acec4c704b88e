// SPDX-License-Identifier: MIT
// What the card promises, taken at its word.

#include "host/conformance/process_state.hpp"
#include "host/conformance/session.hpp"
#include "host/conformance/test.hpp"
#include "host/isolate/answer.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace microengine::conformance {

namespace {

constexpr std::size_t kThreads = 4;
constexpr int kRounds = 25;

/// The artifacts, and what one scanner makes of them.
struct Known {
    const Input* input;
    std::shared_ptr<const Prepared> prepared;   // does not move
    std::string fingerprint, told;
};

std::vector<Known> one_by_one(Session& session, const Subject& subject) {
    std::vector<Known> all;
    me_scanner* const scanner = session.open_scanner();
    if (scanner == nullptr) return all;
    for (const Input* one : small_inputs(subject)) {
        const Answer answer = session.check(scanner, *one);
        auto prepared = std::make_shared<const Prepared>(subject, one->make(subject.seed), one->type);
        all.push_back({one, std::move(prepared), fingerprint(answer.judged), told(answer)});
    }
    session.close(scanner);
    return all;
}

/// What a thread found wrong. Any thread.
class Faults {
public:
    void add(const Known& known, const Answer& answer, bool compare) {
        const std::scoped_lock lock(mutex_);
        for (Finding& fault : faults_of(answer)) {
            fault.reason = std::string(known.input->text) + ": " + fault.reason;
            all_.push_back(std::move(fault));
        }
        if (compare && fingerprint(answer.judged) != known.fingerprint)
            all_.push_back({.reason = std::string(known.input->text) + " is " + known.told +
                                      " for one scanner, and " + told(answer) + " beside others",
                            .fix = "scanners must share nothing that scan changes; a build with "
                                   "-fsanitize=thread shows what they do share"});
    }
    [[nodiscard]] const std::vector<Finding>& all() const { return all_; }   // once the threads are joined

private:
    std::mutex mutex_;
    std::vector<Finding> all_;
};

/// What a child writes for its parent.
struct Page {
    std::array<std::uint64_t, 64> numbers{};   ///< of each input's fingerprint
    bool done = false;                         ///< it came to its end: the plugin has not ended it
};
class SharedPage {
public:
    SharedPage()
        : memory_(::mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
        if (there()) new (memory_) Page;
    }
    ~SharedPage() {
        if (there()) ::munmap(memory_, sizeof(Page));
    }
    SharedPage(const SharedPage&) = delete;
    SharedPage& operator=(const SharedPage&) = delete;
    [[nodiscard]] bool there() const { return memory_ != MAP_FAILED; }
    [[nodiscard]] Page& page() { return *static_cast<Page*>(memory_); }

private:
    void* memory_;
};

/// In the forked child: never returns.
[[noreturn]] void scan_in_child(Session& session, const Subject& subject, Page& page) {
    const std::vector<Known> all = one_by_one(session, subject);
    for (std::size_t i = 0; i < all.size(); ++i)
        page.numbers.at(i) = std::hash<std::string>()(all[i].fingerprint);
    page.done = true;
    ::_exit(0);
}

/// Empty: it ended well. A plugin that calls exit(0) has not.
std::string wait_for_child(pid_t child, const Page& page) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return "nobody knows how it ended";
    return status == 0 && page.done ? std::string() : isolate::describe_death(status).why;
}

}   // namespace

void check_parallel(const Test& /*test*/, Subject& subject, Notebook& notes) {
    if (!subject.promises(ME_CAP_PARALLEL_SCANNERS))
        return notes.skip("not promised: the host lets one scan at a time");
    Session session(subject, notes);
    if (!session.ready()) return;
    const std::vector<Known> known = one_by_one(session, subject);
    std::array<me_scanner*, kThreads> scanners{};
    for (me_scanner*& one : scanners) {
        one = session.open_scanner();
        if (one == nullptr) return;
    }
    const bool compare = subject.promises(ME_CAP_DETERMINISTIC);
    Faults faults;
    notes.step("while " + std::to_string(kThreads) + " scanners scanned at the same time");
    {
        std::vector<std::jthread> threads;
        threads.reserve(scanners.size());
        for (me_scanner* const one : scanners)
            threads.emplace_back([&, one] {
                for (int round = 0; round < kRounds; ++round)
                    for (const Known& artifact : known)
                        faults.add(artifact, session.scan(one, *artifact.prepared), compare);
            });
    }
    note(notes, faults.all(), "");
    for (me_scanner* const one : scanners) session.close(one);
    session.close();
    notes.seen(std::to_string(kThreads) + " threads, " + std::to_string(kThreads * kRounds * known.size()) +
               " scans");
}

void check_fork(const Test& /*test*/, Subject& subject, Notebook& notes) {
    if (!subject.promises(ME_CAP_FORK_AFTER_OPEN))
        return notes.skip("not promised: each worker opens the backend anew");
    SharedPage shared;
    if (!shared.there()) return notes.fail("no shared memory for the test", "make room for a page");
    const std::uint64_t threads = usage().threads;
    Session session(subject, notes);
    if (!session.ready()) return;
    if (const std::uint64_t now = threads_left(threads); now > threads)
        notes.fail("fork_promise_broken: threads of it run once it is open, " + std::to_string(now - threads),
                   "join what you start while opening, or do not promise ME_CAP_FORK_AFTER_OPEN");
    notes.step("while a forked child scanned");
    const pid_t child = ::fork();
    if (child < 0) return notes.fail("no process for the test", "let there be one more");
    if (child == 0) scan_in_child(session, subject, shared.page());
    if (const std::string death = wait_for_child(child, shared.page()); !death.empty())
        return notes.fail(
            "the forked child did not survive: " + death,
            "locks, threads, process ids and offsets of descriptors do not survive a fork: take none "
            "into scanner_open");
    const std::vector<Known> all = one_by_one(session, subject);
    for (std::size_t i = 0; i < all.size() && subject.promises(ME_CAP_DETERMINISTIC); ++i)
        if (shared.page().numbers.at(i) != std::hash<std::string>()(all[i].fingerprint))
            notes.fail("a forked child finds something else in " + std::string(all[i].input->text) +
                           " than its parent, which says " + all[i].told,
                       "results must not depend on the process: no process id, no address, no start time");
    session.close();
    notes.seen("one thread, and a child that scans");
}

void check_deterministic(const Test& /*test*/, Subject& subject, Notebook& notes) {
    if (!subject.promises(ME_CAP_DETERMINISTIC))
        return notes.skip("not promised: no result of it is remembered");
    Session session(subject, notes);
    if (!session.ready()) return;
    const std::vector<Known> first = one_by_one(session, subject);
    const std::vector<Known> again = one_by_one(session, subject);
    session.close();
    notes.step("while it was being opened again");
    if (!session.open(subject.settings).opened)
        return notes.fail("it does not open again", "see load/leaves-nothing");
    const std::vector<Known> reopened = one_by_one(session, subject);
    session.close();
    for (std::size_t i = 0; i < first.size() && i < again.size() && i < reopened.size(); ++i)
        for (const Known& other : {again[i], reopened[i]})
            if (other.fingerprint != first[i].fingerprint)
                notes.fail(
                    std::string(first[i].input->text) + " is " + first[i].told + ", and then " + other.told,
                    "no clock, no counter, no order of addresses in a result; or do not promise "
                    "ME_CAP_DETERMINISTIC, or say that the signatures are fleeting");
    notes.seen(std::to_string(3 * first.size()) + " results, the same again and reopened");
}

}   // namespace microengine::conformance
