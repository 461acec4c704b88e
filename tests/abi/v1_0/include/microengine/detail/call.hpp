// SPDX-License-Identifier: MIT
#pragma once
// What a plugin's code sees of one call from the host: settings while it opens, the artifact while it scans.
// Include <microengine/plugin.hpp>, not this file.

#include <microengine/plugin.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace microengine {

/// Ends the current call with a status (below zero) and a sentence for the operator. Throw it anywhere inside
/// a constructor, scan() or prepare(); setting() names the setting at fault, if one is.
class Error : public std::runtime_error {
public:
    Error(me_status status, const std::string& text, std::string setting = {})
        : std::runtime_error(text),
          status_(status < 0 ? status : ME_E_FAILED),
          setting_(std::move(setting)) {}
    me_status status() const noexcept { return status_; }
    const char* setting() const noexcept { return setting_.empty() ? nullptr : setting_.c_str(); }

private:
    me_status status_;
    std::string setting_;
};
inline Error setting_error(const std::string& setting, const std::string& text) {
    return Error(ME_E_SETTINGS, text, setting);
}
/// Not my kind of artifact: an abstention, no failure.
inline Error unsupported(const std::string& text) { return Error(ME_E_UNSUPPORTED, text); }

namespace detail {

inline me_string view(std::string_view text) noexcept { return me_string{text.data(), text.size()}; }
inline std::string_view view(const me_string& text) noexcept {
    return {text.data, static_cast<std::size_t>(text.size)};
}
inline void require(me_status status, const char* name) {
    if (status == ME_OK) return;
    throw Error(ME_E_INVALID, "asked for a setting that is not declared with this type, or has no value",
                name);
}

}   // namespace detail

/// The declared settings with their defaults applied. Valid only inside the call that received it. Every
/// getter takes an index for lists and throws when there is no such value; has() tells.
class Settings {
public:
    Settings(const me_host_v1* host, me_call* call) noexcept : host_(host), call_(call) {}
    std::size_t count(const char* name) const {
        std::uint64_t number = 0;
        detail::require(host_->setting_count(call_, name, &number), name);
        return static_cast<std::size_t>(number);
    }
    bool has(const char* name) const { return count(name) > 0; }
    std::string string(const char* name, std::size_t index = 0) const {
        me_string value{nullptr, 0};
        detail::require(host_->setting_string(call_, name, index, &value), name);
        return std::string(detail::view(value));
    }
    std::string path(const char* name, std::size_t index = 0) const { return string(name, index); }
    std::int64_t integer(const char* name, std::size_t index = 0) const {
        std::int64_t value = 0;
        detail::require(host_->setting_integer(call_, name, index, &value), name);
        return value;
    }
    bool boolean(const char* name, std::size_t index = 0) const {
        std::int32_t value = 0;
        detail::require(host_->setting_boolean(call_, name, index, &value), name);
        return value != 0;
    }
    std::vector<std::string> strings(const char* name) const {
        std::vector<std::string> all(count(name));
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = string(name, i);
        return all;
    }
    /// level is ME_LOG_*.
    void log(std::int32_t level, std::string_view text) const noexcept {
        host_->log(call_, level, text.data(), text.size());
    }
    /// True once the host wants the call to end: the deadline for opening passed, or the process is stopping.
    bool stop() const noexcept { return host_->should_stop(call_) != ME_OK; }
    const me_host_v1* host() const noexcept { return host_; }
    me_call* call() const noexcept { return call_; }

private:
    const me_host_v1* host_;
    me_call* call_;
};

/// What a scanner may ask the host for while it is being opened: its temporary directory, the log.
class Context {
public:
    Context(const me_host_v1* host, me_call* call) noexcept : host_(host), call_(call) {}
    /// A writable directory of this backend in this process, empty when the first scanner opens. Needs
    /// ME_NEED_TEMP_DIR; throws when the host has none to give.
    std::string temp_dir() const {
        me_string path{nullptr, 0};
        if (host_->temp_dir(call_, &path) != ME_OK)
            throw Error(ME_E_FAILED, "the host has no temporary directory to give");
        return std::string(detail::view(path));
    }
    void log(std::int32_t level, std::string_view text) const noexcept {
        host_->log(call_, level, text.data(), text.size());
    }

private:
    const me_host_v1* host_;
    me_call* call_;
};

/// One signature that matched. The views need to live only until add() returns.
struct Detection {
    std::string_view name;
    std::string_view family = {};
    std::string_view name_space = {};   ///< group of signatures: a rule file, a feed
    std::string_view detail = {};       ///< a JSON object with whatever else is known, or empty
    std::int32_t verdict = ME_MALICIOUS;
    std::uint32_t confidence = ME_CONFIDENCE_UNSET;   ///< basis points, 0..ME_CONFIDENCE_MAX
    std::vector<std::string_view> tags = {};
    std::uint64_t offset = 0;
    std::uint64_t length = 0;   ///< 0: unknown
};

/// One scan() call: the artifact, and what to say of it. Saying nothing is an abstention, never "benign".
class Scan {
public:
    Scan(const me_host_v1* host, me_call* call, const me_request* request, me_result* result) noexcept
        : host_(host), call_(call), request_(request), result_(result) {
        result_->confidence = ME_CONFIDENCE_UNSET;
    }

    /// The whole artifact, read-only; it cannot change or shrink. Never null, size() may be 0. Of a URL: the
    /// URL.
    const std::uint8_t* data() const noexcept { return request_->data; }
    std::size_t size() const noexcept { return static_cast<std::size_t>(request_->size); }
    std::string_view text() const noexcept { return {reinterpret_cast<const char*>(data()), size()}; }
    bool is_url() const noexcept { return request_->artifact_type == ME_ARTIFACT_URL; }
    /// The artifact's name as its sender gave it. CONTROLLED BY THE ATTACKER: a label, never a path to open.
    std::string_view label() const noexcept { return detail::view(request_->name); }
    std::string_view mime() const noexcept { return detail::view(request_->mime); }
    /// 32 bytes, or null.
    const std::uint8_t* sha256() const noexcept { return request_->sha256; }
    /// False: stopping at the first malicious match is fine.
    bool all_matches() const noexcept { return (request_->flags & ME_REQUEST_ALL_MATCHES) != 0; }

    /// Ask at least every 50 ms of work: true when the scan was cancelled or its deadline has passed.
    bool stop() const noexcept { return host_->should_stop(call_) != ME_OK; }
    /// Ends the scan with the right status when stop() holds.
    void check_stop() const {
        const me_status status = host_->should_stop(call_);
        if (status != ME_OK) throw Error(status, status == ME_E_DEADLINE ? "out of time" : "cancelled");
    }
    /// Until the deadline; never negative. Without a deadline: nanoseconds::max().
    std::chrono::nanoseconds time_left() const noexcept {
        if (request_->deadline_ns == 0) return std::chrono::nanoseconds::max();
        timespec now{};
        clock_gettime(CLOCK_MONOTONIC, &now);
        const std::uint64_t passed =
            static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(now.tv_nsec);
        if (passed >= request_->deadline_ns) return std::chrono::nanoseconds::zero();
        return std::chrono::nanoseconds(static_cast<std::int64_t>(request_->deadline_ns - passed));
    }

    /// Reports a detection and raises the verdict to it. False: the host has enough of them.
    bool add(const Detection& detection) noexcept {
        me_string tags[kMostTags];
        std::uint64_t tag_count = 0;
        for (const std::string_view tag : detection.tags)
            if (tag_count < kMostTags) tags[tag_count++] = detail::view(tag);
        me_detection record{};
        record.struct_size = sizeof record;
        record.verdict = detection.verdict;
        record.confidence = detection.confidence;
        record.name = detail::view(detection.name);
        record.family = detail::view(detection.family);
        record.name_space = detail::view(detection.name_space);
        record.tags = tags;
        record.tag_count = tag_count;
        record.offset = detection.offset;
        record.length = detection.length;
        record.detail = detail::view(detection.detail);
        if (detection.verdict > result_->verdict) result_->verdict = detection.verdict;
        return host_->add_detection(call_, &record) == ME_OK;
    }
    bool malicious(std::string_view name, std::string_view family = {}) noexcept {
        return add(Detection{name, family, {}, {}, ME_MALICIOUS});
    }
    bool suspicious(std::string_view name, std::string_view family = {}) noexcept {
        return add(Detection{name, family, {}, {}, ME_SUSPICIOUS});
    }
    /// Looked at all of it and found nothing. Never lowers what a detection raised.
    void benign() noexcept {
        if (result_->verdict == ME_UNKNOWN) result_->verdict = ME_BENIGN;
    }
    /// Positively known good, as on an allow list.
    void trusted() noexcept {
        benign();
        if (result_->verdict == ME_BENIGN) result_->flags |= ME_RESULT_TRUSTED;
    }
    /// Not all of it was examined; why is ME_PARTIAL_*. Such a result never counts as benign.
    void partial(std::uint32_t why = ME_PARTIAL_OTHER) noexcept {
        result_->flags = (result_->flags & 0xFFFF00FFu) | ME_RESULT_PARTIAL_BECAUSE(why);
    }
    /// How sure this backend is of its verdict, in basis points. Not said: the operator's default.
    void confidence(std::uint32_t basis_points) noexcept { result_->confidence = basis_points; }
    void bytes_scanned(std::uint64_t bytes) noexcept { result_->bytes_scanned = bytes; }

    void log(std::int32_t level, std::string_view text) const noexcept {
        host_->log(call_, level, text.data(), text.size());
    }
    Context context() const noexcept { return Context(host_, call_); }

private:
    static constexpr std::size_t kMostTags = 32;   // as many as the host keeps
    const me_host_v1* host_;
    me_call* call_;
    const me_request* request_;
    me_result* result_;
};

}   // namespace microengine
