// SPDX-License-Identifier: MIT
#pragma once
// Paths that clients name. A daemon that opens what its client may not read is a confused deputy: only what
// lies below the configured roots is opened, and the scan uses that descriptor, never the name again.

#include "host/core/serve_settings.hpp"
#include "host/frontends/clamd/replies.hpp"
#include "host/util/result.hpp"
#include "host/util/unique_fd.hpp"

#include <sys/types.h>

#include <expected>
#include <string>
#include <vector>

namespace microengine::clamd {

struct OpenedPath {
    util::UniqueFd fd;
    bool directory = false;   ///< else a regular file
};

/// What a client is told of a path that could not be opened, by its errno.
[[nodiscard]] Answer why_not(int error);

/// Immutable; any thread. Blocks as the file system does.
class Roots {
public:
    /// Opens them now: a root that is replaced later leads nowhere else.
    [[nodiscard]] static util::Result<Roots> open(const core::ClamdSettings& settings);
    /// Links are followed as long as they stay below the root.
    [[nodiscard]] std::expected<OpenedPath, Answer> open_path(const std::string& named) const;

private:
    struct Root {
        std::string path;   // without a slash at the end
        util::UniqueFd fd;
    };
    std::vector<Root> roots_;   // the longest first
    bool any_ = false;
};

}   // namespace microengine::clamd
