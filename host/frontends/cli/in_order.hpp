// SPDX-License-Identifier: MIT
#pragma once
// Reports come when they are ready and leave in the order of the artifacts.

#include "host/core/report.hpp"
#include "host/util/mutex.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>

namespace microengine::cli {

/// Any thread. `take` is called with one report at a time, in order, on whichever thread completed the row.
class InOrder {
public:
    InOrder(std::size_t window, std::function<void(core::Report)> take)
        : window_(window), take_(std::move(take)) {}

    /// The next artifact's number. Waits while more than `window` reports are held back behind a slow one.
    [[nodiscard]] std::uint64_t next_number();
    /// The report of artifact `number`, exactly once each; nothing: there will be none.
    void put(std::uint64_t number, std::optional<core::Report> report);

private:
    const std::size_t window_;
    const std::function<void(core::Report)> take_;
    util::Mutex mutex_;
    util::Condition moved_;
    std::uint64_t given_ ME_GUARDED_BY(mutex_) = 0;
    std::uint64_t taken_ ME_GUARDED_BY(mutex_) = 0;
    bool taking_ ME_GUARDED_BY(mutex_) =
        false;   // a thread is in take_; it goes on as long as there is a next one
    std::map<std::uint64_t, std::optional<core::Report>> waiting_ ME_GUARDED_BY(mutex_);
};

}   // namespace microengine::cli
