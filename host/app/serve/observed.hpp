// SPDX-License-Identifier: MIT
#pragma once
// The scan service that frontends get: every scan of every frontend leaves its numbers, its line in the log,
// and word for who listens.

#include "host/engine/operations.hpp"
#include "host/engine/scan_service.hpp"

#include <atomic>
#include <memory>

namespace microengine::app {

class Observed final : public engine::ScanService {
public:
    /// `inner` outlives it, and answers every job before it ends.
    explicit Observed(engine::ScanService& inner) : inner_(inner) {}

    [[nodiscard]] engine::Offer offer(engine::Job&& job) override;
    [[nodiscard]] bool accepting() const override { return inner_.accepting(); }
    [[nodiscard]] std::shared_ptr<const engine::Generation> generation() const override {
        return inner_.generation();
    }
    [[nodiscard]] engine::Load load() const override { return inner_.load(); }

    /// Hears of every report from now on; null: nobody does. Until then it may still be told.
    void listen(engine::ReportListener* listener) { listener_ = listener; }
    void tell(const engine::ReloadOutcome& outcome);

private:
    engine::ScanService& inner_;
    std::atomic<engine::ReportListener*> listener_ = nullptr;
};

}   // namespace microengine::app
