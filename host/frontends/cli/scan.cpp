// SPDX-License-Identifier: MIT
#include "host/frontends/cli/scan.hpp"

#include "host/frontends/cli/in_order.hpp"
#include "host/frontends/cli/progress.hpp"
#include "host/frontends/cli/results.hpp"
#include "host/intake/file.hpp"
#include "host/intake/list.hpp"
#include "host/intake/stream.hpp"
#include "host/intake/url.hpp"
#include "host/intake/walk.hpp"
#include "host/util/clock.hpp"
#include "host/util/result.hpp"
#include "host/util/text.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace microengine::cli {

namespace {

constexpr std::size_t kWindow = 2048;   // reports held back behind a slow artifact, at most
// So much of a tree is met before the first of it is handed in. Below the window: they have their numbers.
constexpr std::size_t kMostMet = 512;

/// Interrupted before anything was found: not a result, only a number in the last line.
bool was_cut_short(const core::Report& report) {
    return report.combined.verdict == core::Verdict::unknown &&
           std::ranges::any_of(report.results, [](const core::ScanResult& row) {
               return row.reason == core::Reason::cancelled;
           });
}

/// A loader for what gave no artifact: its error becomes a report like any other.
core::ArtifactLoader failing_loader(std::string name, std::string message) {
    return [name = std::move(name), message = std::move(message)](
               core::ArtifactBuffer& /*buffer*/) mutable -> std::expected<core::Artifact, core::LoadFailure> {
        core::LoadFailure failure;
        failure.error = {.code = util::Errc::io, .place = name, .message = std::move(message)};
        failure.facts.name = std::move(name);
        return std::unexpected(std::move(failure));
    };
}

/// Meant for --url, most likely.
bool is_missing_url(const std::string& path) {
    struct stat status{};
    return path.contains("://") && ::lstat(path.c_str(), &status) != 0 && errno == ENOENT;
}

/// A file of a tree, or what cannot be walked there, before it is handed in.
struct Met {
    std::uint64_t number = 0;
    std::string name;
    intake::WaitingFile file;
};

/// One scan command while it runs.
class Scan {
public:
    explicit Scan(const ScanRun& run)
        : run_(run),
          options_(run.options),
          results_(options_, run.console),
          in_order_(kWindow, [this](const core::Report& report) { take(report); }) {}

    int execute();

private:
    bool wants_progress() const;
    void count();
    void submit_all();
    void submit_path(const std::string& path);
    void submit_input();
    void submit_list();
    void submit(std::string name, core::ArtifactLoader loader);
    void submit_met(std::vector<Met>& met);
    void hand_in(std::uint64_t number, std::string name, core::ArtifactLoader loader);
    void take(const core::Report& report);
    bool was_interrupted() const;
    void tell_the_rest(const std::string& interruption);

    const ScanRun& run_;
    const ScanOptions& options_;
    Results results_;
    InOrder in_order_;
    Expected expected_;
    std::optional<Progress> progress_;
    std::uint64_t directories_ = 0, skipped_ = 0, cut_short_ = 0;
    bool input_taken_ = false;          // standard input has a reader
    bool stopped_ = false;              // the engine takes no more
    std::atomic<bool> ended_ = false;   // nobody waits for the count any more
};

int Scan::execute() {
    const std::uint64_t start = util::monotonic_ns();
    results_.begin();
    std::jthread counting;
    if (wants_progress()) {
        progress_.emplace(run_.console, expected_);
        counting = std::jthread([this] { count(); });
    }
    submit_all();
    run_.engine.drain();
    ended_ = true;
    if (counting.joinable()) counting.join();
    progress_.reset();
    const std::string interruption = was_interrupted() ? report::interrupted_text(cut_short_) : "";
    results_.end(util::monotonic_ns() - start, directories_, interruption);
    tell_the_rest(interruption);
    if (results_.broken()) return 2;
    return report::exit_code(results_.tally(), options_.fail_on);
}

bool Scan::wants_progress() const {
    if (options_.progress != When::automatic) return options_.progress == When::always;
    return run_.console.terminal_err() && !options_.quiet;
}

void Scan::count() {
    for (const std::string& path : options_.paths) {
        intake::Walk walk(path, {.same_file_system = options_.one_file_system});
        for (auto item = walk.next(); item && !ended_; item = walk.next()) {
            struct stat status{};
            const int directory = item->place.directory ? item->place.directory->get() : AT_FDCWD;
            if (item->kind == intake::WalkItem::Kind::skipped) continue;
            ++expected_.artifacts;
            if (::fstatat(directory, item->place.path.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0)
                expected_.bytes += static_cast<std::uint64_t>(status.st_size);
        }
    }
    // A list or a pipe ends when it ends.
    expected_.complete =
        options_.file_list.empty() && std::ranges::find(options_.paths, "-") == options_.paths.end();
}

void Scan::submit_all() {
    for (const std::string& path : options_.paths) submit_path(path);
    for (const std::string& url : options_.urls) submit(url, intake::url_loader(url));
    if (!options_.file_list.empty()) submit_list();
}

void Scan::submit_path(const std::string& path) {
    if (path == "-") return submit_input();
    if (is_missing_url(path))
        return submit(path, failing_loader(path, "cannot open it: " + util::errno_text(ENOENT) +
                                                     "; to judge a URL use --url"));
    intake::Walk walk(path, {.same_file_system = options_.one_file_system});
    std::vector<Met> met;
    // Errors wait in the same line: handed in at once they could fill the window behind a file that waits.
    const auto meet = [&](std::string name, intake::WaitingFile file) {
        met.push_back({.number = in_order_.next_number(), .name = std::move(name), .file = std::move(file)});
        if (met.size() == kMostMet) submit_met(met);
    };
    for (auto item = walk.next(); item && !stopped_; item = walk.next()) {
        switch (item->kind) {
            case intake::WalkItem::Kind::artifact:
                meet(std::move(item->path), intake::open_file(std::move(item->place), run_.limits));
                break;
            case intake::WalkItem::Kind::error:
                meet(item->path, {.load = failing_loader(item->path, std::move(item->message))});
                break;
            case intake::WalkItem::Kind::skipped:
                ++skipped_;
                break;
        }
    }
    submit_met(met);
    directories_ += walk.directories();
}

/// The largest first: most likely they take longest, and none of them is begun when all others are done.
void Scan::submit_met(std::vector<Met>& met) {
    std::ranges::sort(met, [](const Met& a, const Met& b) {
        return a.file.bytes != b.file.bytes ? a.file.bytes > b.file.bytes : a.number < b.number;
    });
    for (Met& one : met) hand_in(one.number, std::move(one.name), std::move(one.file.load));
    met.clear();
}

void Scan::submit_input() {
    // Also a list may name it. A second reader would find nothing, and take that for an empty file.
    if (std::exchange(input_taken_, true))
        return submit("-", failing_loader("-", "standard input can be read only once"));
    submit("-", intake::stream_loader(STDIN_FILENO, "-", run_.limits));
}

void Scan::submit_list() {
    input_taken_ = input_taken_ || options_.file_list == "-";
    auto list = intake::PathList::open(options_.file_list, run_.limits.stop);
    if (!list) return submit(options_.file_list, failing_loader(options_.file_list, list.error().message));
    for (;;) {
        auto path = list->next();
        if (!path)
            return submit(options_.file_list, failing_loader(options_.file_list, path.error().message));
        const std::optional<std::string>& next = *path;
        if (!next || stopped_) return;
        submit_path(*next);
    }
}

void Scan::submit(std::string name, core::ArtifactLoader loader) {
    if (!stopped_) hand_in(in_order_.next_number(), std::move(name), std::move(loader));
}

void Scan::hand_in(std::uint64_t number, std::string name, core::ArtifactLoader loader) {
    const bool for_machines = options_.format == Format::json || options_.format == Format::ndjson;
    engine::Job job;
    job.name = std::move(name);
    job.load = std::move(loader);
    job.timeout = run_.timeout;
    job.detail = options_.explain || for_machines ? engine::Detail::flips : engine::Detail::explanation;
    job.done = [this, number](core::Report report) { in_order_.put(number, std::move(report)); };
    const bool taken = !stopped_ && run_.engine.submit(std::move(job));
    if (!taken) in_order_.put(number, std::nullopt);
    stopped_ = !taken || results_.broken();
}

void Scan::take(const core::Report& report) {
    if (was_cut_short(report)) {
        ++cut_short_;
        return;
    }
    results_.add(report);
    if (progress_) progress_->done(report);
    if (results_.broken()) run_.engine.cancel();
}

bool Scan::was_interrupted() const {
    if (cut_short_ > 0) return true;
    pollfd stop{.fd = run_.limits.stop, .events = POLLIN, .revents = 0};
    return ::poll(&stop, 1, 0) > 0;
}

void Scan::tell_the_rest(const std::string& interruption) {
    if (options_.quiet) return;
    if (skipped_ > 0 && options_.format == Format::text)
        run_.console.note("not read: " + util::with_commas(skipped_) +
                          (skipped_ == 1 ? " link, special file or other file system"
                                         : " links, special files or other file systems"));
    if (!interruption.empty()) run_.console.note(interruption);
}

}   // namespace

int run_scan(const ScanRun& run) { return Scan(run).execute(); }

}   // namespace microengine::cli
