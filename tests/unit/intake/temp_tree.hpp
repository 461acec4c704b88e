// SPDX-License-Identifier: MIT
#pragma once
// A temporary directory with what a file system can hold, and being nobody for a while.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>

namespace microengine::support {

class TempTree {
public:
    TempTree() {
        std::string pattern = (std::filesystem::temp_directory_path() / "microengine_XXXXXX").native();
        if (::mkdtemp(pattern.data()) == nullptr) std::abort();
        ::chmod(pattern.c_str(), 0755);
        root_ = pattern;
    }
    ~TempTree() {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }
    TempTree(const TempTree&) = delete;
    TempTree& operator=(const TempTree&) = delete;

    [[nodiscard]] const std::string& root() const { return root_; }
    [[nodiscard]] std::string operator/(std::string_view name) const {
        return root_ + "/" + std::string(name);
    }

    std::string file(std::string_view name, std::string_view bytes) const {
        const std::string path = *this / name;
        std::filesystem::create_directories(std::filesystem::path(path).parent_path());
        const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        EXPECT_EQ(::write(fd, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
        ::close(fd);
        return path;
    }
    std::string sparse(std::string_view name, off_t size) const {
        std::string path = file(name, "");
        EXPECT_EQ(::truncate(path.c_str(), size), 0);
        return path;
    }
    std::string directory(std::string_view name) const {
        std::string path = *this / name;
        std::filesystem::create_directories(path);
        return path;
    }
    std::string link(std::string_view name, const std::string& target) const {
        std::string path = *this / name;
        EXPECT_EQ(::symlink(target.c_str(), path.c_str()), 0);
        return path;
    }
    std::string fifo(std::string_view name) const {
        std::string path = *this / name;
        EXPECT_EQ(::mkfifo(path.c_str(), 0644), 0);
        return path;
    }
    std::string socket(std::string_view name) const {
        std::string path = *this / name;
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
        const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        // The C interface wants the general type.
        EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        ::close(fd);
        return path;
    }

private:
    std::string root_;
};

/// Permission bits do not hold root back: for the time of a test it becomes nobody.
class AsNobody {
public:
    AsNobody() : was_(::geteuid()) {
        if (was_ == 0 && ::seteuid(65534) != 0) std::abort();
    }
    ~AsNobody() {
        if (was_ == 0 && ::seteuid(0) != 0) std::abort();
    }
    AsNobody(const AsNobody&) = delete;
    AsNobody& operator=(const AsNobody&) = delete;

private:
    uid_t was_;
};

}   // namespace microengine::support
