// SPDX-License-Identifier: MIT
#pragma once
// A directory of one worker, removed with this object.

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

namespace microengine::isolate {

class TempDir {
public:
    TempDir() = default;
    explicit TempDir(std::filesystem::path path) : path_(std::move(path)) {}
    TempDir(TempDir&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    TempDir& operator=(TempDir&& other) noexcept {
        std::swap(path_, other.path_);
        return *this;
    }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    ~TempDir() {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
    }
    /// Empty: there is none.
    [[nodiscard]] const std::string& path() const { return path_.native(); }

private:
    std::filesystem::path path_;
};

}   // namespace microengine::isolate
