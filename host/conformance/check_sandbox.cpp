// SPDX-License-Identifier: MIT
// The same artifacts in a real worker, locked down as the card's needs allow.

#include "host/conformance/session.hpp"
#include "host/conformance/test.hpp"
#include "host/isolate/process_backend.hpp"
#include "host/isolate/shared_buffer.hpp"
#include "host/util/clock.hpp"
#include "host/util/digest.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace microengine::conformance {

namespace {

using core::Outcome;
using core::Reason;

constexpr std::string_view kWayOut =
    "'To find out what is wrong' in the plugin author's guide: declare the need, or do it while opening";

/// A backend in processes of its own, and one scanner.
class Worker {
public:
    Worker(Subject& subject, Notebook& notes) : root_({}), isolation_(settings_of(subject), root_) {
        notes.step("while it was being opened in a process of its own");
        constexpr auto open_time = std::chrono::minutes(10);
        auto opened = isolate::open_isolated(isolation_, *subject.vetted,
                                             {.policy = check_policy(),
                                              .settings = subject.settings,
                                              .deadline = core::Deadline::after(open_time),
                                              .temp_dir = std::nullopt});
        if (!opened) {
            refuse(opened.error(), notes);
            return;
        }
        backend_ = *std::move(opened);
        auto scanner = backend_->open_scanner();
        if (!scanner) {
            refuse(scanner.error(), notes);
            return;
        }
        scanner_ = *std::move(scanner);
        notes.seen(isolate::kernel_text(isolation_.kernel));
        for (const std::string& weakness : backend_->health().weaknesses)
            notes.warn(weakness, "the sandbox is weaker here than elsewhere: docs/isolation.md");
    }
    [[nodiscard]] bool ready() const { return scanner_ != nullptr; }

    core::ScanResult scan(const std::string& bytes, core::ArtifactType type, const std::string& name) {
        const auto memory = buffer_->prepare(bytes.size());
        std::ranges::copy(bytes, memory.begin());
        core::Artifact artifact;
        artifact.bytes = memory;
        artifact.facts = {.name = name,
                          .type = type,
                          .sha256 = util::sha256(memory),
                          .size = bytes.size(),
                          .mime = "application/octet-stream"};
        artifact.memory = buffer_->share(bytes.size());
        constexpr auto scan_time = std::chrono::seconds(50);
        core::ScanResult result;
        result.backend = backend_->facts();
        scanner_->scan(
            {.artifact = &artifact, .deadline = core::Deadline::after(scan_time), .backend_deadline = {}},
            result);
        return result;
    }

private:
    static isolate::IsolationSettings settings_of(const Subject& subject) {
        isolate::IsolationSettings settings;
        settings.helper = subject.helper;
        return settings;
    }
    static void refuse(const util::Error& error, Notebook& notes) {
        if (error.code == util::Errc::unsupported) return notes.skip(error.message);
        notes.fail(error.text(), std::string(kWayOut));
    }

    plugin::TempRoot root_;
    isolate::Isolation isolation_;
    std::unique_ptr<core::ArtifactBuffer> buffer_ = isolate::make_shared_buffer();
    std::shared_ptr<plugin::Backend> backend_;   // nobody else's: its interface has it so
    std::unique_ptr<plugin::Scanner> scanner_;   // ends before its backend
};

void judge(const core::ScanResult& result, std::string_view about, Notebook& notes) {
    if (result.outcome == Outcome::crashed || result.outcome == Outcome::timed_out)
        notes.fail(
            std::string(about) + ": " + told(result) + ", " + std::string(core::to_text(result.reason)),
            result.reason == Reason::forbidden_call ? std::string(kWayOut)
                                                    : "see the same test of scan/: if that passes, it "
                                                      "misses something that a worker does not have");
    if (result.outcome == Outcome::failed && result.reason == Reason::bad_result)
        notes.fail(std::string(about) + ": " + result.message, "see the same test of scan/");
}

/// Is it another result than the plugin has without a sandbox? One that promises no sameness may find
/// something else each time, but what it can do outside it can do inside, too.
bool differs(const core::ScanResult& isolated, const core::ScanResult& here, bool deterministic) {
    return deterministic ? fingerprint(isolated) != fingerprint(here)
                         : isolated.outcome != Outcome::completed && isolated.outcome != here.outcome;
}

/// In this process, after the worker: what the plugin says without a sandbox.
void compare(Subject& subject, Notebook& notes, const std::vector<const Input*>& all,
             const std::vector<core::ScanResult>& isolated) {
    Session session(subject, notes);
    if (!session.ready()) return;
    me_scanner* const scanner = session.open_scanner();
    if (scanner == nullptr) return;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Answer here = session.check(scanner, *all[i]);
        const bool told_already =
            isolated[i].outcome == Outcome::crashed || isolated[i].outcome == Outcome::timed_out;
        if (told_already || !differs(isolated[i], here.judged, subject.promises(ME_CAP_DETERMINISTIC)))
            continue;
        notes.fail(std::string(all[i]->text) + " is " + told(isolated[i]) + " in the sandbox, and " +
                       told(here) + " outside of it",
                   "a worker has no files, no environment and another user: read all while opening");
    }
}

bool no_sandbox_here(Notebook& notes) {
    if (isolate::sanitizer_build()) notes.skip("a build with sanitizers has no sandbox");
    return isolate::sanitizer_build();
}

}   // namespace

void check_sandbox_scans(const Test& /*test*/, Subject& subject, Notebook& notes) {
    if (no_sandbox_here(notes)) return;
    std::vector<const Input*> all;
    std::vector<core::ScanResult> results;
    {
        Worker worker(subject, notes);
        if (!worker.ready()) return;
        for (const Input& one : inputs()) {
            if (!plugin::takes_type(subject.card(), one.type)) continue;
            notes.step("while a worker scanned " + std::string(one.text));
            all.push_back(&one);
            results.push_back(worker.scan(one.make(subject.seed), one.type, "artifact"));
            judge(results.back(), one.text, notes);
        }
    }
    notes.seen(std::to_string(all.size()) + " artifacts");
    compare(subject, notes, all, results);
}

void check_sandbox_names(const Test& /*test*/, Subject& subject, Notebook& notes) {
    if (no_sandbox_here(notes)) return;
    Worker worker(subject, notes);
    if (!worker.ready()) return;
    const Input& artifact = *small_inputs(subject).front();
    for (const OddName& odd : odd_names()) {
        notes.step("while a worker scanned an artifact with " + std::string(odd.what));
        judge(worker.scan(artifact.make(subject.seed), artifact.type, odd.name), odd.what, notes);
    }
    notes.seen(std::to_string(odd_names().size()) + " names");
}

}   // namespace microengine::conformance
