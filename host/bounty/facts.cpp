// SPDX-License-Identifier: MIT
#include "host/bounty/json.hpp"
#include "host/bounty/reply.hpp"

#include <charconv>

namespace microengine::bounty {

namespace {

std::string text_in(const JsonMembers& members, std::string_view name) {
    const JsonValue* found = find(members, name);
    return found == nullptr ? std::string() : text_of(*found);
}

std::optional<double> number_in(const JsonMembers& members, std::string_view name) {
    const JsonValue* found = find(members, name);
    if (found == nullptr || found->kind != JsonValue::Kind::number) return std::nullopt;
    double number = 0;
    const std::string_view raw = found->raw;
    if (std::from_chars(raw.data(), raw.data() + raw.size(), number).ec != std::errc()) return std::nullopt;
    return number;
}

}   // namespace

std::optional<ReplyFacts> read_reply(std::string_view json) {
    const auto value = read_json(json).value;
    if (!value) return std::nullopt;
    const JsonMembers reply = members_of(*value);
    const auto verdict = core::parse_verdict(text_in(reply, "verdict"));
    if (!verdict) return std::nullopt;
    const JsonMembers metadata = members_of(reply, "metadata");
    const JsonMembers scanner = members_of(metadata, "scanner");
    ReplyFacts facts;
    facts.verdict = *verdict;
    if (const JsonValue* bid = find(reply, "bid")) facts.bid = parse_wei(bid->raw);
    facts.malware_family = text_in(metadata, "malware_family");
    if (const JsonValue* comments = find(metadata, "comments"))
        for (const JsonValue& comment : items_of(*comments)) facts.comments.push_back(text_of(comment));
    facts.confidence = number_in(metadata, "confidence");
    facts.scanner_version = text_in(scanner, "version");
    facts.architecture = text_in(members_of(scanner, "environment"), "architecture");
    return facts;
}

}   // namespace microengine::bounty
