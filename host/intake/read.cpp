// SPDX-License-Identifier: MIT
#include "host/intake/read.hpp"

#include "host/intake/mime.hpp"
#include "host/util/text.hpp"
#include "host/util/wait_fd.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

namespace microengine::intake {

namespace {

using util::Errc;

// Small enough that the digest finds the bytes still in the processor's cache.
constexpr std::size_t kPiece = std::size_t{256} << 10;

struct Source {
    int fd = -1;
    bool positioned = false;   ///< pread from 0, and leave the descriptor where it stands
};

/// As read(2), but waits for what flows; errno ECANCELED: told to stop meanwhile.
ssize_t read_some(Source source, std::span<std::uint8_t> into, std::size_t at, int stop) {
    for (;;) {
        if (!source.positioned && !util::wait_fd(source.fd, util::Wanted::read, stop)) {
            errno = ECANCELED;
            return -1;
        }
        const ssize_t got = source.positioned
                                ? ::pread(source.fd, into.data(), into.size(), static_cast<off_t>(at))
                                : ::read(source.fd, into.data(), into.size());
        if (got >= 0 || (errno != EINTR && errno != EAGAIN)) return got;
    }
}

/// Room for the byte that shows that there is too much.
std::uint64_t one_more(std::uint64_t limit) { return limit + (limit == UINT64_MAX ? 0 : 1); }

std::string over_limit(std::uint64_t limit) { return "max_artifact_bytes " + util::human_bytes(limit); }

Loaded read_all(Source source, std::string name, const Limits& limits, std::uint64_t expected,
                core::ArtifactBuffer& buffer) {
    thread_local util::Sha256Stream digest;
    // One byte more than expected: the read that meets the end of file needs room to ask for it. And a page
    // for files of /proc, which say 0 and have more.
    std::span<std::uint8_t> space =
        buffer.prepare(std::max<std::size_t>(static_cast<std::size_t>(expected) + 1, 4096));
    std::size_t size = 0;
    std::optional<std::string> trouble;
    Errc code = Errc::io;
    for (;;) {
        const ssize_t got =
            read_some(source, space.subspan(size, std::min(kPiece, space.size() - size)), size, limits.stop);
        if (got < 0) {
            code = errno == ECANCELED ? Errc::cancelled : Errc::io;
            trouble = "cannot read it: " + util::errno_text(errno);
            break;
        }
        if (got == 0) break;
        digest.update(space.subspan(size, static_cast<std::size_t>(got)));
        size += static_cast<std::size_t>(got);
        if (size > limits.max_artifact_bytes) {
            trouble = "has more than " + over_limit(limits.max_artifact_bytes);
            code = Errc::limit;
            break;
        }
        if (size == space.size()) {
            const std::uint64_t wanted =
                std::min<std::uint64_t>(std::max(size * 2, kPiece), one_more(limits.max_artifact_bytes));
            space = buffer.grow(static_cast<std::size_t>(wanted), size);
        }
    }
    const util::Sha256 sha256 = digest.finish();   // in any case: the next artifact starts anew
    if (trouble) return not_loaded(std::move(name), code, *std::move(trouble), size);
    const std::span<const std::uint8_t> bytes = space.first(size);
    return core::Artifact{.facts = {.name = std::move(name),
                                    .type = core::ArtifactType::file,
                                    .sha256 = sha256,
                                    .size = size,
                                    .mime = std::string(guess_mime(bytes))},
                          .bytes = bytes};
}

bool changed(const struct stat& before, const struct stat& after) {
    const auto same = [](const timespec& a, const timespec& b) {
        return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
    };
    return before.st_size != after.st_size || !same(before.st_mtim, after.st_mtim) ||
           !same(before.st_ctim, after.st_ctim);
}

const char* kind_of(mode_t mode) {
    if (S_ISDIR(mode)) return "a directory";
    if (S_ISFIFO(mode)) return "a FIFO";
    if (S_ISSOCK(mode)) return "a socket";
    if (S_ISCHR(mode)) return "a character device";
    if (S_ISBLK(mode)) return "a block device";
    return "something else";
}

}   // namespace

std::unexpected<core::LoadFailure> not_loaded(std::string name, Errc code, std::string message,
                                              std::uint64_t size) {
    core::LoadFailure failure;
    failure.facts.name = name;
    failure.facts.size = size;
    failure.error = {.code = code, .place = std::move(name), .message = std::move(message)};
    return std::unexpected(std::move(failure));
}

Loaded load_fd(int fd, std::string name, const Limits& limits, core::ArtifactBuffer& buffer) {
    struct stat status{};
    if (::fstat(fd, &status) != 0)
        return not_loaded(std::move(name), Errc::io, "cannot stat it: " + util::errno_text(errno));
    if (!S_ISREG(status.st_mode)) {
        std::string message = std::string("is ") + kind_of(status.st_mode) + ", not a regular file";
        if (S_ISFIFO(status.st_mode)) message += "; give its bytes to standard input";
        return not_loaded(std::move(name), Errc::unsupported, std::move(message));
    }
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size > limits.max_artifact_bytes)
        return not_loaded(
            std::move(name), Errc::limit,
            "is " + util::human_bytes(size) + ", more than " + over_limit(limits.max_artifact_bytes), size);
    Loaded loaded = read_all({.fd = fd, .positioned = true}, name, limits, size, buffer);
    // What was read while somebody wrote is no version of the file that ever was: judging it would say
    // nothing.
    struct stat after{};
    if (loaded && (::fstat(fd, &after) != 0 || changed(status, after)))
        return not_loaded(std::move(name), Errc::io, "changed while it was read", loaded->facts.size);
    return loaded;
}

Loaded load_bytes(std::span<const std::uint8_t> bytes, std::string name, const Limits& limits,
                  core::ArtifactBuffer& buffer) {
    if (bytes.size() > limits.max_artifact_bytes)
        return not_loaded(
            std::move(name), Errc::limit,
            "is " + util::human_bytes(bytes.size()) + ", more than " + over_limit(limits.max_artifact_bytes),
            bytes.size());
    const std::span<std::uint8_t> space = buffer.prepare(bytes.size());
    std::ranges::copy(bytes, space.begin());
    return core::Artifact{.facts = {.name = std::move(name),
                                    .type = core::ArtifactType::file,
                                    .sha256 = util::sha256(space),
                                    .size = space.size(),
                                    .mime = std::string(guess_mime(space))},
                          .bytes = space};
}

Loaded load_stream(int fd, std::string name, const Limits& limits, core::ArtifactBuffer& buffer) {
    const std::uint64_t first = std::min<std::uint64_t>(kPiece, limits.max_artifact_bytes);
    return read_all({.fd = fd, .positioned = false}, std::move(name), limits, first, buffer);
}

}   // namespace microengine::intake
