// SPDX-License-Identifier: MIT
#include "interrupt.hpp"

#include "objects.hpp"

#include <exception>
#include <thread>

namespace microengine::python {

Interruptible::Interruptible(Running& running) : running_(running) {
    ++running_.number;
    running_.thread = PyThread_get_thread_ident();
}
Interruptible::~Interruptible() {
    (void)PyThreadState_SetAsyncExc(running_.thread, nullptr);   // one that came too late
    running_.thread = 0;
}

void interrupt(const std::shared_ptr<Running>& running) noexcept {
    const std::uint64_t number = running->number;
    if (running->asked.exchange(number) == number) return;
    try {
        // Detached: whoever waits for the interpreter may wait long, and touches nothing but what it owns.
        std::thread([running, number] {
            const Lock lock;
            if (running->thread != 0 && running->number == number)
                (void)PyThreadState_SetAsyncExc(running->thread, PyExc_KeyboardInterrupt);
        }).detach();
    } catch (const std::exception&) {
        return;   // no thread, or no memory for one: the host ends it
    }
}

}   // namespace microengine::python
