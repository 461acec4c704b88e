// SPDX-License-Identifier: MIT
// Lists of digests, from feeds: whatever a line says, its row lies within it, and what is written back
// plainly is read as the same.
#include "line.hpp"
#include "list_file.hpp"
#include "table.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace microengine::hashlist;

void check(bool holds) {
    if (!holds) std::abort();
}

std::string hex(const Digest& digest) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const unsigned byte : digest.used()) {
        text += digits[byte >> 4U];
        text += digits[byte & 0xFU];
    }
    return text;
}

void look_at(std::string_view line, Columns& columns, Table& table, Names& names) {
    check(line.size() <= kMostLine);
    const auto row = parse_line(line, columns);
    if (!row) {
        // It goes to a terminal.
        for (const char c : row.error()) check(c >= ' ' && c <= '~');
        check(row.error().size() < 200);
        return;
    }
    if (!*row) return;
    const auto [digest, name, family] = **row;
    check(name.size() <= kMostName);
    check(name.empty() ||
          (name.data() >= line.data() && name.data() + name.size() <= line.data() + line.size()));
    Columns none;
    const auto again = parse_line(hex(digest), none);
    check(again && *again && (*again)->digest.kind == digest.kind && (*again)->digest.bytes == digest.bytes);
    const Names::Id id = names.add(name, family);
    check(names.get(id).text == name && (name.empty() || names.get(id).family == family));
    table.add(digest, {.name = id, .place = 0});
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);   // a byte view
    Columns columns;
    Table table;
    Names names;
    Lines lines(
        {.line = [&](std::string_view line) { look_at(line, columns, table, names); }, .too_long = [] {}});
    // In two pieces, cut somewhere.
    const std::size_t cut = size == 0 ? 0 : data[0] % size;
    lines.add(text.substr(0, cut));
    lines.add(text.substr(cut));
    lines.finish();
    table.seal();
    return 0;
}
