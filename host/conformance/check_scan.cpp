// SPDX-License-Identifier: MIT
// Artifacts, and hosts that ask otherwise than the one of today.

#include "host/conformance/session.hpp"
#include "host/conformance/test.hpp"
#include "host/util/text.hpp"

#include <string>
#include <string_view>

namespace microengine::conformance {

namespace {

using namespace std::string_view_literals;

/// Scans all small inputs as usual and then in this manner: the results must be the same, if it is promised
/// that there is one result.
void changes_nothing(Subject& subject, Notebook& notes, const Manner& manner, const me_host_v1& host,
                     const std::string& fix) {
    Session session(subject, notes);
    if (!session.ready(host)) return;
    me_scanner* const usual = session.open_scanner();
    me_scanner* const other = session.open_scanner();
    if (usual == nullptr || other == nullptr) return;
    for (const Input* one : small_inputs(subject)) {
        const Answer before = session.check(usual, *one);
        const Answer after = session.check(other, *one, manner);
        const bool same = fingerprint(before.judged) == fingerprint(after.judged);
        if (!same && subject.promises(ME_CAP_DETERMINISTIC))
            notes.fail(std::string(one->text) + " is " + told(before) + " as usual, and " + told(after) +
                           " asked so",
                       fix);
    }
    session.close(usual);
    session.close(other);
    session.close();
    notes.seen(std::to_string(small_inputs(subject).size()) + " artifacts");
}

}   // namespace

void check_input(const Test& test, Subject& subject, Notebook& notes) {
    const Input& tried = input(test.name.substr(test.name.find('/') + 1));
    Session session(subject, notes);
    if (!session.takes(tried)) return notes.skip("its card takes no such artifacts");
    if (!session.ready()) return;
    me_scanner* const scanner = session.open_scanner();
    if (scanner == nullptr) return;
    const Answer answer = session.check(scanner, tried);
    // With its reason it keeps the contract, and still nobody is helped by a backend that always fails here.
    const core::Outcome outcome = answer.judged.outcome;
    if (!notes.failed() && (outcome == core::Outcome::failed || outcome == core::Outcome::timed_out))
        notes.fail(std::string(tried.text) + " is " + told(answer),
                   "a failure is for what the operator can mend, and the verdict is then unknown: answer "
                   "ME_E_UNSUPPORTED to what is not your kind, and partial to what is broken or too large");
    notes.seen(told(answer));
    notes.seen(util::human_duration(answer.duration_ns));
    session.close(scanner);
    session.close();
}

void check_again(const Test& /*test*/, Subject& subject, Notebook& notes) {
    Session session(subject, notes);
    if (!session.ready()) return;
    me_scanner* const used = session.open_scanner();
    if (used == nullptr) return;
    const auto all = small_inputs(subject);
    for (const Input* one : all) (void)session.check(used, *one);
    for (const Input* one : all) {
        me_scanner* const fresh = session.open_scanner();
        if (fresh == nullptr) return;
        const Answer first = session.check(fresh, *one), second = session.check(used, *one);
        if (subject.promises(ME_CAP_DETERMINISTIC) && fingerprint(first.judged) != fingerprint(second.judged))
            notes.fail(
                std::string(one->text) + " is " + told(first) + " for a fresh scanner, and " + told(second) +
                    " for one that has scanned others",
                "begin each scan from nothing: what was found in one artifact must not cling to the next");
        session.close(fresh);
    }
    session.close(used);
    session.close();
    notes.seen(std::to_string(2 * all.size()) + " artifacts, one scanner");
}

void check_unknown_flags(const Test& /*test*/, Subject& subject, Notebook& notes) {
    changes_nothing(subject, notes, {.flags = 0xFFFF'FFFFU}, watching_host(),
                    "law L6: test the flags that you know, and ignore all others");
}

void check_later_structs(const Test& /*test*/, Subject& subject, Notebook& notes) {
    changes_nothing(
        subject, notes, {.sizes = Manner::Sizes::later}, watching_host(),
        "law L2: structs grow at the tail; test ME_HAS, never that struct_size is the one you know");
}

void check_first_structs(const Test& /*test*/, Subject& subject, Notebook& notes) {
    changes_nothing(subject, notes, {.sizes = Manner::Sizes::first}, watching_host(),
                    "law L2: a member beyond struct_size is not there; test ME_HAS first");
}

void check_later_host(const Test& /*test*/, Subject& subject, Notebook& notes) {
    changes_nothing(subject, notes, {}, later_host(),
                    "take no notice of the host's minor, nor of the size of its table beyond ME_HAS");
}

void check_odd_names(const Test& /*test*/, Subject& subject, Notebook& notes) {
    Session session(subject, notes);
    if (!session.ready()) return;
    me_scanner* const scanner = session.open_scanner();
    if (scanner == nullptr) return;
    for (const OddName& odd : odd_names()) {
        notes.step("while it scanned an artifact with " + std::string(odd.what));
        const Input* const one = small_inputs(subject).front();
        const Answer answer =
            session.scan(scanner, Prepared(subject, one->make(subject.seed), one->type), {.name = odd.name});
        note(notes, faults_of(answer), odd.what);
    }
    session.close(scanner);
    session.close();
    notes.seen(std::to_string(odd_names().size()) + " names");
}

void check_full_host(const Test& /*test*/, Subject& subject, Notebook& notes) {
    Session session(subject, notes);
    if (!session.ready()) return;
    me_scanner* const scanner = session.open_scanner();
    if (scanner == nullptr) return;
    for (const Input* one : small_inputs(subject)) {
        const Answer usual = session.check(scanner, *one);
        const Answer full = session.check(scanner, *one, {.full = true});
        const bool found = !usual.judged.detections.empty();
        if (found && full.result.verdict < usual.result.verdict)
            notes.fail(std::string(one->text) + " is " + told(usual) +
                           ", but its verdict is lost when the host has enough detections",
                       "set result.verdict when you find something, whatever host->add_detection answers");
    }
    session.close(scanner);
    session.close();
    notes.seen("the verdict stands without its detections");
}

}   // namespace microengine::conformance
