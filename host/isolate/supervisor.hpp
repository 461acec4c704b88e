// SPDX-License-Identifier: MIT
#pragma once
// Keeps one backend's processes alive: starts workers, counts what goes wrong, takes the backend out of
// service and back in. Everything that its scanners share.

#include "host/isolate/breaker.hpp"
#include "host/isolate/isolation.hpp"
#include "host/isolate/poison_list.hpp"
#include "host/isolate/worker.hpp"
#include "host/isolate/zygote.hpp"
#include "host/plugin/backend.hpp"
#include "host/util/mutex.hpp"
#include "host/util/unique_fd.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace microengine::isolate {

/// What is the same for every process of the backend.
struct ProcessPlan {
    wire::OpenBackend open;   ///< deadline and temporary directory are filled in for each start
    util::UniqueFd plugin;    ///< the sealed copy
    bool forks = false;       ///< the plugin's promise; else one helper for each worker
    bool needs_temp_dir = false;
    std::vector<std::string> weaknesses;
};

/// What a scanner works with. The page outlives the workers that read it.
struct Post {
    wire::ControlPage page;
    std::unique_ptr<Worker> worker;   ///< null: the first scan asks for one, and knows until when it can wait
};

/// Why there is no worker now.
struct NoWorker {
    core::Reason reason = core::Reason::not_ready;
    std::string why;
};

/// Any thread. Outlives the workers it has given away.
class Supervisor {
public:
    Supervisor(Isolation& isolation, ProcessPlan plan);
    ~Supervisor();
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

    /// The first start, before anything is scanned: a helper and a worker with all canaries.
    [[nodiscard]] util::Result<std::optional<core::SignatureFacts>> open(std::uint64_t deadline_ns);

    /// For a new scanner.
    [[nodiscard]] util::Result<Post> take_post();
    /// A worker for the scanner with this control page; waits for one while the helper is being restarted,
    /// but not beyond the artifact's deadline, and not once `cancel_event` can be read.
    [[nodiscard]] std::expected<std::unique_ptr<Worker>, NoWorker> worker(int control_page, int cancel_event,
                                                                          const plugin::ScanRequest& request);
    /// Whoever waits for a worker looks again whether its scan was cancelled.
    void wake();
    /// May this artifact go to the backend? Else why not, and which outcome that is.
    /// Waits a moment for one that is out of service.
    [[nodiscard]] std::optional<NoWorker> refuses(const plugin::ScanRequest& request);
    /// A worker crashed, was killed or lied while it judged this artifact; `again`: the second one. True: the
    /// artifact is on the list from now on.
    bool fault(const Answer& answer, const std::optional<util::Sha256>& artifact, bool again);
    [[nodiscard]] plugin::Health health() const;

private:
    [[nodiscard]] util::Result<std::unique_ptr<Zygote>> start_zygote(std::uint64_t deadline_ns);
    [[nodiscard]] util::Result<std::unique_ptr<Worker>> start_worker(const std::shared_ptr<Zygote>& zygote,
                                                                     int control_page, bool full_probe,
                                                                     std::uint64_t deadline_ns, int stop);
    /// Has it loaded other signatures than the first one?
    [[nodiscard]] bool differs(const Zygote& zygote);
    [[nodiscard]] static util::Result<std::unique_ptr<Worker>> become_worker(std::unique_ptr<Zygote> own,
                                                                             WorkerOrder order);
    [[nodiscard]] util::Result<WorkerOrder> order_for(int control_page, bool full_probe,
                                                      std::uint64_t deadline_ns, int stop);
    [[nodiscard]] std::expected<std::shared_ptr<Zygote>, NoWorker> wait_for_zygote(
        const plugin::ScanRequest& request, std::uint64_t deadline_ns);
    void probed_badly(const util::Error& error);
    void lost(const std::shared_ptr<Zygote>& zygote, const std::string& why);
    void tell_state() ME_REQUIRES(mutex_);
    void mend(const std::stop_token& stop);
    void revive(const std::stop_token& stop);

    Isolation& isolation_;
    ProcessPlan plan_;
    std::optional<core::SignatureFacts> signatures_;   // of the first start; what is remembered is theirs
    std::atomic<bool> told_differs_ = false;
    wire::ControlPage probe_page_;   // for workers that only prove themselves
    util::UniqueFd ending_;          // can be read once this object is to end

    mutable util::Mutex mutex_;
    util::Condition changed_;
    /// Null: it is gone, or there is none because the plugin does not fork. Shared with the threads that are
    /// asking it for a worker.
    std::shared_ptr<Zygote> zygote_ ME_GUARDED_BY(mutex_);
    Breaker breaker_ ME_GUARDED_BY(mutex_);
    PoisonList poison_ ME_GUARDED_BY(mutex_);
    std::optional<Post> spare_ ME_GUARDED_BY(mutex_);   // with the first worker, for the first scanner
    std::uint64_t lost_workers_ ME_GUARDED_BY(mutex_) = 0;
    std::jthread mender_;   // last: ends before what it uses
};

}   // namespace microengine::isolate
