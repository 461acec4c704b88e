// SPDX-License-Identifier: MIT
#pragma once
// A folder for one run, with its secrets and journals in it: nobody else can look into it.

#include "host/util/result.hpp"

#include <filesystem>
#include <memory>
#include <string_view>

namespace microengine::ambassador {

/// It and all in it goes with the object.
class TempFolder {
public:
    /// Below $TMPDIR or /tmp, mode 0700.
    [[nodiscard]] static util::Result<std::unique_ptr<TempFolder>> make();
    ~TempFolder();
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    /// A new file, mode 0600.
    [[nodiscard]] util::Result<void> write(std::string_view name, std::string_view text) const;

private:
    explicit TempFolder(std::filesystem::path path) : path_(std::move(path)) {}
    std::filesystem::path path_;
};

}   // namespace microengine::ambassador
