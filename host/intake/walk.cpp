// SPDX-License-Identifier: MIT
#include "host/intake/walk.hpp"

#include "host/util/result.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <string_view>
#include <utility>

namespace microengine::intake {

namespace {

constexpr int kDirectory = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK;

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

WalkItem error(std::string path, std::string message) {
    return {
        .kind = WalkItem::Kind::error, .path = std::move(path), .place = {}, .message = std::move(message)};
}

WalkItem skipped(std::string path, std::string message) {
    return {
        .kind = WalkItem::Kind::skipped, .path = std::move(path), .place = {}, .message = std::move(message)};
}

std::string below(const std::string& directory, const std::string& name) {
    return directory.ends_with('/') ? directory + name : directory + "/" + name;
}

/// The type of an entry for which readdir gave none.
std::optional<unsigned char> look_up(int directory, const char* name) {
    struct stat status{};
    if (::fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
    return static_cast<unsigned char>(IFTODT(status.st_mode));
}

const char* special(unsigned char type) {
    switch (type) {
        case DT_LNK:
            return "is a symbolic link";
        case DT_FIFO:
            return "is a FIFO";
        case DT_SOCK:
            return "is a socket";
        case DT_CHR:
        case DT_BLK:
            return "is a device";
        default:
            return "is not a regular file";
    }
}

}   // namespace

Walk::Walk(std::string root, WalkOptions options) : root_(std::move(root)), options_(options) {}

Walk::Walk(util::UniqueFd directory, std::string shown, WalkOptions options)
    : root_(std::move(shown)), directory_(std::move(directory)), options_(options) {}

std::optional<WalkItem> Walk::next() {
    if (!std::exchange(started_, true))
        if (auto item = start()) return item;
    while (!levels_.empty()) {
        Level& level = levels_.back();
        if (level.entries.empty()) {
            levels_.pop_back();
            continue;
        }
        const Entry entry = std::move(level.entries.back());
        level.entries.pop_back();
        if (auto item = visit(entry)) return item;
    }
    return std::nullopt;
}

/// The root: whatever somebody named is taken as it is, links followed.
std::optional<WalkItem> Walk::start() {
    if (directory_) return enter(std::move(directory_), root_);
    struct stat status{};
    if (::stat(root_.c_str(), &status) != 0)
        return error(root_, "cannot open it: " + util::errno_text(errno));
    if (!S_ISDIR(status.st_mode))   // not regular either? the loader says so
        return WalkItem{
            .path = root_, .place = {.name = root_, .path = root_, .directory = nullptr}, .message = ""};
    util::UniqueFd fd(::open(root_.c_str(), kDirectory));
    if (!fd) return error(root_, "cannot open the directory: " + util::errno_text(errno));
    return enter(std::move(fd), root_);
}

std::optional<WalkItem> Walk::visit(const Entry& entry) {
    const Level& level = levels_.back();
    std::string path = below(level.path, entry.name);
    unsigned char type = entry.type;
    if (type == DT_UNKNOWN) {
        const auto found = look_up(level.fd->get(), entry.name.c_str());
        if (!found) return error(std::move(path), "cannot stat it: " + util::errno_text(errno));
        type = *found;
    }
    if (type == DT_REG) {
        FilePlace place{.name = path, .path = entry.name, .directory = level.fd, .links = Links::refuse};
        return WalkItem{.path = std::move(path), .place = std::move(place), .message = ""};
    }
    if (type != DT_DIR) return skipped(std::move(path), special(type));
    if (levels_.size() > options_.max_depth)
        return error(std::move(path), "is more than " + std::to_string(options_.max_depth) +
                                          " directories deep and was not walked; scan it by itself");
    util::UniqueFd fd(::openat(level.fd->get(), entry.name.c_str(), kDirectory | O_NOFOLLOW));
    if (!fd) return error(std::move(path), "cannot open the directory: " + util::errno_text(errno));
    return enter(std::move(fd), std::move(path));
}

std::optional<WalkItem> Walk::enter(util::UniqueFd fd, std::string path) {
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0)
        return error(std::move(path), "cannot stat it: " + util::errno_text(errno));
    if (options_.same_file_system && !levels_.empty() && status.st_dev != levels_.front().device)
        return skipped(std::move(path), "is on another file system");
    // Only a mount can do this; without the look the walk would go round until max_depth.
    for (const Level& above : levels_)
        if (above.device == status.st_dev && above.inode == status.st_ino)
            return error(std::move(path), "is the directory " + above.path + " again; a mount makes a loop");
    Level level{.fd = std::make_shared<const util::UniqueFd>(std::move(fd)),
                .path = path,
                .device = status.st_dev,
                .inode = status.st_ino,
                .entries = {}};
    const auto trouble = read_entries(level);
    ++directories_;
    levels_.push_back(std::move(level));   // what could be read is walked all the same
    if (trouble) return error(std::move(path), *trouble);
    return std::nullopt;
}

std::optional<std::string> Walk::read_entries(Level& level) {
    // The stream closes its own descriptor; the level's must live as long as artifacts refer to it.
    util::UniqueFd copy(::fcntl(level.fd->get(), F_DUPFD_CLOEXEC, 0));
    if (!copy) return "cannot read the directory: " + util::errno_text(errno);
    const std::unique_ptr<DIR, CloseDirectory> directory(::fdopendir(copy.get()));
    if (!directory) return "cannot read the directory: " + util::errno_text(errno);
    static_cast<void>(copy.release());   // owned by the stream now
    std::optional<std::string> trouble;
    for (;;) {
        errno = 0;
        // NOLINTNEXTLINE(concurrency-mt-unsafe): safe as long as no other thread has this stream
        const dirent* entry = ::readdir(directory.get());
        if (entry == nullptr) {
            if (errno != 0) trouble = "cannot read all of the directory: " + util::errno_text(errno);
            break;
        }
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..")
            level.entries.push_back({.name = std::string(name), .type = entry->d_type});
    }
    std::ranges::sort(level.entries, std::greater(), &Entry::name);
    return trouble;
}

}   // namespace microengine::intake
