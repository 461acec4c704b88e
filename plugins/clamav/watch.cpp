// SPDX-License-Identifier: GPL-2.0-only
#include "watch.hpp"

#include "zip_methods.hpp"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

namespace microengine::clamav {
namespace {

/// Up to here an artifact is scanned where it lies. A larger one is handed over in pieces, which costs a copy
/// and lets the scan be stopped between two of them.
constexpr std::size_t kInPlace = 256UZ * 1024;

/// For the read callback, whose handle is a descriptor: see descriptor.hpp.
thread_local Watch* t_watch = nullptr;

Watch& watch_of(void* context) { return *static_cast<Watch*>(context); }

}   // namespace

Watch::Watch(Scan& scan, Setup setup)
    : scan_(scan), setup_(std::move(setup)), outer_(std::exchange(t_watch, this)) {}
Watch::~Watch() { t_watch = outer_; }

void Watch::install(cl_engine& engine) {
    cl_engine_set_clcb_pre_cache(&engine, &on_member);
    cl_engine_set_clcb_virus_found(&engine, &on_found);
    cl_engine_set_clcb_meta(&engine, &on_meta);
}

Map Watch::open_map() {
    // libclamav's handles are descriptors in the shape of a pointer.
    // NOLINTNEXTLINE(performance-no-int-to-ptr): see above
    auto* handle = reinterpret_cast<void*>(static_cast<std::intptr_t>(setup_.handle));
    Map map(scan_.size() <= kInPlace ? cl_fmap_open_memory(scan_.data(), scan_.size())
                                     : cl_fmap_open_handle(handle, 0, scan_.size(), &on_read, 1));
    if (!map) throw std::bad_alloc();
    return map;
}

/// Called for the artifact and for every member of it, before libclamav looks into it.
cl_error_t Watch::on_member(int fd, const char* type, void* context) noexcept {
    Watch& watch = watch_of(context);
    const bool artifact = !std::exchange(watch.looked_, true);
    if (watch.setup_.time_limit.owns_lock()) watch.setup_.time_limit.unlock();
    if (watch.enough_ || watch.should_stop()) return CL_BREAK;   // skips this one
    if (!watch.setup_.unpacks_rar && std::strcmp(type, "CL_TYPE_RAR") == 0) watch.partial(ME_PARTIAL_OTHER);
    if (!artifact)
        watch.check_member(fd);
    else if (watch.setup_.looks_into_archives && zip_hides_members(watch.scan_.text()))
        watch.partial(ME_PARTIAL_OTHER);
    return CL_CLEAN;
}

/// A member that libclamav unpacked into a file; what it examines in memory is part of something seen before.
void Watch::check_member(int fd) noexcept {
    struct stat status{};
    if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size <= 0) return;
    const auto size = static_cast<std::size_t>(status.st_size);
    // It cuts a zip's or cab's member at its limit without a word; that lies a little higher (see
    // options.cpp), so whatever it cut is larger than ours.
    if (size > setup_.max_file_bytes) partial(ME_PARTIAL_TOO_LARGE);
    if (!setup_.looks_into_archives) return;
    char start[2]{};
    if (pread(fd, start, sizeof start, 0) != sizeof start || start[0] != 'P' || start[1] != 'K') return;
    void* bytes = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED) {
        out_of_memory_ = true;
        return;
    }
    if (zip_hides_members({static_cast<const char*>(bytes), size})) partial(ME_PARTIAL_OTHER);
    munmap(bytes, size);
}

void Watch::on_found(int /*fd*/, const char* name, void* context) noexcept {
    if (name != nullptr) watch_of(context).found(name);
}

cl_error_t Watch::on_meta(const char* /*container*/, unsigned long /*container_size*/, const char* /*name*/,
                          unsigned long size, int is_encrypted, unsigned int /*position*/,
                          void* context) noexcept {
    Watch& watch = watch_of(context);
    if (size > watch.setup_.max_file_bytes) watch.partial(ME_PARTIAL_TOO_LARGE);
    if (is_encrypted != 0) watch.partial(ME_PARTIAL_ENCRYPTED);   // ARJ has no heuristic of its own
    return CL_CLEAN;
}

off_t Watch::on_read(void* /*handle*/, void* buffer, std::size_t count, off_t offset) noexcept {
    if (t_watch != nullptr && !t_watch->should_stop()) return t_watch->read(buffer, count, offset);
    errno = ECANCELED;
    return -1;
}

off_t Watch::read(void* buffer, std::size_t count, off_t offset) noexcept {
    const auto from = static_cast<std::size_t>(offset);
    if (offset < 0 || from >= scan_.size()) return 0;
    const std::size_t size = std::min(count, scan_.size() - from);
    std::memcpy(buffer, scan_.data() + from, size);
    return static_cast<off_t>(size);
}

bool Watch::should_stop() noexcept {
    stopped_ = stopped_ || scan_.stop();
    return stopped_;
}

void Watch::found(std::string_view name) noexcept {
    // After a stop libclamav goes on for a while over memory that was never filled.
    if (stopped_) return;
    try {
        if (!names_.emplace(name).second) return;
        const Meaning meaning = meaning_of(name, setup_.policy);
        if (meaning.partial) partial(*meaning.partial);
        const bool more = scan_.add({.name = name, .family = family_of(name), .verdict = meaning.verdict});
        if (meaning.verdict == ME_MALICIOUS && (!more || !scan_.all_matches())) enough_ = true;
    } catch (...) {
        out_of_memory_ = true;   // nothing else is thrown here, and nothing may pass libclamav's C frames
    }
}

void Watch::heard(std::string_view message) noexcept {
    if (stopped_) return;   // it complains of the reads we refused
    switch (complaint_of(message)) {
        case Complaint::none:
            return;
        case Complaint::too_large:
            return partial(ME_PARTIAL_TOO_LARGE);
        case Complaint::too_long:
            return partial(ME_PARTIAL_TIME_LIMIT);
        case Complaint::corrupt:
            return partial(ME_PARTIAL_CORRUPT);
        case Complaint::no_memory:
            out_of_memory_ = true;
            return;
        case Complaint::input_output:
            break;
    }
    try {
        if (broken_.empty()) broken_ = message.substr(0, 300);
    } catch (...) {
        out_of_memory_ = true;
    }
}

}   // namespace microengine::clamav
