// SPDX-License-Identifier: MIT
#pragma once
// Drives one built plugin through the C ABI alone, for the tests that live in a plugin's own folder: no host
// code, one call at a time, everything the plugin says is kept. Not thread-safe; several Harness objects may
// live side by side.

#include <microengine/plugin.h>
#include <microengine/plugin_ext.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace microengine::support {

struct SeenDetection {
    std::string name, family, name_space, detail;
    std::vector<std::string> tags;
    std::int32_t verdict = 0;
    std::uint32_t confidence = 0;
    std::uint64_t offset = 0, length = 0;
};

/// What came back of one call: its status, what the plugin said, and for scans the result.
struct Seen {
    me_status status = ME_OK;
    std::string fail_text, fail_setting;
    std::vector<std::string> log;
    std::int32_t verdict = 0;
    std::uint32_t confidence = 0, flags = 0;
    std::vector<SeenDetection> detections;

    [[nodiscard]] bool partial() const { return (flags & ME_RESULT_PARTIAL) != 0; }
    [[nodiscard]] std::uint32_t why_partial() const { return flags >> 8 & 0xFF; }
};

class Harness {
public:
    using Value = std::variant<std::string, std::int64_t, bool>;

    /// Loads the plugin; throws std::runtime_error if that does not work.
    explicit Harness(const std::filesystem::path& plugin);
    ~Harness();
    Harness(const Harness&) = delete;
    Harness& operator=(const Harness&) = delete;

    /// A setting's values, before open(). Settings not set here have the card's default.
    Harness& set(const std::string& name, std::vector<Value> values);
    Harness& set(const std::string& name, Value value) {
        return set(name, std::vector<Value>{std::move(value)});
    }

    Seen open();
    Seen open_scanner();
    /// Opens backend and scanner first if that has not been done; a failure to open throws.
    Seen scan(std::string_view artifact, std::string_view name = "artifact");
    [[nodiscard]] std::optional<me_signatures> signatures();

    std::uint64_t deadline_ns = 0;                 ///< of the next calls, CLOCK_MONOTONIC; 0: none
    me_status stop_status = ME_OK;                 ///< what should_stop() answers from now on
    std::uint64_t stop_after_polls = UINT64_MAX;   ///< then should_stop() answers ME_E_CANCELLED
    std::uint32_t request_flags = ME_REQUEST_ALL_MATCHES;
    std::uint64_t most_detections = 1024;   ///< then add_detection() answers ME_E_LIMIT
    std::filesystem::path temp_dir;         ///< what temp_dir() gives; empty: ME_E_FAILED

    [[nodiscard]] const me_plugin_v1& table() const { return *table_; }
    [[nodiscard]] me_scanner* scanner() const { return scanner_; }
    [[nodiscard]] const std::map<std::string, std::vector<Value>>& settings() const { return settings_; }

    struct Call;   ///< the me_call of this host

private:
    void* library_ = nullptr;
    const me_plugin_v1* table_ = nullptr;
    std::map<std::string, std::vector<Value>> settings_;
    me_backend* backend_ = nullptr;
    me_scanner* scanner_ = nullptr;
};

/// The EICAR test file, put together at run time.
[[nodiscard]] std::string eicar();

}   // namespace microengine::support
