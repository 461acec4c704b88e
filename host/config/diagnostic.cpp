// SPDX-License-Identifier: MIT
#include "host/config/diagnostic.hpp"

#include "host/util/text.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace microengine::config {

namespace {

constexpr std::array<std::string_view, 3> kSeverities{"error", "warning", "note"};
constexpr std::size_t kShownColumns = 100;
constexpr std::size_t kColumnsBefore = 60;

std::string_view line_of(std::string_view text, std::uint32_t number) {
    for (; number > 1; --number) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos) return {};
        text.remove_prefix(end + 1);
    }
    const std::string_view line = text.substr(0, text.find('\n'));
    return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

std::size_t columns(std::string_view text) {
    return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, continues));
}

/// The first character of `text`, taken off it, as it may be printed.
std::string next_character(std::string_view& text) {
    std::size_t size = 1;
    while (size < text.size() && continues(text[size])) ++size;
    const std::string_view character = text.substr(0, size);
    text.remove_prefix(size);
    return character == "\t" ? " " : util::printable(character);
}

/// Of a long line only what stands around the caret, so that a hostile one-line file stays readable.
std::string excerpt_of(std::string_view line, Position at) {
    const std::size_t caret = at.column == 0 ? 0 : at.column - 1;
    const std::size_t skipped = caret > kShownColumns - 10 ? caret - kColumnsBefore : 0;
    std::string shown = skipped > 0 ? "…" : "";
    std::string blanks(skipped > 0 ? 1 : 0, ' ');
    for (std::size_t column = 0; !line.empty() && column < skipped + kShownColumns; ++column) {
        const std::string character = next_character(line);
        if (column < skipped) continue;
        if (column < caret) blanks.append(columns(character), ' ');
        shown += character;
    }
    if (!line.empty()) shown += "…";
    const std::string number = std::to_string(at.line);
    std::string excerpt = " " + number + " | " + shown;
    if (at.column > 0) excerpt += "\n " + std::string(number.size(), ' ') + " | " + blanks + "^";
    return excerpt;
}

/// Where each problem begins: notes belong to the one before them.
std::vector<std::span<const Diagnostic>> problems_of(std::span<const Diagnostic> all) {
    std::vector<std::span<const Diagnostic>> problems;
    for (std::size_t i = 0; i < all.size();) {
        std::size_t end = i + 1;
        while (end < all.size() && all[end].severity == Severity::note) ++end;
        problems.push_back(all.subspan(i, end - i));
        i = end;
    }
    return problems;
}

}   // namespace

std::string place(std::string_view file, Position at) {
    std::string text = util::printable(file);
    if (at.line > 0) text += ":" + std::to_string(at.line);
    if (at.line > 0 && at.column > 0) text += ":" + std::to_string(at.column);
    return text;
}

std::string to_text(const Diagnostic& diagnostic) {
    std::string text = place(diagnostic.file, diagnostic.at);
    if (!text.empty()) text += ": ";
    text += kSeverities.at(std::to_underlying(diagnostic.severity));
    text += ": " + diagnostic.message;
    if (!diagnostic.hint.empty()) text += "; " + diagnostic.hint;
    if (!diagnostic.excerpt.empty()) text += "\n" + diagnostic.excerpt;
    return text;
}

std::string to_text(std::span<const Diagnostic> diagnostics) {
    const auto problems = problems_of(diagnostics);
    const auto is_error = [](const auto& problem) { return problem.front().severity == Severity::error; };
    const auto errors = static_cast<std::size_t>(std::ranges::count_if(problems, is_error));
    std::size_t room_for_errors = kMostShown;
    std::size_t room_for_others = kMostShown - std::min(errors, kMostShown);
    std::size_t left_out = 0;
    std::string text;
    for (const auto& problem : problems) {
        std::size_t& room = is_error(problem) ? room_for_errors : room_for_others;
        if (room == 0) {
            ++left_out;
            continue;
        }
        --room;
        for (const Diagnostic& diagnostic : problem) text += to_text(diagnostic) + "\n";
    }
    if (left_out > 0) text += "… and " + util::with_commas(left_out) + " more\n";
    return text;
}

bool has_errors(std::span<const Diagnostic> diagnostics) {
    return std::ranges::find(diagnostics, Severity::error, &Diagnostic::severity) != diagnostics.end();
}

void arrange(std::vector<Diagnostic>& diagnostics) {
    std::vector<std::string_view> files;
    const auto rank = [&files](std::string_view file) {
        return std::ranges::find(files, file) - files.begin();
    };
    for (const Diagnostic& diagnostic : diagnostics)
        if (rank(diagnostic.file) == std::ssize(files)) files.push_back(diagnostic.file);
    auto problems = problems_of(diagnostics);
    // Its own place last: of two at one position the first found stays first.
    std::ranges::sort(problems, {}, [&rank](const auto& problem) {
        return std::tuple(rank(problem.front().file), problem.front().at, problem.data());
    });
    std::vector<Diagnostic> arranged;
    arranged.reserve(diagnostics.size());
    for (const auto& problem : problems) arranged.insert(arranged.end(), problem.begin(), problem.end());
    diagnostics = std::move(arranged);
}

void add_excerpts(std::span<Diagnostic> diagnostics, std::string_view text) {
    std::size_t shown = 0;
    for (Diagnostic& diagnostic : diagnostics) {
        if (diagnostic.at.line == 0) continue;
        if (diagnostic.severity != Severity::note && ++shown > kMostShown) return;
        diagnostic.excerpt = excerpt_of(line_of(text, diagnostic.at.line), diagnostic.at);
    }
}

}   // namespace microengine::config
