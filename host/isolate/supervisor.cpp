// SPDX-License-Identifier: MIT
#include "host/isolate/supervisor.hpp"

#include "host/core/deadline.hpp"
#include "host/util/clock.hpp"
#include "host/util/digest.hpp"
#include "host/util/log.hpp"
#include "host/util/memory.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <utility>

namespace microengine::isolate {

using core::Reason;
using util::Errc;
using util::Lock;
using util::Result;

namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kReopenWait = 600 * kSecond;   // as long as the first opening may take
constexpr std::uint64_t kProbeWait = 60 * kSecond;
constexpr std::uint64_t kComeback = kSecond;   // how long an artifact waits for a backend that is out

wire::ControlPage control_page() {
    auto page = wire::ControlPage::make();
    util::ensure(page.has_value(), "there is memory for a page");
    return *std::move(page);
}

Reason cancelled(const plugin::ScanRequest& request) {
    return request.cancel == nullptr ? Reason::none : request.cancel->load();
}

bool is_forbidden(const util::Error& error) { return error.message.starts_with("sandbox_violation"); }

}   // namespace

Supervisor::Supervisor(Isolation& isolation, ProcessPlan plan)
    : isolation_(isolation),
      plan_(std::move(plan)),
      probe_page_(control_page()),
      ending_(::eventfd(0, EFD_CLOEXEC)),
      breaker_(isolation.settings.breaker, std::minstd_rand(std::random_device()())),
      poison_(isolation.settings.poison) {
    util::ensure(static_cast<bool>(ending_), "there is a descriptor for an event");
}

Supervisor::~Supervisor() {
    mender_.request_stop();
    const std::uint64_t one = 1;
    (void)!::write(ending_.get(), &one, sizeof one);
}

Result<std::unique_ptr<Zygote>> Supervisor::start_zygote(std::uint64_t deadline_ns) {
    wire::OpenBackend order = plan_.open;
    order.deadline_ns = deadline_ns;
    TempDir temp_dir;
    if (plan_.needs_temp_dir) temp_dir = TempDir(ME_TRY(isolation_.temp_root.make(order.backend)));
    order.temp_dir = temp_dir.path();
    return Zygote::start(isolation_.launcher, plan_.plugin.get(), order, ending_.get());
}

Result<WorkerOrder> Supervisor::order_for(int control_page, bool full_probe, std::uint64_t deadline_ns,
                                          int stop) {
    const wire::Jail& jail = plan_.open.jail;
    WorkerOrder order{.control_page = control_page,
                      .full_probe = full_probe,
                      .in_this_process = !plan_.forks,
                      .temp_dir = {},
                      .deadline_ns = deadline_ns,
                      .stop = stop};
    if (plan_.needs_temp_dir)
        order.temp_dir =
            TempDir(ME_TRY(isolation_.temp_root.make_for(plan_.open.backend, jail.user, jail.group)));
    return order;
}

Result<std::unique_ptr<Worker>> Supervisor::start_worker(const std::shared_ptr<Zygote>& zygote,
                                                         int control_page, bool full_probe,
                                                         std::uint64_t deadline_ns, int stop) {
    WorkerOrder order = ME_TRY(order_for(control_page, full_probe, deadline_ns, stop));
    // Without the promise nothing is shared: each worker opens the backend for itself.
    std::unique_ptr<Zygote> own;
    if (!plan_.forks) own = ME_TRY(start_zygote(deadline_ns));
    const bool other = differs(own != nullptr ? *own : *zygote);
    auto worker = ME_TRY(own != nullptr ? become_worker(std::move(own), std::move(order))
                                        : zygote->start_worker(std::move(order)));
    worker->set_other_signatures(other);
    return worker;
}

bool Supervisor::differs(const Zygote& zygote) {
    if (zygote.signatures() == signatures_) return false;
    if (!told_differs_.exchange(true))
        util::log(
            util::Level::warning, "signatures_changed",
            {{"backend", plan_.open.backend},
             {"why", "a process opened later has others than the first: its answers are not remembered"}});
    return true;
}

Result<std::unique_ptr<Worker>> Supervisor::become_worker(std::unique_ptr<Zygote> own, WorkerOrder order) {
    const std::uint64_t deadline_ns = order.deadline_ns;
    const int stop = order.stop;
    auto worker = ME_TRY(own->start_worker(std::move(order)));
    worker->keep(std::move(own));
    ME_CHECK(worker->wait_ready(deadline_ns, stop));
    return worker;
}

Result<std::optional<core::SignatureFacts>> Supervisor::open(std::uint64_t deadline_ns) {
    auto zygote = ME_TRY(start_zygote(deadline_ns));
    if (plan_.forks && zygote->threads() > 1) {
        plan_.forks = false;
        plan_.weaknesses.push_back(
            "fork_promise_broken: it leaves a thread running after it has opened; each worker opens it anew");
        util::log(util::Level::warning, "fork_promise_broken",
                  {{"backend", plan_.open.backend}, {"threads", std::to_string(zygote->threads())}});
    }
    signatures_ = zygote->signatures();
    Post post{.page = ME_TRY(wire::ControlPage::make()), .worker = nullptr};
    std::shared_ptr<Zygote> shared;
    if (plan_.forks) {
        shared = std::move(zygote);
        post.worker = ME_TRY(start_worker(shared, post.page.fd(), true, deadline_ns, ending_.get()));
    } else {
        WorkerOrder order = ME_TRY(order_for(post.page.fd(), true, deadline_ns, ending_.get()));
        post.worker = ME_TRY(become_worker(std::move(zygote), std::move(order)));
    }
    {
        const Lock lock(mutex_);
        spare_ = std::move(post);
        zygote_ = std::move(shared);
    }
    // Now, and not when it is needed: then there may be no thread to be had.
    mender_ = std::jthread([this](const std::stop_token& stop) { mend(stop); });
    return signatures_;
}

Result<Post> Supervisor::take_post() {
    {
        const Lock lock(mutex_);
        if (spare_) {
            Post post = *std::move(spare_);
            spare_.reset();
            return post;
        }
    }
    return Post{.page = ME_TRY(wire::ControlPage::make()), .worker = nullptr};
}

std::expected<std::shared_ptr<Zygote>, NoWorker> Supervisor::wait_for_zygote(
    const plugin::ScanRequest& request, std::uint64_t deadline_ns) {
    Lock lock(mutex_);
    const auto usable = [&]() ME_REQUIRES(mutex_) {
        return !breaker_.closed() || zygote_ != nullptr || !plan_.forks || cancelled(request) != Reason::none;
    };
    if (!changed_.wait_until(lock, util::time_of(deadline_ns), usable))
        return std::unexpected(NoWorker{.why = "its helper process is being started again"});
    if (const Reason why = cancelled(request); why != Reason::none)
        return std::unexpected(NoWorker{.reason = why, .why = {}});
    if (!breaker_.closed())
        return std::unexpected(NoWorker{.reason = Reason::breaker_open, .why = breaker_.why()});
    return zygote_;
}

std::expected<std::unique_ptr<Worker>, NoWorker> Supervisor::worker(int control_page, int cancel_event,
                                                                    const plugin::ScanRequest& request) {
    const std::uint64_t probed = util::monotonic_ns() + kProbeWait;
    const std::uint64_t deadline_ns =
        request.deadline.exists() ? std::min(request.deadline.ns(), probed) : probed;
    for (;;) {
        const auto zygote = wait_for_zygote(request, deadline_ns);
        if (!zygote) return std::unexpected(zygote.error());
        auto worker = start_worker(*zygote, control_page, false, deadline_ns, cancel_event);
        if (worker) return *std::move(worker);
        if (const Reason why = cancelled(request); why != Reason::none)
            return std::unexpected(NoWorker{.reason = why, .why = {}});
        if (*zygote == nullptr || !(*zygote)->gone()) {
            // Neither a shortage of our own (descriptors, processes, space) nor an artifact that came too
            // late is a fault of the backend.
            const bool too_late = deadline_ns < probed && util::monotonic_ns() >= deadline_ns;
            if (worker.error().code == Errc::plugin && !too_late) probed_badly(worker.error());
            return std::unexpected(NoWorker{.why = worker.error().text()});
        }
        lost(*zygote, worker.error().message);
    }
}

void Supervisor::probed_badly(const util::Error& error) {
    const Lock lock(mutex_);
    breaker_.probed_badly(util::monotonic_ns(), error.message, is_forbidden(error));
    tell_state();
}

void Supervisor::wake() {
    {
        const Lock lock(mutex_);
    }   // not between a waiter's look and its sleep
    changed_.notify_all();
}

void Supervisor::lost(const std::shared_ptr<Zygote>& zygote, const std::string& why) {
    const Lock lock(mutex_);
    if (zygote_ != zygote) return;   // somebody else has seen it
    zygote_ = nullptr;
    util::log(util::Level::warning, "helper_lost",
              {{"backend", plan_.open.backend}, {"pid", std::to_string(zygote->pid())}, {"why", why}});
    breaker_.fault(util::monotonic_ns(), why);
    tell_state();
}

std::optional<NoWorker> Supervisor::refuses(const plugin::ScanRequest& request) {
    Lock lock(mutex_);
    if (poison_.listed(request.artifact->facts.sha256, util::monotonic_ns()))
        return NoWorker{.reason = Reason::poison,
                        .why = "this artifact ended its process twice, and is not given to it again"};
    // It may be back in a moment: an artifact that can wait need not go without its vote.
    if (breaker_.state() == BreakerState::degraded) {
        const core::Deadline soon(util::monotonic_ns() + kComeback);
        changed_.wait_until(
            lock, util::time_of(request.deadline.earlier(soon).ns()), [&]() ME_REQUIRES(mutex_) {
                return breaker_.state() != BreakerState::degraded || cancelled(request) != Reason::none;
            });
    }
    if (!breaker_.closed()) return NoWorker{.reason = Reason::breaker_open, .why = breaker_.why()};
    return std::nullopt;
}

bool Supervisor::fault(const Answer& answer, const std::optional<util::Sha256>& artifact, bool again) {
    bool listed = false;
    {
        const Lock lock(mutex_);
        const std::uint64_t now = util::monotonic_ns();
        ++lost_workers_;
        // When the helper took it along, the artifact is not to blame; whoever asks for a worker next sees
        // it.
        if (answer.ending != Answer::Ending::orphaned) {
            listed = poison_.strike(artifact, now) >= isolation_.settings.poison.strikes;
            const bool was_closed = breaker_.closed();
            // An artifact that ends two fresh workers is one fault, not two.
            if (!again) breaker_.fault(now, answer.why);
            if (was_closed && !breaker_.closed()) tell_state();
        }
    }
    util::log(util::Level::warning, "worker_lost",
              {{"backend", plan_.open.backend},
               {"why", answer.why},
               {"sha256", artifact ? util::hex(*artifact) : "-"},
               {"listed", listed ? "yes" : "no"}});
    return listed;
}

void Supervisor::tell_state() {
    if (breaker_.state() != BreakerState::ready)
        util::log(util::Level::warning, "backend_out_of_service",
                  {{"backend", plan_.open.backend},
                   {"state", std::string(to_text(breaker_.state()))},
                   {"why", breaker_.why()}});
    changed_.notify_all();
}

void Supervisor::mend(const std::stop_token& stop) {
    for (;;) {
        {
            Lock lock(mutex_);
            const auto due = [this]() ME_REQUIRES(mutex_) {
                if (breaker_.state() == BreakerState::quarantined) return false;
                if (breaker_.closed()) return plan_.forks && zygote_ == nullptr;
                return breaker_.half_open(util::monotonic_ns());
            };
            while (!stop.stop_requested() && !due()) {
                if (const auto at = breaker_.probe_at())
                    changed_.wait_until(lock, stop, util::time_of(*at), due);
                else
                    changed_.wait(lock, stop, [&]() ME_REQUIRES(mutex_) {
                        return due() || breaker_.probe_at().has_value();
                    });
            }
            if (stop.stop_requested()) return;
        }
        revive(stop);
    }
}

void Supervisor::revive(const std::stop_token& stop) {
    std::shared_ptr<Zygote> zygote;
    {
        const Lock lock(mutex_);
        zygote = zygote_;
    }
    const std::uint64_t until = util::monotonic_ns() + kReopenWait;
    auto worker = [&]() -> Result<std::unique_ptr<Worker>> {
        if (plan_.forks && zygote == nullptr) zygote = ME_TRY(start_zygote(until));
        return start_worker(zygote, probe_page_.fd(), true, until, ending_.get());
    }();
    const Lock lock(mutex_);
    const std::uint64_t now = util::monotonic_ns();
    if (worker) {
        if (plan_.forks) zygote_ = std::move(zygote);
        const bool was_out = !breaker_.closed();
        breaker_.probed_well(now);
        util::log(util::Level::warning, was_out ? "backend_in_service" : "helper_restarted",
                  {{"backend", plan_.open.backend}});
    } else if (stop.stop_requested()) {
        return;   // it was given up, and proves nothing
    } else {
        if (zygote != nullptr && zygote->gone()) zygote_ = nullptr;
        breaker_.probed_badly(now, worker.error().message, is_forbidden(worker.error()));
        util::log(util::Level::warning, "backend_not_revived",
                  {{"backend", plan_.open.backend},
                   {"state", std::string(to_text(breaker_.state()))},
                   {"why", worker.error().message}});
    }
    changed_.notify_all();
}

plugin::Health Supervisor::health() const {
    const Lock lock(mutex_);
    return {.state = breaker_.state(),
            .why = breaker_.why(),
            .isolation = "process",
            .weaknesses = plan_.weaknesses,
            .faults = breaker_.faults(),
            .trips = breaker_.trips(util::monotonic_ns()),
            .lost_workers = lost_workers_,
            .memory_bytes = zygote_ ? util::resident_bytes(zygote_->pid()) : 0};
}

}   // namespace microengine::isolate
