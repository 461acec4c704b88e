// SPDX-License-Identifier: MIT
#pragma once
// Ends Python code that computes: an exception, KeyboardInterrupt, is raised in it from another thread.

#include <atomic>
#include <cstdint>
#include <memory>

namespace microengine::python {

/// The scan that a scanner is at. `thread` is read and written only by who holds Lock.
struct Running {
    std::atomic<std::uint64_t> number{0};   ///< of the scan, counted from 1
    std::atomic<std::uint64_t> asked{0};    ///< the last one that somebody is about to interrupt
    unsigned long thread = 0;               ///< Python's number of it; 0: nothing runs
};

/// While it lives, a scan of this scanner runs on this thread. Needs Lock.
class Interruptible {
public:
    explicit Interruptible(Running& running);
    ~Interruptible();
    Interruptible(const Interruptible&) = delete;
    Interruptible& operator=(const Interruptible&) = delete;

private:
    Running& running_;
};

/// Raises it in the scan that runs now, if it still does once the interpreter can be had. Any thread; does
/// not wait for that, and may do nothing if there are no threads to be had.
void interrupt(const std::shared_ptr<Running>& running) noexcept;

}   // namespace microengine::python
