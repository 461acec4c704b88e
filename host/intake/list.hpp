// SPDX-License-Identifier: MIT
#pragma once
// A list of paths from a file or a pipe: one a line, or each ended by a NUL as `find -print0` writes them. A
// line may end in CR LF; a name that itself ends in CR needs the list with NULs.

#include "host/util/result.hpp"
#include "host/util/unique_fd.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace microengine::intake {

/// Streams: holds one block, never the list, and gives an entry as soon as it is there. Which kind it is
/// follows from a NUL in the first kLookAhead bytes and does not depend on how a pipe cuts them. One thread
/// at a time.
class PathList {
public:
    static constexpr std::size_t kLookAhead = std::size_t{64} << 10;   ///< also the longest path

    /// "-" is standard input. `stop`: as in Limits; waiting for more ends, as if the list did.
    [[nodiscard]] static util::Result<PathList> open(const std::string& path, int stop = -1);
    /// The descriptor stays the caller's.
    PathList(int fd, std::string name, int stop = -1) : fd_(fd), stop_(stop), name_(std::move(name)) {}

    /// The next path, bytes; nothing at the end. Empty entries are left out. After an error: nothing more.
    [[nodiscard]] util::Result<std::optional<std::string>> next();

private:
    PathList(util::UniqueFd owned, std::string name, int stop)
        : owned_(std::move(owned)), fd_(owned_.get()), stop_(stop), name_(std::move(name)) {}
    [[nodiscard]] util::Result<void> read_piece();
    [[nodiscard]] util::Result<std::optional<std::string>> entry();

    util::UniqueFd owned_;
    int fd_;
    int stop_;
    std::string name_;
    std::string block_;
    std::size_t at_ = 0;   ///< of the next entry in block_
    std::size_t entries_ = 0;
    char separator_ = '\0';
    bool started_ = false;
    bool ended_ = false;   ///< nothing more to read
};

}   // namespace microengine::intake
