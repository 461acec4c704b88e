// SPDX-License-Identifier: MIT
#pragma once
// A file that nobody should open, and whether somebody has.

#include "host/frontends/ambassador/temp_folder.hpp"
#include "host/util/result.hpp"
#include "host/util/unique_fd.hpp"

#include <filesystem>
#include <string_view>

namespace microengine::ambassador {

/// In a folder of its own. One thread at a time.
class WatchedFile {
public:
    [[nodiscard]] static util::Result<WatchedFile> make(std::string_view text);

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    /// By whomever, since it was made.
    [[nodiscard]] bool opened() const;

private:
    std::unique_ptr<TempFolder> folder_;
    std::filesystem::path path_;
    util::UniqueFd watch_;   // inotify(7)
};

}   // namespace microengine::ambassador
