// SPDX-License-Identifier: MIT
#pragma once
// The host's view of a configured, opened plugin, wherever it runs. Everything above this interface cannot
// tell a backend in this process from one in a process of its own.

#include "host/core/artifact.hpp"
#include "host/core/deadline.hpp"
#include "host/core/scan_result.hpp"
#include "host/plugin/host_table.hpp"
#include "host/util/result.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::plugin {

struct ScanRequest {
    const core::Artifact* artifact = nullptr;
    core::Deadline deadline;           ///< of the artifact
    core::Deadline backend_deadline;   ///< the backend's own timeout, if that is earlier
    const CancelWord* cancel = nullptr;
    const HearDetection* heard = nullptr;   ///< told of each detection at once; may be null
    int file = -1;             ///< exactly the artifact's bytes, for plugins that need it; -1: make one
    bool all_matches = true;   ///< false: stopping at the first malicious match is fine
};

/// One thread at a time, not always the same. Ends before its backend.
class Scanner {
public:
    Scanner() = default;
    Scanner(const Scanner&) = delete;
    Scanner& operator=(const Scanner&) = delete;
    virtual ~Scanner() = default;
    /// Judges one artifact and fills everything of `out` but backend and duration. Whatever goes wrong is an
    /// outcome. Where the cancel word is set already, the backend is skipped.
    virtual void scan(const ScanRequest& request, core::ScanResult& out) = 0;
    /// Any thread, after the request's cancel word was set: ends the running scan soon, if the backend can.
    /// Where none runs it does nothing: a scan that starts later looks at its own request's word.
    virtual void cancel() noexcept = 0;
};

/// Can it be asked? What operators see of a backend, and why.
struct Health {
    enum class State : std::uint8_t { ready, degraded, quarantined };
    State state = State::ready;
    std::string why;                                         ///< of a state that is not ready
    std::string isolation;                                   ///< "in_process", "process"
    std::vector<std::string> weaknesses;                     ///< of its sandbox, a sentence each
    std::uint64_t faults = 0, trips = 0, lost_workers = 0;   ///< since it was opened
    std::uint64_t memory_bytes = 0;   ///< resident, of the process that has the signatures; 0: unknown
};

/// "ready", "degraded", "quarantined".
[[nodiscard]] constexpr std::string_view to_text(Health::State state) {
    switch (state) {
        case Health::State::ready:
            return "ready";
        case Health::State::degraded:
            return "degraded";
        case Health::State::quarantined:
            return "quarantined";
    }
    return "";
}

/// Immutable once opened: any thread.
class Backend {
public:
    Backend() = default;
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;
    virtual ~Backend() = default;
    [[nodiscard]] virtual const std::shared_ptr<const core::BackendFacts>& facts() const = 0;
    [[nodiscard]] virtual bool takes(core::ArtifactType type) const = 0;
    /// May several of its scanners scan at the same time?
    [[nodiscard]] virtual bool parallel() const = 0;
    [[nodiscard]] virtual util::Result<std::unique_ptr<Scanner>> open_scanner() = 0;
    [[nodiscard]] virtual Health health() const = 0;
    /// Do its scanners read the artifact from memory that is shared with another process?
    [[nodiscard]] virtual bool isolated() const = 0;
};

}   // namespace microengine::plugin
