// SPDX-License-Identifier: MIT
#include "host/intake/spool.hpp"

#include "host/intake/read.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace microengine::intake {

namespace {

using util::Errc;

// Most artifacts of a service are smaller; a thousand of them at once are still no burden.
constexpr std::size_t kGathered = std::size_t{64} << 10;
constexpr std::uint64_t kMostInMemory = std::uint64_t{512} << 10;

util::Result<util::UniqueFd> nameless_file(const std::filesystem::path& directory) {
    util::UniqueFd file(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600));
    if (file) return file;
    // Some file systems have no files without names.
    std::string name = (directory / "microengine-XXXXXX").native();
    file.reset(::mkostemp(name.data(), O_CLOEXEC));
    if (!file) return util::fail_errno(Errc::io, directory.native(), "cannot make a temporary file", errno);
    (void)::unlink(name.c_str());
    return file;
}

}   // namespace

SpoolRoom::SpoolRoom(std::uint64_t bytes, std::filesystem::path directory)
    : bytes_(bytes), directory_(std::move(directory)) {
    if (!directory_.empty()) return;
    std::error_code error;
    directory_ = std::filesystem::temp_directory_path(error);
    if (error) directory_ = "/tmp";
}

util::Result<void> SpoolRoom::usable() const {
    ME_CHECK(nameless_file(directory_));
    return {};
}

bool SpoolRoom::take(std::uint64_t bytes) {
    std::uint64_t used = used_;
    do {
        if (bytes > bytes_ - used) return false;
    } while (!used_.compare_exchange_weak(used, used + bytes));
    return true;
}

Spool::Spool(Spool&& other) noexcept
    : room_(std::move(other.room_)),
      size_(std::exchange(other.size_, 0)),
      memory_(std::move(other.memory_)),
      file_(std::move(other.file_)) {
    other.room_.reset();
}

util::Result<void> Spool::append(std::span<const std::uint8_t> piece) {
    if (!room_->take(piece.size()))
        return util::fail(Errc::limit, "serve.spool_bytes", "no room for more artifacts");
    size_ += piece.size();   // given back at the end, whatever happens now
    if (!file_ && size_ <= kMostInMemory) {
        memory_.insert(memory_.end(), piece.begin(), piece.end());
        return {};
    }
    if (!file_) ME_CHECK(to_file());
    // Pieces may be single bytes.
    if (memory_.size() + piece.size() > kGathered) ME_CHECK(flush());
    if (piece.size() > kGathered) return write(piece);
    memory_.insert(memory_.end(), piece.begin(), piece.end());
    return {};
}

util::Result<void> Spool::to_file() {
    file_ = ME_TRY(nameless_file(room_->directory()));
    ME_CHECK(flush());
    memory_ = {};
    memory_.reserve(kGathered);
    return {};
}

util::Result<void> Spool::flush() {
    ME_CHECK(write(memory_));
    memory_.clear();
    return {};
}

util::Result<void> Spool::write(std::span<const std::uint8_t> piece) {
    while (!piece.empty()) {
        const ssize_t written = ::write(file_.get(), piece.data(), piece.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0)
            return util::fail_errno(Errc::io, room_->directory().native(), "cannot write a temporary file",
                                    errno);
        piece = piece.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

core::ArtifactLoader Spool::loader(Spool spool, std::string name, Limits limits) {
    return [spool = std::move(spool), name = std::move(name),
            limits](core::ArtifactBuffer& buffer) mutable -> Loaded {
        Spool taken = std::move(spool);   // its room is given back when it is read, not when the job ends
        if (taken.file_)
            if (auto written = taken.flush(); !written)
                return not_loaded(std::move(name), written.error().code, written.error().text());
        return taken.file_ ? load_fd(taken.file_.get(), std::move(name), limits, buffer)
                           : load_bytes(taken.memory_, std::move(name), limits, buffer);
    };
}

}   // namespace microengine::intake
