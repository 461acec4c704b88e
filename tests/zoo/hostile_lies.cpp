// SPDX-License-Identifier: MIT
// Answers that are too late, too many, too large or malformed.

#include "hostile.hpp"

#include <chrono>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

namespace hostile {

namespace me = microengine;

namespace {

/// Until its time is over, and then 5 ms more. Without a deadline: for ever.
void overstay(const me::Scan& scan) {
    while (scan.time_left() > std::chrono::nanoseconds::zero()) {
    }
    const auto enough = std::chrono::steady_clock::now() + std::chrono::milliseconds(5);
    while (std::chrono::steady_clock::now() < enough) {
    }
}

void late_find(me::Scan& scan) {
    scan.malicious("Hostile.Late", "Hostile");
    overstay(scan);
}

/// Deaf to the host's "enough".
[[noreturn]] void flood(me::Scan& scan) {
    for (;;) scan.add({.name = "Hostile.Flood", .family = "Hostile"});
}

void spam_log(me::Scan& scan) {
    for (int line = 0; line < 1'000'000; ++line) scan.log(ME_LOG_WARN, "Hostile: spam, spam, spam");
}

/// Ill-formed, overlong and cut UTF-8, a surrogate, controls, a terminal's escape, a zero, a right-to-left
/// override.
void bad_utf8(me::Scan& scan) {
    using namespace std::string_view_literals;
    constexpr auto kBad = "Hostile\xff\xc0\xaf\xed\xa0\x80\x1b[2J\r\n\0\x7f\xe2\x80\xae\xc3"sv;
    scan.log(ME_LOG_WARN, kBad);
    scan.add({.name = kBad, .family = kBad, .name_space = kBad, .detail = kBad, .tags = {kBad, kBad}});
    throw me::Error(ME_E_FAILED, std::string(kBad));
}

/// What a Scan is made of. The SDK passes on 32 tags at most, so the host is called without it.
struct Raw {
    const me_host_v1* host;
    me_call* call;
};
Raw raw(const me::Scan& scan) {
    static_assert(std::is_standard_layout_v<me::Scan> && sizeof(me::Scan) >= sizeof(Raw));
    Raw inside{};
    std::memcpy(&inside, &scan, sizeof inside);
    return inside;
}

void absurd_lengths(me::Scan& scan) {
    const std::string name(10'000'000, 'n');
    const std::string detail = "{\"x\":\"" + std::string(std::size_t{1} << 20, 'd') + "\"}";
    const me_string tag = me::detail::view("tag");
    const std::vector<me_string> tags(100'000, tag);
    me_detection record{};
    record.struct_size = sizeof record;
    record.verdict = ME_MALICIOUS;
    record.confidence = ME_CONFIDENCE_UNSET;
    record.name = me::detail::view(name);
    record.tags = tags.data();
    record.tag_count = tags.size();
    record.detail = me::detail::view(detail);
    const auto [host, call] = raw(scan);
    static_cast<void>(host->add_detection(call, &record));
}

constexpr Trick kLies[] = {
    {"late", [](me::Scan& scan) { overstay(scan); }},
    {"late_find", &late_find},
    {"flood", [](me::Scan& scan) { flood(scan); }},
    {"spam_log", &spam_log},
    {"bad_utf8", &bad_utf8},
    {"absurd_lengths", &absurd_lengths},
};

}   // namespace

std::span<const Trick> lies() { return kLies; }

}   // namespace hostile
