// SPDX-License-Identifier: MIT
#pragma once
// A directory that is gone after the test, and files in it.

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace microengine::support {

inline constexpr std::chrono::seconds kPatience{20};   // of a test that waits for what must come

class TempDir {
public:
    TempDir() {
        std::string name = (std::filesystem::temp_directory_path() / "me-test-XXXXXX").native();
        path_ = ::mkdtemp(name.data());
    }
    ~TempDir() { std::filesystem::remove_all(path_); }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

inline void write_file(const std::filesystem::path& path, std::string_view text, unsigned mode = 0600) {
    std::ofstream(path, std::ios::binary) << text;
    EXPECT_EQ(::chmod(path.c_str(), mode), 0) << path;
}

}   // namespace microengine::support
