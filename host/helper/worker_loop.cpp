// SPDX-License-Identifier: MIT
#include "host/helper/worker_loop.hpp"

#include "host/helper/artifact_memory.hpp"
#include "host/helper/first_process.hpp"
#include "host/helper/lockdown.hpp"
#include "host/helper/log_to_host.hpp"
#include "host/plugin/artifact_file.hpp"
#include "host/plugin/extensions.hpp"
#include "host/plugin/probe.hpp"
#include "host/util/text.hpp"
#include "host/wire/control_page.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <latch>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace microengine::helper {

using wire::Got;

namespace {

constexpr int kHostGone = 0, kBroken = 3;

/// Says why there will be no worker, and ends.
[[noreturn]] void refuse(wire::Channel& channel, const std::string& text) {
    (void)channel.send(
        wire::Refused{.place = {}, .text = std::string(util::cut(util::to_utf8(text), wire::kMaxRefusal))});
    ::_exit(1);
}

void require(wire::Channel& channel, const std::string& problem) {
    if (!problem.empty()) refuse(channel, "probe_failed: its sandbox cannot be built: " + problem);
}

/// Everything that needs rights which the worker will not have.
void settle_down(plugin::InProcessBackend& backend, WorkerStart& start) {
    const std::string& temp_dir = start.order.temp_dir;
    const pid_t parent = ::getppid();
    // A helper that becomes the worker cannot: the fork would leave its threads behind.
    start.jail.own_processes = start.jail.own_processes && !start.order.in_this_process;
    require(start.channel, leave_namespaces(start.jail));
    if (!temp_dir.empty()) {
        require(start.channel, mount_temp_dir(start.jail, temp_dir));
        backend.move_to(temp_dir);
        ::setenv("TMPDIR", temp_dir.c_str(), 1);   // NOLINT(concurrency-mt-unsafe): the only thread
    }
    require(start.channel, become_user(start.jail));
    // Becoming somebody else clears it.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(kHostGone);
    if (start.jail.own_processes) require(start.channel, become_first_process());
    ::unsetenv("HOME");             // NOLINT(concurrency-mt-unsafe): the only thread
    ::unsetenv("XDG_CACHE_HOME");   // NOLINT(concurrency-mt-unsafe)
    ::tzset();                      // NOLINT(concurrency-mt-unsafe): reads a file, which it may not later
}

/// For libraries that cannot poll: waits on the shared page and tells them. Returns when it waits: what a
/// thread does to begin is more than the filter allows.
void start_watching(const wire::ControlWords& words, plugin::Scanner& scanner) {
    static std::latch begun(1);   // outlives the thread's last touch of it
    std::thread([&words, &scanner] {
        begun.count_down();
        for (std::uint32_t seen = 0;;) {
            seen = wire::wait_for_cancellation(words, seen);
            scanner.cancel();
        }
    }).detach();   // it ends with the process, as everything here does
    begun.wait();
}

/// The way of one scan through the worker.
class Desk {
public:
    Desk(WorkerStart& start, plugin::Scanner& scanner, const wire::CancelWord& cancel)
        : channel_(start.channel),
          scanner_(scanner),
          cancel_(cancel),
          own_processes_(start.jail.own_processes) {}

    [[noreturn]] void work();

private:
    void scan(const wire::ScanArtifact& order);
    /// Nothing: there is no room to map them.
    [[nodiscard]] std::optional<std::span<const std::uint8_t>> artifact_bytes(
        const wire::ScanArtifact& order);

    wire::Channel& channel_;
    plugin::Scanner& scanner_;
    const wire::CancelWord& cancel_;
    const bool own_processes_;
    ArtifactMemory lasting_, passing_;
    util::UniqueFd file_;
    plugin::HearDetection heard_ = [this](const core::Detection& detection) {
        if (!channel_.send(wire::Found{.detection = detection})) ::_exit(kHostGone);
    };
};

std::optional<std::span<const std::uint8_t>> Desk::artifact_bytes(const wire::ScanArtifact& order) {
    static constexpr std::uint8_t nothing = 0;
    std::vector<util::UniqueFd>& fds = channel_.fds();
    std::size_t next = 0;
    ArtifactMemory& memory = order.keep_memory ? lasting_ : passing_;
    if (order.with_memory) {
        if (fds.empty()) ::_exit(kBroken);
        if (!memory.map(fds[next++].get(), order.memory_bytes)) return std::nullopt;
    }
    if (order.with_file) {
        if (next >= fds.size()) ::_exit(kBroken);
        file_ = std::move(fds[next]);
    }
    if (order.size == 0) return std::span(&nothing, 0);
    if (order.size > memory.bytes().size()) ::_exit(kBroken);
    return memory.bytes().first(order.size);
}

void Desk::scan(const wire::ScanArtifact& order) {
    wire::Done done;
    done.number = order.number;
    const auto bytes = artifact_bytes(order);
    if (!bytes) {
        done.result.outcome = core::Outcome::failed;
        done.result.reason = core::Reason::out_of_memory;
        done.result.message = "no room to map the artifact";
        if (!channel_.send(done)) ::_exit(kHostGone);
        return;
    }
    core::Artifact artifact;
    artifact.bytes = *bytes;
    artifact.truncated = order.truncated;
    artifact.facts = {.name = order.name,
                      .type = order.type,
                      .sha256 = order.sha256,
                      .size = order.size,
                      .mime = order.mime};
    scanner_.scan({.artifact = &artifact,
                   .deadline = core::Deadline(order.deadline_ns),
                   .backend_deadline = core::Deadline(order.backend_deadline_ns),
                   .cancel = &cancel_,
                   .heard = &heard_,
                   .file = file_.get(),
                   .all_matches = order.all_matches},
                  done.result);
    // Nothing that a scan has started is there when the next one begins.
    if (own_processes_) end_other_processes();
    passing_.unmap();
    file_.reset();
    if (!channel_.send(done)) ::_exit(kHostGone);
}

void Desk::work() {
    for (;;) {
        if (channel_.wait(0) != Got::message) ::_exit(kHostGone);
        const auto order = wire::decode<wire::ScanArtifact>(channel_.bytes());
        if (!order) ::_exit(kBroken);
        count_lines_anew();
        scan(*order);
    }
}

[[noreturn]] void live(plugin::InProcessBackend& backend, WorkerStart& start) {
    wire::Channel& channel = start.channel;
    settle_down(backend, start);
    const wire::ControlWords* words = wire::map_control_page(start.control_page.get());
    if (words == nullptr) refuse(channel, "probe_failed: no control page");
    start.control_page.reset();
    auto scanner = backend.open_scanner();
    if (!scanner) refuse(channel, scanner.error().message);
    // Not the empty one: a scan that looks at bytes touches the pages that the next ones need.
    const auto canaries = start.order.full_probe ? backend.canaries() : backend.canaries().subspan(1, 1);
    if (const std::string problem = plugin::probe(**scanner, canaries); !problem.empty())
        refuse(channel, problem);
    // The last ones show that it can work where it is locked in: all of them, unless it needs a file of each,
    // for the file is made while that is still allowed.
    const bool wants_file = (backend.card().needs & ME_NEED_FD) != 0;
    const auto last = wants_file ? backend.canaries().subspan(1, 1) : canaries;
    util::UniqueFd file = wants_file ? plugin::artifact_file(plugin::bytes_of(last[0])) : util::UniqueFd();
    require(channel, set_limits(start.jail));
    require(channel, enter_landlock(start.jail, start.order.temp_dir));
    if (plugin::cancel_of(backend.table()) != nullptr) start_watching(*words, **scanner);
    require(channel, install_filter(start.jail));
    if (const std::string problem = plugin::probe(**scanner, last, file.get()); !problem.empty())
        refuse(channel, problem);
    file.reset();
    if (!channel.send(wire::Ready{})) ::_exit(kHostGone);
    Desk(start, **scanner, words->cancel).work();
}

}   // namespace

void run_worker(plugin::InProcessBackend& backend, WorkerStart start) {
    log_to(&start.channel);
    try {
        live(backend, start);
    } catch (const std::exception& e) {
        refuse(start.channel, std::string("probe_failed: ") + e.what());
    }
}

}   // namespace microengine::helper
