// SPDX-License-Identifier: MIT
#include "host/isolate/worker.hpp"

#include "host/core/bounds.hpp"
#include "host/isolate/zygote.hpp"
#include "host/plugin/artifact_file.hpp"
#include "host/util/clock.hpp"
#include "host/util/log.hpp"
#include "host/util/text.hpp"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <utility>

namespace microengine::isolate {

using core::Outcome;
using core::Reason;
using util::Errc;
using util::Result;
using wire::Got;
using Ending = Answer::Ending;

namespace {

constexpr std::uint64_t kGrace = 20'000'000;          // ns, after the deadline: the plugin may still answer
constexpr std::uint64_t kCancelGrace = 50'000'000;    // ns, after a cancellation
constexpr std::uint64_t kDeathWait = 2'000'000'000;   // ns, for the kernel to end it
constexpr std::uint64_t kBurialWait = 100'000'000;    // ns, for the zygote to say how
constexpr std::uint64_t kLastMoments = 20'000'000;    // ns, between the end of its socket and its own
constexpr std::size_t kMostSaid = 512;                // log lines of one scan; a helper stops at 200
constexpr std::uint64_t kMostScans = 10'000;
constexpr std::uint64_t kScansBetweenLooks = 64;
constexpr std::uint64_t kRoomToGrow = std::uint64_t{256} << 20;

std::uint64_t later(std::uint64_t deadline_ns, std::uint64_t grace) {
    return deadline_ns == 0 ? 0 : deadline_ns + grace;
}

/// Private memory of a process, from the system and not from itself. 0: unknown.
std::uint64_t private_bytes(pid_t pid) {
    char path[64];
    (void)std::snprintf(path, sizeof path, "/proc/%d/statm", static_cast<int>(pid));
    unsigned long long total = 0, resident = 0, shared = 0;
    std::FILE* file = std::fopen(path, "re");
    if (file == nullptr) return 0;
    const int got = std::fscanf(file, "%llu %llu %llu", &total, &resident, &shared);
    (void)std::fclose(file);
    return got == 3 && resident > shared
               ? (resident - shared) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))
               : 0;
}

}   // namespace

Worker::Worker(Parts parts)
    : backend_(std::move(parts.backend)),
      channel_(std::move(parts.channel)),
      fate_(std::move(parts.fate)),
      pidfd_(std::move(parts.pidfd)),
      pid_(parts.pid),
      temp_dir_(std::move(parts.temp_dir)) {}

Worker::~Worker() {
    if (pid_ == 0) return;
    kill();
    bool gone = false;
    (void)wait_status(gone);   // dead before its directory is emptied
}

void Worker::keep(std::unique_ptr<Zygote> own) { own_ = std::move(own); }

void Worker::kill() {
    if (own_ != nullptr) own_->kill();
    if (pidfd_) ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
}

std::optional<int> Worker::wait_status(bool& gone) {
    const std::uint64_t until = util::monotonic_ns() + kDeathWait;
    pid_ = 0;
    if (own_ != nullptr) return own_->wait(until);
    const int fd = pidfd_.get();
    (void)wire::wait_any({&fd, 1}, until);
    for (;;) {
        const Got got = fate_.wait(util::monotonic_ns() + kBurialWait);
        gone = got == Got::closed;
        if (got != Got::message) return std::nullopt;
        if (const auto died = wire::decode<wire::Died>(fate_.bytes())) return died->status;
    }
}

Result<void> Worker::wait_ready(std::uint64_t deadline_ns, int stop) {
    for (;;) {
        switch (channel_.wait(deadline_ns, stop)) {
            case Got::nothing:
                return util::fail(Errc::plugin, backend_, "probe_timeout: it was not ready in time");
            case Got::broken:
                return util::fail(Errc::plugin, backend_, "probe_crashed: it spoke nonsense");
            case Got::closed: {
                const Answer death = post_mortem();
                if (death.ending == Ending::orphaned) return util::fail(Errc::io, backend_, death.why);
                return util::fail(
                    Errc::plugin, backend_,
                    (death.reason == Reason::forbidden_call ? "sandbox_violation: " : "probe_crashed: ") +
                        death.why);
            }
            case Got::message:
                break;
        }
        if (const auto refused = wire::decode<wire::Refused>(channel_.bytes()))
            return util::fail(Errc::plugin, backend_, refused->text);
        if (wire::decode<wire::Ready>(channel_.bytes())) {
            fresh_bytes_ = private_bytes(pid_);
            return {};
        }
        const auto said = wire::decode<wire::Said>(channel_.bytes());
        if (!said || ++said_ > kMostSaid)
            return util::fail(Errc::plugin, backend_, "probe_crashed: it spoke nonsense");
        print(*said, backend_);
    }
}

Answer Worker::ask(const plugin::ScanRequest& request, bool wants_file, const Cancellation& cancellation,
                   core::ScanResult& out) {
    said_ = details_ = 0;
    const core::Artifact& artifact = *request.artifact;
    core::MemoryFile memory = artifact.memory;
    util::UniqueFd copy;
    if ((memory.fd < 0 && !artifact.bytes.empty()) || wants_file) {
        copy = plugin::artifact_file(artifact.bytes);
        if (!copy) {
            out.outcome = Outcome::failed;
            out.reason = Reason::io;
            out.message = "no memory file for the artifact";
            return {};
        }
    }
    if (memory.fd < 0) memory = {.fd = copy.get(), .id = 0, .bytes = artifact.bytes.size(), .lasting = false};
    const bool send_memory = !artifact.bytes.empty() && (!memory.lasting || memory.id != mapped_);
    std::array<int, 2> fds{};
    std::size_t count = 0;
    if (send_memory) fds[count++] = memory.fd;
    if (wants_file) fds[count++] = copy.get();
    const wire::ScanArtifact order{
        .number = ++scans_,
        .type = artifact.facts.type,
        .all_matches = request.all_matches,
        .truncated = artifact.truncated,
        .with_memory = send_memory,
        .with_file = wants_file,
        .keep_memory = memory.lasting,
        .memory_bytes = memory.bytes,
        .size = artifact.bytes.size(),
        .deadline_ns = request.deadline.ns(),
        .backend_deadline_ns = request.backend_deadline.ns(),
        .sha256 = artifact.facts.sha256,
        .name = std::string(util::cut(util::to_utf8(artifact.facts.name), wire::kMaxLabel)),
        .mime = artifact.facts.mime};
    if (!channel_.send(order, {fds.data(), count}, wire::Channel::Patience::refuse)) {
        Answer ended = post_mortem();
        if (ended.ending == Ending::died) ended.ending = Ending::idle;
        return ended;
    }
    if (send_memory && memory.lasting) mapped_ = memory.id;
    const std::uint64_t deadline = request.deadline.earlier(request.backend_deadline).ns();
    Answer answer = listen(later(deadline, kGrace), cancellation, out);
    // It may have had no room to map the memory: then it is sent again.
    if (out.reason == Reason::out_of_memory) mapped_ = 0;
    if (answer.ending == Ending::answered && scans_ % kScansBetweenLooks == 0) look_at_wear();
    return answer;
}

Answer Worker::listen(std::uint64_t deadline_ns, const Cancellation& cancellation, core::ScanResult& out) {
    bool cancelled = false;
    for (;;) {
        const std::array<int, 2> fds{channel_.fd(), cancellation.event};
        if (!wire::wait_any({fds.data(), cancelled ? 1U : 2U}, deadline_ns))
            return cancelled ? give_up(Ending::cancelled, "did not stop when told to")
                             : give_up(Ending::late, "killed after its deadline");
        if (auto answer = read_messages(cancellation, out)) return *std::move(answer);
        if (!cancelled && cancellation.page.cancelled() != Reason::none) {
            cancelled = true;
            const std::uint64_t until = util::monotonic_ns() + kCancelGrace;
            deadline_ns = deadline_ns == 0 ? until : std::min(deadline_ns, until);
        }
    }
}

std::optional<Answer> Worker::read_messages(const Cancellation& cancellation, core::ScanResult& out) {
    for (;;) {
        switch (channel_.receive()) {
            case Got::nothing:
                return std::nullopt;
            case Got::closed:
                return post_mortem();
            case Got::broken:
                return give_up(Ending::lied, "sent more than a message may be");
            case Got::message:
                break;
        }
        bool finished = false;
        std::string lie = take_message(out, finished);
        if (finished && out.outcome == Outcome::skipped) {
            out.reason = cancellation.page.cancelled();
            if (out.reason == Reason::none) lie = "says that it was cancelled, and was not";
        }
        if (!lie.empty()) return give_up(Ending::lied, std::move(lie));
        if (finished) return Answer{};
    }
}

std::string Worker::take_message(core::ScanResult& out, bool& finished) {
    if (!channel_.fds().empty()) return "sent a descriptor";
    const std::string_view bytes = channel_.bytes();
    switch (wire::kind_of(bytes).value_or(wire::Kind{})) {
        case wire::Kind::found: {
            auto found = wire::decode<wire::Found>(bytes);
            if (!found) return "sent a detection that is none";
            details_ += found->detection.detail.size();
            if (out.detections.size() >= core::kMaxDetections || details_ > core::kMaxDetails)
                return "sent more detections than it may";
            out.detections.push_back(std::move(found->detection));
            // Of one that is killed now nobody knows whether there were more; one that answers says so
            // itself.
            out.detections_cut = out.detections.size() == core::kMaxDetections;
            return {};
        }
        case wire::Kind::said: {
            const auto said = wire::decode<wire::Said>(bytes);
            if (!said) return "sent a log line that is none";
            if (++said_ > kMostSaid) return "sent more log lines than it may";
            print(*said, backend_);
            return {};
        }
        case wire::Kind::done: {
            auto done = wire::decode<wire::Done>(bytes);
            if (!done) return "sent a result that is none";
            if (done->number != scans_) return "sent the result of another scan";
            core::ScanResult& result = done->result;
            result.backend = std::move(out.backend);
            result.detections = std::move(out.detections);
            // A result weaker than what it found is raised to it.
            result.verdict = std::max(result.verdict, core::strongest(result.detections));
            result.trusted = result.trusted && result.verdict == core::Verdict::benign;
            out = std::move(result);
            finished = true;
            return {};
        }
        default:
            return "sent an unknown message";
    }
}

Answer Worker::give_up(Ending ending, std::string why) {
    kill();
    bool gone = false;
    (void)wait_status(gone);   // the memory is free when nobody reads it any more
    return {.ending = ending, .reason = Reason::protocol, .why = std::move(why)};
}

Answer Worker::post_mortem() {
    // A closed socket alone does not end a process.
    const std::uint64_t until = util::monotonic_ns() + kLastMoments;
    const int fd = pidfd_.get();
    if (own_ != nullptr ? !own_->wait(until) : !wire::wait_any({&fd, 1}, until))
        return give_up(Ending::lied, "closed its socket");
    bool gone = false;
    const std::optional<int> status = wait_status(gone);
    if (status) return describe_death(*status);
    if (gone)
        return {.ending = Ending::orphaned, .reason = Reason::signal, .why = "its helper process ended"};
    return {.ending = Ending::died, .reason = Reason::signal, .why = "ended, and its helper did not say how"};
}

void Worker::look_at_wear() {
    const std::uint64_t now = private_bytes(pid_);
    worn_ = scans_ >= kMostScans || (now > 2 * fresh_bytes_ && now > fresh_bytes_ + kRoomToGrow);
    if (worn_)
        util::log(util::Level::debug, "worker_worn",
                  {{"backend", backend_},
                   {"scans", std::to_string(scans_)},
                   {"private_bytes", std::to_string(now)}});
}

}   // namespace microengine::isolate
