// SPDX-License-Identifier: MIT
#pragma once
// Text in columns: width, colour, folding, tables. Knows nothing of reports but the colours of verdicts.

#include "host/core/verdict.hpp"
#include "host/report/style.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::report {

/// Columns that valid UTF-8 takes on a terminal, one for each code point.
[[nodiscard]] std::size_t display_width(std::string_view text);
/// With blanks up to `width` columns.
[[nodiscard]] std::string padded(std::string_view text, std::size_t width);
/// With a decimal point in every locale.
[[nodiscard]] std::string decimals(double value, int digits);
/// In the verdict's colour, if colours are asked for.
[[nodiscard]] std::string painted(std::string_view text, core::Verdict verdict, const Style& style);
/// Folded at blanks to `width` columns with every line indented; width 0: one line. No line feed at the end.
[[nodiscard]] std::string folded(std::string_view text, std::size_t indent, int width);

class Table {
public:
    struct Column {
        std::string head;
        bool right = false;   ///< numbers
    };
    struct Cell {
        std::string text;
        std::optional<core::Verdict> colour = std::nullopt;
    };
    Table(std::vector<Column> columns, Style style) : columns_(std::move(columns)), style_(style) {}

    void row(std::vector<Cell> cells) { lines_.push_back({.cells = std::move(cells), .note = {}}); }
    /// A line of its own below the row before, indented to the second column.
    void note(std::string text) { lines_.push_back({.cells = {}, .note = std::move(text)}); }
    /// Ends with a line feed; columns that are empty in every row are left out.
    [[nodiscard]] std::string text(std::size_t indent) const;

private:
    struct Line {
        std::vector<Cell> cells;
        std::string note;
    };
    [[nodiscard]] std::vector<std::size_t> widths() const;
    void append_row(std::string& out, const std::vector<Cell>& cells,
                    const std::vector<std::size_t>& widths) const;

    std::vector<Column> columns_;
    Style style_;
    std::vector<Line> lines_;
};

}   // namespace microengine::report
