// SPDX-License-Identifier: MIT
// Thousands of times the same: what is left behind each time adds up.

#include "host/conformance/process_state.hpp"
#include "host/conformance/session.hpp"
#include "host/conformance/test.hpp"
#include "host/isolate/kernel.hpp"
#include "host/util/clock.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace microengine::conformance {

namespace {

constexpr std::uint64_t kQuickScans = 500, kLeastScans = 50;
constexpr std::uint64_t kLongest = 60'000'000'000;   // ns: who scans slowly does fewer
constexpr std::uint64_t kStepEvery = 500'000'000;    // ns

/// Does the same over and over, and notes what has grown. A fifth is for buffers to find their size.
void repeat(Notebook& notes, std::uint64_t times, const std::string& what,
            const std::function<bool()>& once) {
    const std::uint64_t start = util::monotonic_ns();
    std::uint64_t told = 0;
    const auto some = [&](std::uint64_t so_many) {
        for (std::uint64_t i = 0; i < so_many; ++i) {
            if (const std::uint64_t now = util::monotonic_ns(); now - told > kStepEvery) {
                notes.step("while it " + what);
                told = now;
            }
            if (!once()) return false;
        }
        return true;
    };
    if (!some(kLeastScans)) return;
    const std::uint64_t each = std::max<std::uint64_t>(1, (util::monotonic_ns() - start) / kLeastScans);
    const std::uint64_t wanted = times;
    times = std::max(std::min(times, kLongest / each), 2 * kLeastScans);
    const std::uint64_t part = times * 2 / 5;
    std::array<Usage, 3> moments{};
    if (!some(times - 2 * part)) return;
    moments[0] = usage();
    if (!some(part)) return;
    moments[1] = usage();
    if (!some(part)) return;
    moments[2] = usage();
    for (const Finding& fault : growth(moments, part, !isolate::sanitizer_build())) notes.fail(fault);
    notes.seen(util::with_commas(times) + (times < wanted ? " times, for it takes its time" : " times"));
    notes.seen(util::human_bytes(moments[2].resident) + " resident");
    if (isolate::sanitizer_build()) notes.seen("memory not judged, in a build with sanitizers");
}

std::uint64_t scans_of(const Subject& subject) {
    return subject.options.quick ? kQuickScans : subject.options.scans;
}

}   // namespace

void check_scans(const Test& /*test*/, Subject& subject, Notebook& notes) {
    Session session(subject, notes);
    if (!session.ready()) return;
    me_scanner* const scanner = session.open_scanner();
    if (scanner == nullptr) return;
    const auto all = small_inputs(subject);
    std::vector<std::unique_ptr<Prepared>> artifacts;
    artifacts.reserve(all.size());
    constexpr std::size_t most = 4096;
    for (const Input* one : all)
        artifacts.push_back(
            std::make_unique<Prepared>(subject, one->make(subject.seed).substr(0, most), one->type));
    std::size_t turn = 0;
    repeat(notes, scans_of(subject), "scanned over and over", [&] {
        turn = (turn + 1) % all.size();
        const Answer answer = session.scan(scanner, *artifacts[turn]);
        note(notes, faults_of(answer), all[turn]->text);
        return !notes.failed();
    });
    session.close(scanner);
    session.close();
}

void check_scanners(const Test& /*test*/, Subject& subject, Notebook& notes) {
    Session session(subject, notes);
    if (!session.ready()) return;
    constexpr std::uint64_t scans_each = 20;
    const Input& first = *small_inputs(subject).front();
    const Prepared artifact(subject, first.make(subject.seed), first.type);
    repeat(notes, scans_of(subject) / scans_each, "opened and closed scanners over and over", [&] {
        me_scanner* const scanner = session.open_scanner();
        if (scanner == nullptr) return false;
        (void)session.scan(scanner, artifact);
        session.close(scanner);
        return true;
    });
    session.close();
}

}   // namespace microengine::conformance
