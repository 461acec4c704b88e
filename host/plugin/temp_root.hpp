// SPDX-License-Identifier: MIT
#pragma once
// Private temporary directories for the backends that need one, emptied and removed with this object. What a
// killed process left behind is swept by the next one.

#include "host/util/result.hpp"
#include "host/util/unique_fd.hpp"

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>

namespace microengine::plugin {

/// Any thread.
class TempRoot {
public:
    /// Below `base`; an empty one means /dev/shm where that can be written (memory is twice as fast for small
    /// artifacts), else the system's temporary directory. Nothing is made before the first directory is asked
    /// for.
    explicit TempRoot(std::filesystem::path base);
    ~TempRoot();
    TempRoot(const TempRoot&) = delete;
    TempRoot& operator=(const TempRoot&) = delete;

    /// A new, empty directory, readable and writable by this user only.
    [[nodiscard]] util::Result<std::filesystem::path> make(const std::string& backend);
    /// The same for a process that becomes this user and group; 0: that stays who we are.
    [[nodiscard]] util::Result<std::filesystem::path> make_for(const std::string& backend, std::uint32_t user,
                                                               std::uint32_t group);

private:
    [[nodiscard]] util::Result<std::filesystem::path> root();
    std::filesystem::path base_;
    std::mutex mutex_;
    std::filesystem::path root_;   // empty until needed; guarded by mutex_
    util::UniqueFd lock_;          // of root_; guarded by mutex_
};

}   // namespace microengine::plugin
