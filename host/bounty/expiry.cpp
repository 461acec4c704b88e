// SPDX-License-Identifier: MIT
#include "host/bounty/expiry.hpp"

#include "host/bounty/timestamp.hpp"

#include <charconv>
#include <cmath>

namespace microengine::bounty {

namespace {

using Kind = JsonValue::Kind;

constexpr std::int64_t kUsualMs = 30'000;
constexpr double kMostSeconds = 1e9;   // a lifetime; its milliseconds are far from overflowing

const JsonValue* present(const JsonMembers& members, std::string_view name) {
    const auto found = members.find(name);
    return found == members.end() || found->second.kind == Kind::null ? nullptr : &found->second;
}

std::optional<std::int64_t> timestamp(const JsonMembers& bounty, std::string_view name,
                                      std::vector<std::string>& warnings) {
    const JsonValue* value = present(bounty, name);
    if (value == nullptr) return std::nullopt;
    const auto ms = value->kind == Kind::text ? parse_timestamp(text_of(*value)) : std::nullopt;
    if (!ms) warnings.push_back(std::string(name) + " is no timestamp that is known here");
    return ms;
}

/// Seconds, as a number or a text of one; in milliseconds.
std::optional<std::int64_t> duration(const JsonMembers& bounty, std::vector<std::string>& warnings) {
    const JsonValue* value = present(bounty, "duration");
    if (value == nullptr) return std::nullopt;
    const std::string text = value->kind == Kind::text ? text_of(*value) : std::string(value->raw);
    double seconds = -1;
    if (is_json_number(text)) (void)std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (seconds >= 0 && seconds <= kMostSeconds) return std::llround(seconds * 1000);
    warnings.emplace_back("duration is no number of seconds");
    return std::nullopt;
}

}   // namespace

Expiry expiry_of(const JsonMembers& bounty, std::int64_t now_ms, std::vector<std::string>& warnings) {
    Expiry expiry{.expiration_ms = now_ms + kUsualMs, .tasked_ms = timestamp(bounty, "tasked_at", warnings)};
    if (const auto told = timestamp(bounty, "expiration", warnings)) {
        expiry.expiration_ms = *told;
        return expiry;
    }
    if (present(bounty, "expiration") == nullptr) warnings.emplace_back("expiration is missing");
    if (const auto ms = duration(bounty, warnings))
        expiry.expiration_ms = expiry.tasked_ms.value_or(now_ms) + *ms;
    return expiry;
}

}   // namespace microengine::bounty
