// SPDX-License-Identifier: MIT
#pragma once
// The numbers that are not counted but asked for, when somebody looks: load, backends, signatures, this
// process.

#include "host/engine/operations.hpp"
#include "host/engine/scan_service.hpp"
#include "host/intake/spool.hpp"

#include <prometheus/collectable.h>

#include <vector>

namespace microengine::app {

/// Any thread. What it is given outlives it.
class LiveMetrics final : public prometheus::Collectable {
public:
    LiveMetrics(const engine::ScanService& service, const engine::Operations& operations,
                const intake::SpoolRoom& room)
        : service_(service), operations_(operations), room_(room) {}
    [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

private:
    const engine::ScanService& service_;
    const engine::Operations& operations_;
    const intake::SpoolRoom& room_;
};

}   // namespace microengine::app
