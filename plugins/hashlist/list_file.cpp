// SPDX-License-Identifier: MIT
#include "list_file.hpp"

#include "plugins/support/fd.hpp"

#include <microengine/plugin.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

namespace microengine::hashlist {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;

[[noreturn]] void fail(const std::string& path, const std::string& what) {
    throw Error(ME_E_FAILED, path + ": " + what);
}
[[noreturn]] void fail_errno(const std::string& path) {
    fail(path, "cannot be read: " + std::generic_category().message(errno));
}

struct stat state_of(const Fd& file, const std::string& path) {
    struct stat state{};
    if (::fstat(file.get(), &state) != 0) fail_errno(path);
    return state;
}

bool same(const struct stat& one, const struct stat& other) {
    return one.st_size == other.st_size && one.st_mtim.tv_sec == other.st_mtim.tv_sec &&
           one.st_mtim.tv_nsec == other.st_mtim.tv_nsec;
}

}   // namespace

void Lines::keep(std::string_view bytes) {
    cut_ = cut_ || begun_.size() + bytes.size() > kMostLine;
    if (cut_)
        begun_.clear();
    else
        begun_ += bytes;
}

void Lines::deliver(std::string_view end) {
    if (begun_.empty() && !cut_ && end.size() <= kMostLine) {
        sink_.line(end);
        return;
    }
    keep(end);
    if (cut_)
        sink_.too_long();
    else
        sink_.line(begun_);
    begun_.clear();
    cut_ = false;
}

void Lines::add(std::string_view bytes) {
    for (std::size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
        deliver(bytes.substr(0, end));
        bytes.remove_prefix(end + 1);
    }
    if (!bytes.empty()) keep(bytes);
}

void Lines::finish() {
    if (cut_ || !begun_.empty()) deliver({});
}

std::int64_t read_list(const std::string& path, Lines& lines, Hasher& hasher,
                       const std::function<void()>& stop) {
    // Without O_NONBLOCK opening a pipe would wait for its writer.
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (file.get() < 0) fail_errno(path);
    const struct stat before = state_of(file, path);
    if (S_ISDIR(before.st_mode)) fail(path, "is a folder; name the files in it");
    if (!S_ISREG(before.st_mode)) fail(path, "is no regular file");
    std::vector<std::uint8_t> piece(kPiece);
    std::int64_t size = 0;
    for (ssize_t got = 1; got != 0;) {
        stop();
        got = ::read(file.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail_errno(path);
        const auto bytes = std::span(piece).first(static_cast<std::size_t>(got));
        hasher.add(bytes);
        lines.add({reinterpret_cast<const char*>(bytes.data()), bytes.size()});   // a byte view
        size += got;
    }
    lines.finish();
    // Half of an old list and half of a new one is neither.
    if (!same(before, state_of(file, path)) || size != before.st_size)
        fail(path, "was changed while it was read; write a new file and rename it");
    return before.st_mtim.tv_sec;
}

}   // namespace microengine::hashlist
