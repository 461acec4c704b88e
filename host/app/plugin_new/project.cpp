// SPDX-License-Identifier: MIT
#include "host/app/plugin_new/project.hpp"

#include "host/app/plugin_new/render.hpp"
#include "host/util/files.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <system_error>
#include <utility>

namespace microengine::app {

namespace fs = std::filesystem;
using util::Errc, util::fail, util::fail_errno, util::Result;

namespace {

constexpr std::size_t kMostTemplateBytes = 1 << 20;
constexpr std::string_view kSuffix = ".in";

/// Removes what was begun, unless it was kept.
class Unfinished {
public:
    explicit Unfinished(fs::path folder) : folder_(std::move(folder)) {}
    Unfinished(const Unfinished&) = delete;
    Unfinished& operator=(const Unfinished&) = delete;
    ~Unfinished() {
        std::error_code ignored;
        if (!folder_.empty()) fs::remove_all(folder_, ignored);
    }
    void keep() { folder_.clear(); }
    [[nodiscard]] const fs::path& folder() const { return folder_; }

private:
    fs::path folder_;
};

Result<void> add_files(const fs::path& from, const Words& words, std::vector<ProjectFile>& files) {
    std::error_code error;
    for (fs::recursive_directory_iterator entry(from, error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().lexically_relative(from).native();
        if (!entry->is_regular_file(error) || !name.ends_with(kSuffix)) continue;
        const std::string text = ME_TRY(util::read_file(entry->path(), kMostTemplateBytes));
        std::string filled = ME_TRY(render(text, words, entry->path().native()));
        files.push_back({.path = name.substr(0, name.size() - kSuffix.size()), .text = std::move(filled)});
    }
    if (error)
        return fail(Errc::io, from.native(),
                    error.message() + "; the templates are part of the SDK (Debian: microengine-sdk)");
    return {};
}

Result<void> write_file(const fs::path& path, const std::string& text) {
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error) return fail(Errc::io, path.parent_path().native(), error.message());
    std::ofstream out(path, std::ios::binary);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    out.close();
    if (!out) return fail(Errc::io, path.native(), "cannot be written");
    return {};
}

/// A new folder beside it, with the rights that a new folder has.
Result<fs::path> new_sibling(const fs::path& folder) {
    const std::string stem = "." + folder.filename().native() + "." + std::to_string(::getpid());
    for (int attempt = 0; attempt < 10; ++attempt) {
        fs::path sibling = folder.parent_path() / (stem + "." + std::to_string(attempt));
        if (::mkdir(sibling.c_str(), 0777) == 0) return sibling;
        if (errno != EEXIST) break;
    }
    return fail_errno(Errc::io, folder.parent_path().native(), "cannot make a folder here", errno);
}

}   // namespace

Result<std::vector<ProjectFile>> project_files(const fs::path& templates, const PluginWish& wish) {
    std::vector<ProjectFile> files;
    const Words words = words_of(wish);
    ME_CHECK(add_files(templates / "common", words, files));
    ME_CHECK(add_files(templates / folder_of(wish.language), words, files));
    std::ranges::sort(files, {}, &ProjectFile::path);
    return files;
}

Result<fs::path> project_folder(const PluginWish& wish) {
    std::error_code error;
    fs::path folder = fs::absolute(wish.into.empty() ? wish.name : wish.into, error).lexically_normal();
    if (!folder.has_filename()) folder = folder.parent_path();   // "a/" is "a"
    const auto refuse = [&folder](std::string_view why) {
        return fail(Errc::usage, folder.native(), std::string(why));
    };
    if (error || !folder.has_filename()) return refuse("is no folder to make; name one with --into");
    const fs::file_status there = fs::symlink_status(folder, error);
    if (fs::exists(there)) {
        if (!fs::is_directory(there)) return refuse("exists and is no folder; name another one with --into");
        if (!fs::is_empty(folder, error) || error)
            return refuse("exists and is not empty; name another folder with --into, or remove this one");
        if (fs::equivalent(folder, fs::current_path(error), error))
            return refuse(
                "is the folder you are in, which cannot be replaced; leave out --into, or name a new one");
    }
    if (!fs::is_directory(folder.parent_path(), error))
        return refuse("cannot be made: the folder " + folder.parent_path().native() + " does not exist");
    return folder;
}

Result<void> write_project(const fs::path& folder, const std::vector<ProjectFile>& files) {
    Unfinished unfinished(ME_TRY(new_sibling(folder)));
    for (const ProjectFile& file : files) ME_CHECK(write_file(unfinished.folder() / file.path, file.text));
    // Over an empty folder, but over nothing else: the kernel sees to it, whatever happened since we looked.
    if (::rename(unfinished.folder().c_str(), folder.c_str()) != 0)
        return fail_errno(Errc::io, folder.native(), "cannot be made", errno);
    unfinished.keep();
    return {};
}

}   // namespace microengine::app
