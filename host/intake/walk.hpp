// SPDX-License-Identifier: MIT
#pragma once
// What is below a path, in a fixed order: entries of a directory by their bytes.

#include "host/intake/file.hpp"
#include "host/util/unique_fd.hpp"

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace microengine::intake {

struct WalkOptions {
    std::size_t max_depth = 255;     ///< directories below the root, one in the other; deeper ones are errors
    bool same_file_system = false;   ///< skip directories on other file systems than the root's
};

struct WalkItem {
    enum class Kind : std::uint8_t {
        artifact,   ///< something to read; where it is stands in `place`
        error,      ///< should have given artifacts and gave none
        skipped,    ///< holds nothing to scan by intention: a symbolic link, a FIFO, another file system
    };
    Kind kind = Kind::artifact;
    std::string path;   ///< as named, with what was walked added: bytes, not necessarily text
    FilePlace place;
    std::string message;   ///< of an error or a skip
};

/// A pull iterator: stop by not asking for more. A root that is a link is followed, links below it never. It
/// goes from directory to directory by descriptors, so a directory that is swapped meanwhile leads nowhere
/// else, and paths may be longer than PATH_MAX. In memory are the names of the directories from the root to
/// here, one open descriptor each. Hard links are artifacts as often as they are met. One thread at a time.
class Walk {
public:
    explicit Walk(std::string root, WalkOptions options = {});
    /// Of a directory that is open already; `shown` is what its paths begin with.
    Walk(util::UniqueFd directory, std::string shown, WalkOptions options);

    [[nodiscard]] std::optional<WalkItem> next();
    /// Entered so far.
    [[nodiscard]] std::uint64_t directories() const { return directories_; }

private:
    struct Entry {
        std::string name;
        unsigned char type = 0;   ///< as readdir says, DT_UNKNOWN included
    };
    struct Level {
        std::shared_ptr<const util::UniqueFd> fd;
        std::string path;
        dev_t device = 0;
        ino_t inode = 0;
        std::vector<Entry> entries;   ///< what is left, last first
    };

    std::optional<WalkItem> start();
    std::optional<WalkItem> visit(const Entry& entry);
    std::optional<WalkItem> enter(util::UniqueFd fd, std::string path);
    static std::optional<std::string> read_entries(Level& level);

    std::string root_;
    util::UniqueFd directory_;   // of the root, if it was opened by others
    WalkOptions options_;
    bool started_ = false;
    std::vector<Level> levels_;
    std::uint64_t directories_ = 0;
};

}   // namespace microengine::intake
