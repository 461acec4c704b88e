// SPDX-License-Identifier: MIT
#pragma once
// The host's handle on one helper process: it has loaded one plugin and opened one backend, and forks workers
// that share its signatures. Ends the helper, and with it its workers, with this object.

#include "host/core/scan_result.hpp"
#include "host/isolate/launcher.hpp"
#include "host/isolate/worker.hpp"
#include "host/util/mutex.hpp"
#include "host/util/result.hpp"
#include "host/wire/channel.hpp"
#include "host/wire/messages.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

namespace microengine::isolate {

struct WorkerOrder {
    int control_page = -1;
    bool full_probe = false;
    bool in_this_process = false;   ///< the zygote itself becomes the worker
    TempDir temp_dir;
    std::uint64_t deadline_ns = 0;   ///< until when it must be ready
    int stop = -1;                   ///< given up when this can be read
};

/// Any thread.
class Zygote {
public:
    /// Starts a helper, has it load the sealed plugin and open the backend. Reason codes: spawn_failed,
    /// load_crashed, open_timeout, open_crashed, and those of load_library() and InProcessBackend::open().
    /// Given up when `stop` can be read.
    [[nodiscard]] static util::Result<std::unique_ptr<Zygote>> start(Launcher& launcher, int plugin,
                                                                     const wire::OpenBackend& open, int stop);

    [[nodiscard]] const std::optional<core::SignatureFacts>& signatures() const { return opened_.signatures; }
    /// Running in it once it had opened the backend; a fork copies only one.
    [[nodiscard]] std::uint32_t threads() const { return opened_.threads; }
    [[nodiscard]] pid_t pid() const { return process_.pid(); }

    /// A worker that is probed and locked down. Reason codes: probe_failed, probe_wrong_verdict,
    /// probe_timeout, probe_crashed, sandbox_violation; other than Errc::plugin: it is not to blame.
    [[nodiscard]] util::Result<std::unique_ptr<Worker>> start_worker(WorkerOrder order);
    /// After in_this_process: how the helper ended.
    [[nodiscard]] std::optional<int> wait(std::uint64_t deadline_ns) { return process_.wait(deadline_ns); }
    void kill() { process_.kill(); }
    /// Has it been found dead, or deaf and therefore killed?
    [[nodiscard]] bool gone() const { return gone_; }

private:
    Zygote() = default;
    [[nodiscard]] util::Result<void> open(int plugin, const wire::OpenBackend& order, int stop);

    std::string backend_;
    Process process_;
    wire::Opened opened_;
    std::atomic<bool> gone_ = false;
    util::Mutex mutex_;
    wire::Channel control_ ME_GUARDED_BY(mutex_);
};

}   // namespace microengine::isolate
