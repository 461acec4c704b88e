// SPDX-License-Identifier: MIT
// From the file to an open backend, and back.

#include "host/conformance/process_state.hpp"
#include "host/conformance/session.hpp"
#include "host/conformance/test.hpp"
#include "host/plugin/in_process_backend.hpp"
#include "host/util/clock.hpp"
#include "host/util/text.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <iostream>

namespace microengine::conformance {

namespace {

/// Opens, scans and closes all that it opened.
bool one_life(Session& session, Subject& subject, Notebook& notes) {
    notes.step("while it was being opened");
    const Opening opening = session.open(subject.settings);
    if (!opening.opened) {
        notes.fail("it does not open again: " + opening.fail_text, "see load/opens");
        return false;
    }
    if (me_scanner* const scanner = session.open_scanner(); scanner != nullptr) {
        for (const Input* one : small_inputs(subject)) (void)session.check(scanner, *one);
        session.close(scanner);
    }
    session.close();
    return true;
}

/// What is in the memory file that stands for an output.
std::string first_line(int fd) {
    std::array<char, 200> text{};
    const ssize_t got = ::pread(fd, text.data(), text.size(), 0);
    if (got <= 0) return {};
    const std::string_view all(text.data(), static_cast<std::size_t>(got));
    return util::printable(all.substr(0, all.find('\n')));
}

bool written(int fd) {
    struct stat status{};
    return ::fstat(fd, &status) == 0 && status.st_size > 0;
}

}   // namespace

void check_binds(const Test& /*test*/, Subject& subject, Notebook& notes) {
    Session session(subject, notes);
    const std::uint64_t start = util::monotonic_ns();
    if (!session.load()) return;
    notes.seen("loaded in " + util::human_duration(util::monotonic_ns() - start));
    const me_plugin_v1& table = session.table();
    if (!ME_HAS(me_plugin_v1, &table, extension) || table.extension == nullptr) return;
    notes.step("while it was asked for an extension that there is not");
    if (table.extension("org.example.no-such-extension/1") != nullptr)
        notes.fail("it answers with a table for an extension that nobody has defined",
                   "compare the whole id, and return NULL for all that you do not know");
}

void check_opens(const Test& /*test*/, Subject& subject, Notebook& notes) {
    Session session(subject, notes);
    if (!session.load()) return;
    notes.step("while it was being opened and judged its canaries");
    constexpr auto open_time = std::chrono::minutes(10);
    plugin::TempRoot root({});
    plugin::OpenRequest request{.policy = check_policy(),
                                .settings = subject.settings,
                                .deadline = core::Deadline::after(open_time),
                                .temp_dir = std::nullopt};
    if ((subject.card().needs & ME_NEED_TEMP_DIR) != 0)
        if (auto made = root.make("check")) request.temp_dir = *std::move(made);
    const std::uint64_t start = util::monotonic_ns();
    const auto backend = plugin::open_in_process(subject.card(), &session.table(), std::move(request));
    if (!backend)
        return notes.fail(backend.error().text(),
                          "'When it is refused' in the plugin author's guide explains the code");
    notes.seen("in " + util::human_duration(util::monotonic_ns() - start));
    const auto& signatures = (*backend)->facts()->signatures;
    if (signatures)
        notes.seen(util::with_commas(signatures->count) + " signatures, version '" +
                   util::printable(signatures->version) + "'");
    if (signatures && signatures->version.empty() && subject.promises(ME_CAP_DETERMINISTIC))
        notes.warn("its signatures have no version", "without one, no result of it is remembered");
}

void check_leaves_nothing(const Test& /*test*/, Subject& subject, Notebook& notes) {
    Session session(subject, notes);
    const ProcessState before = process_state();
    if (!session.load()) return;
    for (int life = 0; life < 2 && !notes.failed(); ++life) {
        if (!one_life(session, subject, notes)) return;
        for (const Finding& change : changes(before, process_state(&before))) notes.fail(change);
    }
    notes.seen("opened and closed twice");
}

void check_output(const Test& /*test*/, Subject& subject, Notebook& notes) {
    Session session(subject, notes);
    if (!session.load() || !one_life(session, subject, notes)) return;
    // What it printed waits in a buffer, for standard output is a file here, and would end with this process.
    std::cout.flush();
    (void)std::fflush(nullptr);
    for (const auto& [fd, name] : {std::pair{STDOUT_FILENO, "output"}, std::pair{STDERR_FILENO, "error"}})
        if (written(fd))
            notes.fail("it wrote to standard " + std::string(name) + ": " + first_line(fd),
                       "law L7: descriptors 0 to 2 are the host's; use host->log, and give libraries a "
                       "function for their messages");
    notes.seen("nothing written");
}

void check_ends(const Test& /*test*/, Subject& subject, Notebook& notes) {
    {
        Session session(subject, notes);
        if (!session.load() || !one_life(session, subject, notes)) return;
        notes.seen("its destructors are survived");
        notes.step("while its process ended");
    }
    notes.end();
    std::exit(0);   // NOLINT(concurrency-mt-unsafe): one thread, and this is what is tried
}

}   // namespace microengine::conformance
