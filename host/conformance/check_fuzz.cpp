// SPDX-License-Identifier: MIT
// Mutated artifacts. The one that ends badly stays in the page that this process shares with the one that
// started it.

#include "host/conformance/session.hpp"
#include "host/conformance/test.hpp"
#include "host/util/clock.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace microengine::conformance {

namespace {

constexpr std::uint64_t kScansOfOneScanner = 100;
constexpr std::uint64_t kStepEvery = 500'000'000;   // ns

void remember(FuzzPage& page, std::uint64_t index, const std::string& bytes) {
    std::ranges::copy(bytes, page.bytes.begin());
    page.size = bytes.size();
    page.index = index;
    page.in_use = true;
}

}   // namespace

void check_mutations(const Test& /*test*/, Subject& subject, Notebook& notes) {
    const FuzzBudget budget = subject.options.fuzz.value_or(FuzzBudget{});
    Session session(subject, notes);
    if (!session.ready()) return;
    const auto originals = small_inputs(subject);
    const std::uint64_t start = util::monotonic_ns();
    const auto time = static_cast<std::uint64_t>(std::chrono::nanoseconds(budget.time).count());
    me_scanner* scanner = nullptr;
    std::uint64_t told = 0, index = 0;
    for (; budget.count > 0 ? index < budget.count : util::monotonic_ns() - start < time; ++index) {
        if (index % kScansOfOneScanner == 0) {
            if (scanner != nullptr) session.close(scanner);
            scanner = session.open_scanner();
            if (scanner == nullptr) return;
        }
        if (const std::uint64_t now = util::monotonic_ns();
            now - told > kStepEvery || index % kScansOfOneScanner == 0) {
            notes.step("while it scanned a mutated artifact");
            told = now;
        }
        const Input& original = *originals[index % originals.size()];
        const std::string bytes = mutated(original.make(subject.seed), subject.seed + index, kMostFuzzBytes);
        remember(*subject.fuzz, index, bytes);
        const Answer answer = session.scan(scanner, Prepared(subject, bytes, original.type));
        note(notes, faults_of(answer),
             "mutation " + std::to_string(index) + " of " + std::string(original.text));
        if (notes.failed()) return;
        subject.fuzz->in_use = false;
    }
    if (scanner != nullptr) session.close(scanner);
    session.close();
    notes.seen(util::with_commas(index) + " mutations, seed " + std::to_string(subject.seed));
}

}   // namespace microengine::conformance
