// SPDX-License-Identifier: MIT
// What a clamd says to the backend that asks it: only the exact words are clean, and a name is one word of
// the reply.
#include "address.hpp"
#include "reply.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace microengine::clamd;

void check(bool holds) {
    if (!holds) std::abort();
}

bool is_word(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);   // a byte view
    const Reply reply = parse_reply(text);
    check((reply.kind == Reply::Kind::clean) == (text == "stream: OK"));
    if (reply.kind == Reply::Kind::found) {
        check(!reply.text.empty() && reply.text.size() <= 256 && is_word(reply.text));
        (void)meaning_of(reply.text);
        check(family_of(reply.text).size() < reply.text.size());
    }
    for (const char c : shown(text)) check(c >= ' ' && c <= '~');
    if (const auto version = parse_version(text)) check(version->text.size() <= 63 && is_word(version->text));
    if (const auto both = parse_host_port(text)) check(is_word(both->host) && is_word(both->port));
    return 0;
}
