// SPDX-License-Identifier: MIT
#pragma once
// The engine of a daemon: its generation can be replaced while it scans. Every scan ends on the generation it
// began on.

#include "host/engine/engine.hpp"
#include "host/engine/scan_service.hpp"
#include "host/util/mutex.hpp"

#include <memory>
#include <vector>

namespace microengine::engine {

class LiveEngine final : public ScanService {
public:
    /// Throws where no thread can be started.
    LiveEngine(std::shared_ptr<const Generation> generation, EngineSettings settings);
    /// Cancels what still waits or runs, and answers it.
    ~LiveEngine() override;
    LiveEngine(const LiveEngine&) = delete;
    LiveEngine& operator=(const LiveEngine&) = delete;

    [[nodiscard]] Offer offer(Job&& job) override;
    [[nodiscard]] std::shared_ptr<const Generation> generation() const override;
    [[nodiscard]] Load load() const override;

    /// The next jobs are scanned on this one. Then waits for the scans of the one before and lets go of it.
    /// One caller at a time. Where no thread can be started it throws and nothing has changed.
    void replace(std::shared_ptr<const Generation> next);
    /// The same, but jobs only wait from here on: replace() must follow. For who has to let go of one
    /// generation before it can open the next.
    void hold(std::shared_ptr<const Generation> meanwhile);
    /// Waits until every accepted job has been answered. Nobody replaces meanwhile.
    void drain();
    /// No more jobs; see Engine::cancel(). Also ends the waiting of replace().
    void cancel();

private:
    [[nodiscard]] std::shared_ptr<Engine> current() const;
    void exchange(std::shared_ptr<Engine> fresh);

    EngineSettings settings_;
    mutable util::Mutex mutex_;
    // Shared with who is just asking it something. The last to let go is replace() or the destructor.
    std::shared_ptr<Engine> current_ ME_GUARDED_BY(mutex_);
    std::shared_ptr<Engine> retiring_ ME_GUARDED_BY(mutex_);
    bool cancelled_ ME_GUARDED_BY(mutex_) = false;
};

}   // namespace microengine::engine
