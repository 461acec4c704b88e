// SPDX-License-Identifier: MIT
#pragma once
// Wakes a thread that sleeps in poll(): an eventfd(2).

#include "host/util/unique_fd.hpp"

namespace microengine::util {

class Wake {
public:
    /// Throws std::system_error where there is no descriptor left.
    Wake();
    /// Any thread. Many before the sleeper looks are one.
    void up() const;
    /// The sleeper, once it is awake.
    void heard() const;
    /// Readable once somebody has called up().
    [[nodiscard]] int fd() const { return fd_.get(); }

private:
    UniqueFd fd_;
};

}   // namespace microengine::util
