// SPDX-License-Identifier: MIT
#include "host/conformance/runner.hpp"

#include "host/conformance/child.hpp"
#include "host/util/clock.hpp"

#include <algorithm>
#include <fstream>
#include <utility>

namespace microengine::conformance {

namespace {

/// The mutated artifact that ended it badly, kept.
void keep_artifact(const Subject& subject, Ran& ran) {
    const FuzzPage* const page = subject.fuzz;
    if (page == nullptr || !page->in_use || ran.status != Status::failed) return;
    const std::string file = subject.file.stem().native() + "." + std::to_string(subject.seed) + "-" +
                             std::to_string(page->index) + ".artifact";
    const std::size_t size = std::min<std::uint64_t>(page->size, page->bytes.size());
    std::ofstream out(file, std::ios::binary);
    out.write(page->bytes.data(), static_cast<std::streamsize>(size));
    ran.findings.push_back({.reason = out.flush() ? "the artifact is kept in " + file
                                                  : "the artifact could not be kept in " + file,
                            .fix = "repeat it with 'microengine scan --plugin', or all with --seed " +
                                   std::to_string(subject.seed)});
}

Status status_of(const Notes& notes) {
    if (std::ranges::any_of(notes.findings, &Finding::error)) return Status::failed;
    if (!notes.skipped.empty()) return Status::skipped;
    return notes.findings.empty() ? Status::passed : Status::warned;
}

Ran run_one(Subject& subject, const Test& test) {
    const std::uint64_t start = util::monotonic_ns();
    Notes notes = run_in_child(subject, test);
    const Status status = status_of(notes);
    // What failed says why instead.
    std::string seen = status == Status::skipped ? notes.skipped : status == Status::failed ? "" : notes.seen;
    Ran ran{.test = &test,
            .status = status,
            .seen = std::move(seen),
            .findings = std::move(notes.findings),
            .duration_ns = util::monotonic_ns() - start};
    keep_artifact(subject, ran);
    return ran;
}

/// Why it makes no sense to run it; empty: it does.
std::string hopeless(const Subject& subject, const Test& test, const std::vector<Ran>& before) {
    const auto failed = [&before](std::string_view name) {
        return std::ranges::any_of(before, [name](const Ran& ran) {
            return ran.test->name == name && ran.status == Status::failed;
        });
    };
    if (test.needs == Test::Needs::nothing) return {};
    if (!subject.vetted) return "it is not vetted: " + subject.vetted.error().message;
    if (test.needs == Test::Needs::card) return {};
    const std::string& problems = subject.settings_problems;
    if (!problems.empty()) return "its settings are not in order: " + problems.substr(0, problems.find('\n'));
    if (failed("load/binds")) return "it cannot be loaded";
    return test.needs == Test::Needs::open && failed("load/opens") ? "it does not open" : "";
}

}   // namespace

std::string_view to_text(Status status) {
    switch (status) {
        case Status::passed:
            return "pass";
        case Status::warned:
            return "warn";
        case Status::failed:
            return "FAIL";
        case Status::skipped:
            return "skip";
    }
    return "";
}

std::vector<const Test*> chosen(const Options& options) {
    std::vector<const Test*> all;
    for (const Test& test : tests()) {
        const auto wanted = [&test](const std::string& name) { return test.name.starts_with(name); };
        const bool only = options.only.empty() || std::ranges::any_of(options.only, wanted);
        if (only && (options.fuzz || options.list || !test.name.starts_with("fuzz/"))) all.push_back(&test);
    }
    return all;
}

std::vector<Ran> run_tests(Subject& subject, const std::vector<const Test*>& tests,
                           const std::function<void(const Ran&)>& told) {
    std::vector<Ran> all;
    for (const Test* const test : tests) {
        const std::string why = hopeless(subject, *test, all);
        all.push_back(why.empty() ? run_one(subject, *test)
                                  : Ran{.test = test,
                                        .status = Status::skipped,
                                        .seen = why,
                                        .findings = {},
                                        .impossible = true});
        told(all.back());
    }
    return all;
}

}   // namespace microengine::conformance
