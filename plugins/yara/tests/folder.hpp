// SPDX-License-Identifier: MIT
#pragma once
// A temporary directory with rule files, for the tests of this plugin.

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace microengine::yara {

class Folder {
public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "me-yara-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
        path_ = pattern;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string write(const std::string& name, std::string_view text) const {
        const std::filesystem::path file = path_ / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << text;
        return file.string();
    }
    [[nodiscard]] std::string at(const std::string& name) const { return (path_ / name).string(); }
    [[nodiscard]] std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

/// No superuser while it lives, so that permissions hold in a container too. Made before any Folder.
class Unprivileged {
public:
    Unprivileged() : before_(::geteuid()) {
        constexpr uid_t kNobody = 65534;
        if (before_ == 0 && ::seteuid(kNobody) != 0) throw std::runtime_error("seteuid");
    }
    ~Unprivileged() {
        if (::geteuid() != before_ && ::seteuid(before_) != 0) std::abort();
    }
    Unprivileged(const Unprivileged&) = delete;
    Unprivileged& operator=(const Unprivileged&) = delete;

private:
    uid_t before_;
};

/// A rule that matches a text.
inline std::string rule(const std::string& name, const std::string& text, const std::string& tags = {},
                        const std::string& meta = {}) {
    return "rule " + name + (tags.empty() ? "" : " : " + tags) + " {\n" +
           (meta.empty() ? "" : "  meta:\n    " + meta + "\n") + "  strings:\n    $a = \"" + text +
           "\"\n  condition:\n    $a\n}\n";
}

}   // namespace microengine::yara
