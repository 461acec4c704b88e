// SPDX-License-Identifier: MIT
// What PolySwarm takes as a reply: the schema of its artifacts' metadata and the rules of bids.
#include "host/bounty/json.hpp"
#include "host/bounty/reply.hpp"
#include "host/util/text.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace microengine::bounty {

namespace {

using core::Verdict;
using Kind = JsonValue::Kind;
using Fault = std::optional<std::string>;

constexpr std::size_t kLeastDomain = 3;
constexpr std::size_t kMostDomain = 127;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
Fault bid_fault(const JsonMembers& reply, Verdict verdict, const Rules& rules) {
    const JsonValue* token = find(reply, "bid");
    if (token == nullptr) return "bid is required";
    if (!is_integer(*token)) return "bid must be written as an integer";
    const auto bid = parse_wei(token->raw);
    if (verdict == Verdict::unknown || verdict == Verdict::suspicious) {
        if (bid != Wei{}) return std::string(core::to_text(verdict)) + " bids nothing";
        return std::nullopt;
    }
    if (!bid || *bid < std::max(rules.min, Wei{1}) || *bid > rules.max) return "bid outside rules";
    return std::nullopt;
}

Fault family_fault(const JsonMembers& metadata) {
    const JsonValue* family = find(metadata, "malware_family");
    if (family == nullptr) return "malware_family is required";
    if (family->kind != Kind::text) return "malware_family is a string";
    return std::nullopt;
}

Fault confidence_fault(const JsonMembers& metadata) {
    const JsonValue* confidence = find(metadata, "confidence");
    if (confidence == nullptr) return std::nullopt;
    if (confidence->kind != Kind::number) return "confidence is a number";
    if (is_integer(*confidence)) return "confidence is written with a decimal point";
    double value = -1;   // stays, if no double holds it
    (void)std::from_chars(confidence->raw.data(), confidence->raw.data() + confidence->raw.size(), value);
    if (value < 0 || value > 1) return "confidence is within 0.0 and 1.0";
    return std::nullopt;
}

bool is_product(std::string_view text) {
    const auto is_lower = [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c); };
    return !text.empty() && is_lower(text.front()) && is_lower(text.back()) && !text.contains("--") &&
           std::ranges::all_of(text, [&](char c) { return is_lower(c) || c == '-'; });
}

bool is_version(std::string_view text) {
    return !text.empty() && is_digit(text.front()) && is_digit(text.back()) && !text.contains("..") &&
           std::ranges::all_of(text, [](char c) { return is_digit(c) || c == '.'; });
}

bool is_domain(const JsonValue& value) {
    if (value.kind != Kind::text) return false;
    const std::string text = text_of(value);
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
    const auto characters = text.size() - static_cast<std::size_t>(std::ranges::count_if(text, continues));
    return characters >= kLeastDomain && characters <= kMostDomain;
}

bool is_address(const JsonValue& value) {
    if (value.kind != Kind::text) return false;
    const std::string text = text_of(value);
    std::array<unsigned char, 16> ignored{};
    return !text.contains('\0') && (::inet_pton(AF_INET, text.c_str(), ignored.data()) == 1 ||
                                    ::inet_pton(AF_INET6, text.c_str(), ignored.data()) == 1);
}

bool is_stix(const JsonValue& value) {
    const JsonMembers members = members_of(value);
    const JsonValue* schema = find(members, "schema");
    return schema != nullptr && schema->kind == Kind::text && members.contains("signature");
}

using IsRight = bool (*)(const JsonValue&);
struct Member {
    std::string_view name;
    IsRight is_right;
    std::string_view rule;   ///< "comments is an array of strings"
};

bool is_text(const JsonValue& value) { return value.kind == Kind::text; }
bool is_null(const JsonValue& value) { return value.kind == Kind::null; }
template <IsRight one>
bool are_all(const JsonValue& value) {
    return value.kind == Kind::array && std::ranges::all_of(items_of(value), one);
}
template <IsRight one>
bool are_all_or_null(const JsonValue& value) {
    return is_null(value) || are_all<one>(value);
}
bool is_version_or_null(const JsonValue& value) {
    return is_null(value) || (is_text(value) && is_version(text_of(value)));
}
bool is_text_or_null(const JsonValue& value) { return is_null(value) || is_text(value); }
bool is_object(const JsonValue& value) { return value.kind == Kind::object; }
bool is_object_or_null(const JsonValue& value) { return is_null(value) || is_object(value); }

constexpr std::array kMetadata{
    Member{"product", [](const JsonValue& value) { return is_text(value) && is_product(text_of(value)); },
           "product is lower-case words joined by -"},
    Member{"comments", are_all<is_text>, "comments is an array of strings"},
    Member{"heuristic", [](const JsonValue& value) { return is_null(value) || value.kind == Kind::boolean; },
           "heuristic is true, false or null"},
    Member{"scanner", is_object_or_null, "scanner is an object"},
    Member{"domains", are_all_or_null<is_domain>, "domains are strings of 3 to 127 characters"},
    Member{"ip_addresses", are_all_or_null<is_address>, "ip_addresses are IPv4 or IPv6 addresses"},
    Member{"stix", are_all_or_null<is_stix>, "stix is objects with a schema and a signature"},
};
constexpr std::array kScanner{
    Member{"version", is_version_or_null, "scanner.version is digits and dots"},
    Member{"polyswarmclient_version", is_version_or_null,
           "scanner.polyswarmclient_version is digits and dots"},
    Member{"vendor_version", is_text_or_null, "scanner.vendor_version is a string"},
    Member{"signatures_version", is_text_or_null, "scanner.signatures_version is a string"},
    Member{"environment", is_object_or_null, "scanner.environment is an object"},
};
constexpr std::array kEnvironment{
    Member{"operating_system", is_text_or_null, "scanner.environment.operating_system is a string"},
    Member{"architecture", is_text_or_null, "scanner.environment.architecture is a string"},
};

template <std::size_t N>
Fault first_of(const JsonMembers& members, const std::array<Member, N>& rules) {
    for (const Member& rule : rules)
        if (const JsonValue* value = find(members, rule.name); value != nullptr && !rule.is_right(*value))
            return std::string(rule.rule);
    return std::nullopt;
}

Fault metadata_fault(const JsonMembers& reply) {
    const JsonValue* value = find(reply, "metadata");
    if (value == nullptr) return "metadata is required";
    if (!is_object(*value)) return "metadata is an object";
    const JsonMembers metadata = members_of(*value);
    if (auto fault = family_fault(metadata)) return fault;
    if (auto fault = confidence_fault(metadata)) return fault;
    if (auto fault = first_of(metadata, kMetadata)) return fault;
    const JsonMembers scanner = members_of(metadata, "scanner");
    if (auto fault = first_of(scanner, kScanner)) return fault;
    if (auto fault = first_of(members_of(scanner, "environment"), kEnvironment)) return fault;
    if (value->raw.size() > kMostMetadataBytes) return "metadata has more than 16 KiB";
    return std::nullopt;
}

}   // namespace

std::optional<std::string> find_fault(std::string_view json, Phase phase, const Rules& rules) {
    const auto value = read_json(json).value;
    if (!value) return "is not JSON";
    if (!is_object(*value)) return "is no JSON object";
    const JsonMembers reply = members_of(*value);
    const JsonValue* verdict_text = find(reply, "verdict");
    const auto verdict = verdict_text == nullptr ? std::nullopt : core::parse_verdict(text_of(*verdict_text));
    if (!verdict) return "verdict is not one of the four";
    if (phase == Phase::assertion) {
        if (auto fault = bid_fault(reply, *verdict, rules)) return fault;
    } else if (reply.contains("bid")) {
        return "a vote has no bid";
    }
    return metadata_fault(reply);
}

}   // namespace microengine::bounty
