// SPDX-License-Identifier: MIT
#pragma once
// The host's handle on one worker: a locked-down process with one scanner. It is hostile until proven
// otherwise: whatever it sends is checked, whatever it does it is over by the deadline and a short grace.

#include "host/core/scan_result.hpp"
#include "host/isolate/answer.hpp"
#include "host/isolate/temp_dir.hpp"
#include "host/plugin/backend.hpp"
#include "host/util/unique_fd.hpp"
#include "host/wire/channel.hpp"
#include "host/wire/control_page.hpp"

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace microengine::isolate {

class Zygote;

/// Where the artifact's scan is cancelled from: the page the worker reads and the event the host waits for.
struct Cancellation {
    const wire::ControlPage& page;
    int event = -1;
};

/// One thread at a time. Kills the worker with this object.
class Worker {
public:
    struct Parts {
        std::string backend;
        wire::Channel channel, fate;
        util::UniqueFd pidfd;
        pid_t pid = 0;
        TempDir temp_dir;
    };
    explicit Worker(Parts parts);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// Until it is ready, or why it never will be: then it is of no use any more. Reason codes: see
    /// Zygote::start_worker().
    [[nodiscard]] util::Result<void> wait_ready(std::uint64_t deadline_ns, int stop);
    /// One scan. `out` gets the detections in any case, and everything else when it was answered. After
    /// anything but an answer the worker is dead.
    [[nodiscard]] Answer ask(const plugin::ScanRequest& request, bool wants_file,
                             const Cancellation& cancellation, core::ScanResult& out);
    /// Is it time for a fresh one? After many scans, or when it has grown.
    [[nodiscard]] bool worn() const { return worn_; }
    [[nodiscard]] pid_t pid() const { return pid_; }
    /// Its helper was opened later than the first, and has loaded others.
    [[nodiscard]] bool has_other_signatures() const { return other_signatures_; }
    void set_other_signatures(bool other) { other_signatures_ = other; }
    /// The helper that became this worker; shared with nobody.
    void keep(std::unique_ptr<Zygote> own);

private:
    [[nodiscard]] Answer listen(std::uint64_t deadline_ns, const Cancellation& cancellation,
                                core::ScanResult& out);
    [[nodiscard]] std::optional<Answer> read_messages(const Cancellation& cancellation,
                                                      core::ScanResult& out);
    [[nodiscard]] std::string take_message(core::ScanResult& out, bool& finished);
    [[nodiscard]] Answer give_up(Answer::Ending ending, std::string why);
    [[nodiscard]] Answer post_mortem();
    /// Waits until it is dead. Nothing: how is not known, because its zygote is `gone` or slow.
    [[nodiscard]] std::optional<int> wait_status(bool& gone);
    void kill();
    void look_at_wear();

    std::string backend_;
    wire::Channel channel_, fate_;
    util::UniqueFd pidfd_;
    pid_t pid_ = 0;
    TempDir temp_dir_;
    std::unique_ptr<Zygote> own_;
    std::uint64_t mapped_ = 0;        // the lasting memory file that it has mapped
    std::uint64_t scans_ = 0;         // begun
    std::uint64_t fresh_bytes_ = 0;   // private memory when it was ready
    bool worn_ = false;
    bool other_signatures_ = false;
    std::size_t said_ = 0, details_ = 0;   // of the running scan
};

}   // namespace microengine::isolate
