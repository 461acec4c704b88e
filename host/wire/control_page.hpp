// SPDX-License-Identifier: MIT
#pragma once
// One page that the host writes and a worker reads: the word that ends the running scan, and a count to wait
// on, so that no cancellation is taken for the one before.

#include "host/core/outcome.hpp"
#include "host/util/result.hpp"
#include "host/util/unique_fd.hpp"

#include <atomic>
#include <cstdint>

namespace microengine::wire {

/// Reason::none: go on.
using CancelWord = std::atomic<core::Reason>;
/// The page as both sides map it.
struct ControlWords {
    CancelWord cancel;
    std::atomic<std::uint32_t> cancellations;   ///< since the page was made; a futex
};

/// The host's side. Any thread.
class ControlPage {
public:
    [[nodiscard]] static util::Result<ControlPage> make();
    ControlPage(ControlPage&& other) noexcept;
    ControlPage& operator=(ControlPage&& other) noexcept;
    ControlPage(const ControlPage&) = delete;
    ControlPage& operator=(const ControlPage&) = delete;
    ~ControlPage();

    /// What the worker maps: nobody but this process can write it, where the kernel has that seal.
    [[nodiscard]] int fd() const { return fd_.get(); }
    void reset() { words_->cancel.store(core::Reason::none); }
    /// And wakes whoever waits in wait_for_cancellation().
    void cancel(core::Reason why);
    [[nodiscard]] core::Reason cancelled() const { return words_->cancel.load(); }

private:
    ControlPage() = default;
    util::UniqueFd fd_;
    ControlWords* words_ = nullptr;
};

/// The worker's side: maps the page for life. Null: it cannot be mapped.
[[nodiscard]] const ControlWords* map_control_page(int fd);
/// Until there have been others than `seen`: how many now. Whether one still holds, the word says.
[[nodiscard]] std::uint32_t wait_for_cancellation(const ControlWords& words, std::uint32_t seen);

}   // namespace microengine::wire
