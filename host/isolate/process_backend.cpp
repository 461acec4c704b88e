// SPDX-License-Identifier: MIT
#include "host/isolate/process_backend.hpp"

#include "host/isolate/supervisor.hpp"
#include "host/plugin/card.hpp"
#include "host/util/clock.hpp"
#include "host/util/text.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace microengine::isolate {

using core::Outcome;
using core::Reason;
using util::Errc;
using util::Result;
using Ending = Answer::Ending;

namespace {

/// A retry must have time to do something.
constexpr std::uint64_t kLeastTime = 20'000'000;   // ns

void skip(core::ScanResult& out, const NoWorker& none) {
    out.outcome = none.reason == Reason::poison ? Outcome::crashed : Outcome::skipped;
    out.reason = none.reason;
    out.message = none.why;
}

class ProcessScanner final : public plugin::Scanner {
public:
    ProcessScanner(Supervisor& supervisor, bool wants_file, Post post, util::UniqueFd event)
        : supervisor_(supervisor),
          wants_file_(wants_file),
          page_(std::move(post.page)),
          event_(std::move(event)),
          worker_(std::move(post.worker)) {}

    void scan(const plugin::ScanRequest& request, core::ScanResult& out) override;

    void cancel() noexcept override {
        // Which of the reasons it is, the engine's own word says; the worker only wants to know that it is.
        page_.cancel(Reason::cancelled);
        const std::uint64_t one = 1;
        (void)!::write(event_.get(), &one, sizeof one);
        told_ = true;
        supervisor_.wake();
    }

private:
    /// Another try in a fresh worker makes sense: true. Else `out` is complete.
    enum class Try : std::uint8_t { first, second };
    bool attempt(const plugin::ScanRequest& request, core::ScanResult& out, Try which);
    void lost(const plugin::ScanRequest& request, const Answer& answer, core::ScanResult& out);
    [[nodiscard]] bool cancelled(const plugin::ScanRequest& request) const {
        return request.cancel != nullptr && request.cancel->load() != Reason::none;
    }

    Supervisor& supervisor_;
    bool wants_file_;
    wire::ControlPage page_;
    util::UniqueFd event_;
    std::atomic<bool> told_ = false;   // event_ was written
    std::unique_ptr<Worker> worker_;   // null: the next scan gets another
};

void ProcessScanner::scan(const plugin::ScanRequest& request, core::ScanResult& out) {
    page_.reset();
    if (std::uint64_t events = 0; told_.exchange(false))   // left over from the last cancellation
        (void)!::read(event_.get(), &events, sizeof events);
    // The engine sets its word before it calls cancel(): one that came before the reset is seen here.
    if (cancelled(request)) return skip(out, {.reason = request.cancel->load(), .why = {}});
    if (const auto refused = supervisor_.refuses(request)) return skip(out, *refused);
    if (!attempt(request, out, Try::first)) return;
    core::ScanResult second;
    second.backend = out.backend;
    (void)attempt(request, second, Try::second);
    if (second.outcome == Outcome::skipped) return;   // the first is all there is
    // What was found before the crash stands, also when the second try sees nothing.
    if (core::strongest(out.detections) > second.verdict) {
        second.verdict = core::strongest(out.detections);
        second.trusted = false;
        second.detections.insert(second.detections.begin(), out.detections.begin(), out.detections.end());
    }
    if (second.outcome == Outcome::completed && second.message.empty())
        second.message = "at the second try; at the first: " + out.message;
    out = std::move(second);
}

bool ProcessScanner::attempt(const plugin::ScanRequest& request, core::ScanResult& out, Try which) {
    // The backend's own time begins when a worker has the artifact: that one must be started is no fault of
    // it.
    plugin::ScanRequest asked = request;
    const std::uint64_t before = util::monotonic_ns();
    if (worker_ == nullptr || worker_->worn()) {
        auto fresh = supervisor_.worker(page_.fd(), event_.get(), request);
        if (fresh)
            worker_ = *std::move(fresh);
        else if (worker_ == nullptr)   // one that has only done its share goes on
            return skip(out, fresh.error()), false;
    }
    if (asked.backend_deadline.exists())
        asked.backend_deadline =
            core::Deadline(asked.backend_deadline.ns() + (util::monotonic_ns() - before));
    const Answer answer = worker_->ask(asked, wants_file_, {.page = page_, .event = event_.get()}, out);
    switch (answer.ending) {
        case Ending::answered:
            if (out.outcome == Outcome::skipped && request.cancel != nullptr)
                out.reason = request.cancel->load();
            // A message also keeps it from being remembered as an answer of the first signatures.
            if (worker_->has_other_signatures() && out.message.empty())
                out.message = "its signatures are not those of the start";
            return false;
        case Ending::cancelled:
            worker_.reset();   // no fault: it did not know any better
            out.verdict = core::strongest(out.detections);
            skip(out, {.reason = request.cancel->load(), .why = {}});
            return false;
        default:
            worker_.reset();
            lost(asked, answer, out);
            break;
    }
    // The artifact's own deadline, spent elsewhere, is no fault of this backend.
    if (out.reason == Reason::deadline) return false;
    // One that had ended before says nothing about this artifact.
    const std::optional<util::Sha256> artifact =
        answer.ending == Ending::idle ? std::nullopt : request.artifact->facts.sha256;
    const bool listed = supervisor_.fault(answer, artifact, which == Try::second);
    // A crash may stem from an earlier artifact. An attack does not: it gets no second try, which might look
    // benign.
    const bool attack = answer.ending == Ending::lied || answer.reason == Reason::forbidden_call;
    return !listed && !attack && answer.ending != Ending::late && !cancelled(request) &&
           asked.deadline.earlier(asked.backend_deadline).left() > std::chrono::nanoseconds(kLeastTime);
}

void ProcessScanner::lost(const plugin::ScanRequest& request, const Answer& answer, core::ScanResult& out) {
    const bool late = answer.ending == Ending::late;
    const bool own = request.backend_deadline.exists() &&
                     request.deadline.earlier(request.backend_deadline).ns() == request.backend_deadline.ns();
    out.outcome = late ? Outcome::timed_out : Outcome::crashed;
    out.reason = !late ? answer.reason : own ? Reason::timeout : Reason::deadline;
    out.message = answer.why;
    out.verdict = core::strongest(out.detections);
}

class ProcessBackend final : public plugin::Backend {
public:
    ProcessBackend(Isolation& isolation, ProcessPlan plan, const plugin::Card& card)
        : supervisor_(isolation, std::move(plan)), card_(card) {}

    Result<void> open(core::BackendPolicy policy, core::Deadline deadline) {
        auto facts = std::make_shared<core::BackendFacts>();
        facts->policy = std::move(policy);
        facts->plugin_id = card_.id;
        facts->plugin_version = card_.version;
        facts->signatures = ME_TRY(supervisor_.open(deadline.ns()));
        facts_ = std::move(facts);
        return {};
    }
    const std::shared_ptr<const core::BackendFacts>& facts() const override { return facts_; }
    bool takes(core::ArtifactType type) const override { return plugin::takes_type(card_, type); }
    bool parallel() const override { return true; }   // each scanner has a process of its own
    plugin::Health health() const override { return supervisor_.health(); }
    bool isolated() const override { return true; }

    Result<std::unique_ptr<plugin::Scanner>> open_scanner() override {
        Post post = ME_TRY(supervisor_.take_post());
        util::UniqueFd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        if (!event) return util::fail_errno(Errc::io, facts_->policy.name, "no event", errno);
        return std::make_unique<ProcessScanner>(supervisor_, (card_.needs & ME_NEED_FD) != 0, std::move(post),
                                                std::move(event));
    }

private:
    Supervisor supervisor_;
    plugin::Card card_;
    std::shared_ptr<const core::BackendFacts> facts_;   // shared with every report made from it
};

/// The files that its path settings name.
std::vector<std::string> read_paths(const plugin::Card& card, const core::Settings& settings) {
    std::vector<std::string> paths;
    for (const core::SettingSpec& spec : card.settings) {
        const core::Setting* setting =
            spec.type == core::SettingType::path ? settings.find(spec.name) : nullptr;
        if (setting == nullptr) continue;
        for (const core::SettingValue& value : setting->values)
            if (const auto* path = std::get_if<std::string>(&value)) paths.push_back(*path);
    }
    return paths;
}

}   // namespace

Result<std::unique_ptr<plugin::Backend>> open_isolated(Isolation& isolation, const plugin::Vetted& plugin,
                                                       plugin::OpenRequest request) {
    const plugin::Card& card = plugin.card;
    const IsolationSettings& settings = isolation.settings;
    const bool root = ::geteuid() == 0;
    std::vector<std::string> paths = read_paths(card, request.settings);
    const bool names_socket = std::ranges::any_of(paths, [](const std::string& path) {
        std::error_code ignored;
        return std::filesystem::is_socket(path, ignored);
    });
    auto jail = plan_jail({.needs = card.needs,
                           .read_paths = std::move(paths),
                           .names_socket = names_socket,
                           .policy = settings.sandbox,
                           .kernel = isolation.kernel,
                           .memory_bytes = settings.memory_bytes,
                           .temp_bytes = settings.temp_bytes,
                           .user = root ? settings.user : 0,
                           .group = root ? settings.group : 0,
                           .forks = (card.caps & ME_CAP_FORK_AFTER_OPEN) != 0,
                           .sanitizer_build = sanitizer_build()});
    if (!jail) return util::fail(jail.error().code, request.policy.name, jail.error().message);
    ProcessPlan plan{.open = {.backend = request.policy.name,
                              .plugin = plugin.path.native(),
                              .settings = std::move(request.settings),
                              .deadline_ns = 0,
                              .temp_dir = {},
                              .jail = std::move(jail->jail)},
                     .plugin = util::UniqueFd(::fcntl(plugin.copy.fd(), F_DUPFD_CLOEXEC, 3)),
                     .forks = (card.caps & ME_CAP_FORK_AFTER_OPEN) != 0,
                     .needs_temp_dir = (card.needs & ME_NEED_TEMP_DIR) != 0,
                     .weaknesses = std::move(jail->weaknesses)};
    if (!plan.plugin)
        return util::fail_errno(Errc::io, request.policy.name, "no descriptor for the plugin", errno);
    auto backend = std::make_unique<ProcessBackend>(isolation, std::move(plan), card);
    ME_CHECK(backend->open(std::move(request.policy), request.deadline));
    return backend;
}

}   // namespace microengine::isolate
