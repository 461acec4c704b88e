// SPDX-License-Identifier: MIT
#include "host/report/columns.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace microengine::report {

namespace {
constexpr std::size_t kGap = 2;

std::string_view colour_of(core::Verdict verdict) {
    switch (verdict) {
        case core::Verdict::malicious:
            return "\x1b[1;31m";   // red
        case core::Verdict::suspicious:
            return "\x1b[33m";   // yellow
        case core::Verdict::benign:
            return "\x1b[32m";   // green
        case core::Verdict::unknown:
            return "\x1b[35m";   // magenta
    }
    return "";
}
}   // namespace

std::size_t display_width(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string padded(std::string_view text, std::size_t width) {
    std::string out(text);
    if (const std::size_t has = display_width(text); has < width) out.append(width - has, ' ');
    return out;
}

std::string decimals(double value, int digits) {
    std::array<char, 400> text{};   // the longest double has 309 digits before the point
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, digits);
    return {text.data(), end.ptr};
}

std::string painted(std::string_view text, core::Verdict verdict, const Style& style) {
    if (!style.colour) return std::string(text);
    return std::string(colour_of(verdict)) + std::string(text) + "\x1b[0m";
}

std::string folded(std::string_view text, std::size_t indent, int width) {
    const std::string margin(indent, ' ');
    std::string out = margin;
    std::size_t column = indent;
    bool first = true;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::size_t wide = display_width(word);
        if (!first && width > 0 && column + 1 + wide > static_cast<std::size_t>(width)) {
            out += '\n' + margin;
            column = indent;
        } else if (!first) {
            out += ' ';
            ++column;
        }
        out += word;
        column += wide;
        first = false;
    }
    return out;
}

std::vector<std::size_t> Table::widths() const {
    std::vector<std::size_t> widths(columns_.size(), 0);
    for (const Line& line : lines_)
        for (std::size_t i = 0; i < line.cells.size(); ++i)
            widths[i] = std::max(widths[i], display_width(line.cells[i].text));
    for (std::size_t i = 0; i < widths.size(); ++i)
        if (widths[i] > 0) widths[i] = std::max(widths[i], display_width(columns_[i].head));
    return widths;
}

void Table::append_row(std::string& out, const std::vector<Cell>& cells,
                       const std::vector<std::size_t>& widths) const {
    std::size_t blanks = 0;   // owed, and only paid before more text: no line ends in blanks
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (widths[i] == 0) continue;
        const Cell& cell = cells[i];
        const std::size_t spare = widths[i] - display_width(cell.text);
        if (columns_[i].right) blanks += spare;
        if (!cell.text.empty()) {
            out.append(std::exchange(blanks, 0), ' ');
            out += cell.colour ? painted(cell.text, *cell.colour, style_) : cell.text;
        }
        blanks += kGap + (columns_[i].right ? 0 : spare);
    }
    out += '\n';
}

std::string Table::text(std::size_t indent) const {
    const std::vector<std::size_t> all = widths();
    const std::string margin(indent, ' ');
    std::vector<Cell> heads;
    heads.reserve(columns_.size());
    for (const Column& column : columns_) heads.push_back({.text = column.head});
    std::string out = margin;
    append_row(out, heads, all);
    for (const Line& line : lines_) {
        if (!line.note.empty()) {
            out += folded(line.note, indent + all[0] + kGap + kGap, style_.width) + '\n';
            continue;
        }
        out += margin;
        append_row(out, line.cells, all);
    }
    return out;
}

}   // namespace microengine::report
