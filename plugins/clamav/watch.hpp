// SPDX-License-Identifier: GPL-2.0-only
#pragma once
// Watches one scan through libclamav's callbacks: passes on what it finds, feeds it the artifact, stops it,
// and remembers everything that would make its "clean" untrue. One thread, the length of one scan() call.

#include "handles.hpp"
#include "messages.hpp"
#include "names.hpp"

#include <microengine/plugin.hpp>

#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace microengine::clamav {

class Watch {
public:
    struct Setup {
        Policy policy;
        bool unpacks_rar;
        bool looks_into_archives;
        std::uint64_t max_file_bytes;
        int handle;                                // of a Descriptor
        std::unique_lock<std::mutex> time_limit;   // let go as soon as libclamav has read the limit
    };
    Watch(Scan& scan, Setup setup);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    /// Once per engine, before it is compiled. Scans then need `this` as their context.
    static void install(cl_engine& engine);
    /// The artifact as libclamav reads it. Not to outlive this object.
    [[nodiscard]] Map open_map();

    void found(std::string_view name) noexcept;
    void heard(std::string_view message) noexcept;
    void partial(std::uint32_t reason) noexcept {
        if (!partial_) partial_ = reason;
    }

    [[nodiscard]] bool stopped() const { return stopped_; }   ///< the host wanted it to end
    [[nodiscard]] bool enough() const { return enough_; }     ///< a malicious find ended it early
    [[nodiscard]] bool looked() const { return looked_; }     ///< libclamav did begin to examine it
    [[nodiscard]] bool out_of_memory() const { return out_of_memory_; }
    [[nodiscard]] bool anything_found() const { return !names_.empty(); }
    [[nodiscard]] const std::string& broken() const {
        return broken_;
    }   ///< why the scan is worthless, or empty
    [[nodiscard]] std::optional<std::uint32_t> why_partial() const { return partial_; }

private:
    static cl_error_t on_member(int fd, const char* type, void* context) noexcept;
    static void on_found(int fd, const char* name, void* context) noexcept;
    static cl_error_t on_meta(const char* container, unsigned long container_size, const char* name,
                              unsigned long size, int is_encrypted, unsigned int position,
                              void* context) noexcept;
    static off_t on_read(void* handle, void* buffer, std::size_t count, off_t offset) noexcept;
    bool should_stop() noexcept;
    void check_member(int fd) noexcept;
    off_t read(void* buffer, std::size_t count, off_t offset) noexcept;

    Scan& scan_;
    Setup setup_;
    std::set<std::string, std::less<>> names_;
    std::optional<std::uint32_t> partial_;
    std::string broken_;
    bool stopped_ = false, enough_ = false, looked_ = false, out_of_memory_ = false;
    Watch* outer_;
};

}   // namespace microengine::clamav
