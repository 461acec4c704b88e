// SPDX-License-Identifier: MIT
#pragma once
// The zygote's children: each is forked, watched and buried, and the host learns how it ended.

#include "host/util/unique_fd.hpp"
#include "host/wire/channel.hpp"

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace microengine::helper {

/// The zygote's only thread.
class Nursery {
public:
    Nursery();
    Nursery(const Nursery&) = delete;
    Nursery& operator=(const Nursery&) = delete;
    ~Nursery() = default;

    /// Until `fd` can be read. Buries who has died meanwhile.
    void wait(int fd);
    enum class Side : std::uint8_t { parent, child };
    /// The host is told the child's pid, with a descriptor for it, over `fate`; or by the end of `fate` that
    /// there is none. In the child everything of the parent's is closed.
    [[nodiscard]] Side fork(wire::Channel fate);

private:
    void bury();

    struct Child {
        pid_t pid = 0;
        wire::Channel fate;
    };
    util::UniqueFd signals_;
    std::vector<Child> children_;
};

}   // namespace microengine::helper
