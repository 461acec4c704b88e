// SPDX-License-Identifier: MIT
// What the marketplace sends, and replies that may come from anybody: taken or refused, JSON as others take
// it, and a reply of ours is never one that PolySwarm would refuse.
#include "host/bounty/bounty.hpp"
#include "host/bounty/json.hpp"
#include "host/bounty/reply.hpp"
#include "host/bounty/signature.hpp"
#include "host/bounty/timestamp.hpp"
#include "host/bounty/url.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace microengine::bounty;
using microengine::core::Verdict;

constexpr std::int64_t kNow = 1'700'000'000'000;

void check(bool holds) {
    if (!holds) std::abort();
}

/// Taken alike by nlohmann/json and ours: no byte order mark and no 0x00, which is the end for nlohmann/json;
/// ours refuses both. Nothing that may be half a surrogate, which ours replaces.
bool is_common(std::string_view text) {
    return !text.starts_with("\xEF\xBB\xBF") && !text.contains('\0') && !text.contains("\\uD") &&
           !text.contains("\\ud");
}

void read_as_json(std::string_view text) {
    const auto value = read_json(text).value;
    if (!is_common(text)) return;
    const bool brackets_enough = std::ranges::count_if(text, [](char c) { return c == '[' || c == '{'; }) >
                                 std::ptrdiff_t{kMostNesting};
    try {
        const auto other = nlohmann::json::parse(text);
        check(value || brackets_enough);
        if (!value) return;
        if (other.is_string()) check(text_of(*value) == other.get<std::string>());
        if (other.is_array()) check(items_of(*value).size() == other.size());
        if (!other.is_object()) return;
        const JsonMembers members = members_of(*value);
        check(members.size() == other.size());
        for (const auto& [name, member] : members) check(other.contains(name));
    } catch (const nlohmann::json::out_of_range&) {   // a number; the rest may be well-formed or not
        return;
    } catch (const nlohmann::json::parse_error&) {
        check(!value);
    }
}

void read_as_bounty(std::string_view text) {
    const auto bounty = parse_bounty(text, kNow);
    if (!bounty) return;
    const auto again = parse_bounty(text, kNow + 1);
    check(again && key_of(*again) == key_of(*bounty));
    check(!bounty->id.empty() && !bounty->artifact_uri.empty() && is_web_url(bounty->response_url));
    check(bounty->rules.min.value < kWeiEnd && bounty->rules.max.value < kWeiEnd);
    check(url_convention(*bounty, UrlConvention::automatic) != UrlConvention::automatic);
    for (const auto& [key, value] : bounty->metadata) (void)parse_timestamp(value);
}

void read_as_token(std::string_view text) {
    const auto up = parse_rule_value(text, Round::up);
    const auto down = parse_rule_value(text, Round::down);
    if (up) check(down && up->value - down->value <= 1 && parse_wei(to_text(*up)) == up);
    if (down && !up) check(down->value == kWeiEnd - 1);
    if (const auto amount = parse_amount(text)) check(parse_amount(to_nct(*amount)).value() == *amount);
    if (const auto ms = parse_timestamp(text)) check(*ms > -63'000'000'000'000 && *ms < 254'000'000'000'000);
}

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }

void read_as_url(std::string_view text) {
    if (const auto url = url_in(text))
        check(!url->empty() && url->size() <= 8192 && std::ranges::none_of(*url, is_control));
    const std::string shown = redacted(text);
    check(shown.size() <= 512 && std::ranges::none_of(shown, is_control));
    const std::size_t query = shown.find('?');
    check(!shown.contains('#') &&
          (query == std::string::npos || std::string_view("?redacted").starts_with(shown.substr(query))));
}

void read_as_reply(std::string_view text) {
    for (const Phase phase : {Phase::assertion, Phase::vote})
        if (!find_fault(text, phase, Rules{})) check(read_reply(text).has_value());
}

/// A reply with the text's pieces everywhere.
Reply reply_of(std::string_view text, std::uint8_t choice) {
    const auto piece = [&](std::size_t part) {
        return std::string(text.substr(std::min(text.size(), part * text.size() / 8)));
    };
    Reply reply;
    reply.phase = (choice & 1) != 0 ? Phase::vote : Phase::assertion;
    reply.verdict = static_cast<Verdict>(choice >> 1 & 3);
    for (const char c : text.substr(0, 12))
        reply.bid.value = reply.bid.value << 8 | static_cast<unsigned char>(c);
    reply.malware_family = piece(0);
    if ((choice & 8) != 0) reply.confidence = static_cast<Confidence>(reply.bid.value);
    reply.comments.assign(choice >> 4, piece(1));
    reply.version = piece(2);
    reply.vendor_version = piece(3);
    reply.signatures_version = piece(4);
    reply.operating_system = piece(5);
    reply.architecture = piece(6);
    reply.backends.assign(choice >> 5, {.name = piece(1),
                                        .verdict = piece(7),
                                        .outcome = piece(6),
                                        .vendor_version = piece(5),
                                        .signatures_version = piece(0)});
    return reply;
}

void write_and_judge(std::string_view text, std::uint8_t choice) {
    const Reply reply = reply_of(text, choice);
    const std::string written = write_reply(reply);
    check(!find_fault(written, reply.phase, {.min = reply.bid, .max = reply.bid}));
    check(nlohmann::json::accept(written));
    const auto facts = read_reply(written);
    check(facts.has_value());
    check(facts->verdict == reply.verdict || (reply.bid == Wei{} && facts->verdict == Verdict::unknown));
    check(facts->bid.has_value() == (reply.phase == Phase::assertion));
    if (facts->bid && *facts->bid != Wei{}) check(facts->bid == reply.bid);
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // The first byte chooses what a reply is like.
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);   // a byte view
    read_as_json(text);
    read_as_bounty(text);
    read_as_token(text);
    read_as_url(text);
    read_as_reply(text);
    write_and_judge(text, data[0]);
    return 0;
}
