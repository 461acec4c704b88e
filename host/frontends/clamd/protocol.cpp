// SPDX-License-Identifier: MIT
#include "host/frontends/clamd/protocol.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace microengine::clamd {

namespace {

struct Known {
    std::string_view text;
    bool has_path;
    bool old_style;
};

/// In the order of Word.
constexpr std::array<Known, kWords> kKnown{{
    {"SCAN", true, true},
    {"QUIT", false, true},
    {"SHUTDOWN", false, true},
    {"RELOAD", false, true},
    {"PING", false, true},
    {"CONTSCAN", true, true},
    {"VERSIONCOMMANDS", false, false},
    {"VERSION", false, true},
    {"END", false, false},
    {"MULTISCAN", true, true},
    {"FILDES", false, true},
    {"STATS", false, false},
    {"IDSESSION", false, false},
    {"INSTREAM", false, false},
    {"ALLMATCHSCAN", true, false},
}};

/// Could more bytes still make a command of the old style of it?
bool may_grow(std::string_view text) {
    return std::ranges::any_of(kKnown, [text](const Known& known) {
        if (!known.old_style) return false;
        const std::size_t least = known.text.size() + (known.has_path ? 2 : 0);
        return text.size() < least &&
               (known.text.starts_with(text) || (known.has_path && text.starts_with(known.text)));
    });
}

Parsed understand(std::string_view line, Form form, std::size_t used) {
    Parsed parsed{.status = Parsed::Status::unknown, .command = {.form = form, .argument = {}}, .used = used};
    const std::size_t blank = std::min(line.find(' '), line.size());
    const auto found = std::ranges::find(kKnown, line.substr(0, blank), &Known::text);
    if (found == kKnown.end() || (form == Form::old && !found->old_style)) return parsed;
    const std::string_view argument = line.substr(std::min(blank + 1, line.size()));
    if (found->has_path ? argument.empty() : blank != line.size()) return parsed;
    parsed.status = Parsed::Status::command;
    parsed.command.word = static_cast<Word>(found - kKnown.begin());
    parsed.command.argument = argument;
    return parsed;
}

Parsed read_terminated(std::string_view buffer, Form form) {
    const std::size_t end = buffer.substr(0, kLongestCommand).find(terminator(form));
    if (end == std::string_view::npos)
        return {
            .status = buffer.size() < kLongestCommand ? Parsed::Status::incomplete : Parsed::Status::too_long,
            .command = {.form = form, .argument = {}}};
    std::string_view line = buffer.substr(1, end - 1);
    if (form == Form::n && line.ends_with('\r')) line.remove_suffix(1);
    return understand(line, form, end + 1);
}

Parsed read_old(std::string_view buffer, bool settled) {
    const std::size_t end = buffer.substr(0, kLongestCommand).find('\n');
    const bool ended = end != std::string_view::npos;
    if (!ended && buffer.size() >= kLongestCommand)
        return {.status = Parsed::Status::too_long, .command = {}};
    std::string_view line = buffer.substr(0, end);
    while (!line.empty() && (line.back() == '\r' || line.back() == '\0')) line.remove_suffix(1);
    if (!ended && !settled && line.size() == buffer.size() && may_grow(line)) return {.command = {}};
    return understand(line, Form::old, ended ? end + 1 : buffer.size());
}

}   // namespace

Parsed read_command(std::string_view buffer, bool settled) {
    constexpr std::string_view empty_stream("\0\0\0\0", 4);
    if (buffer.empty()) return {.command = {}};
    if (buffer.front() == 'z') return read_terminated(buffer, Form::z);
    if (buffer.front() == 'n') return read_terminated(buffer, Form::n);
    if (buffer.front() != '\0') return read_old(buffer, settled);
    if (buffer.starts_with(empty_stream))
        return {.status = Parsed::Status::empty_stream,
                .command = {.word = Word::instream, .form = Form::z, .argument = {}},
                .used = empty_stream.size()};
    if (empty_stream.starts_with(buffer) && !settled) return {.command = {}};
    return read_old(buffer, settled);
}

std::string_view to_text(Word word) { return kKnown.at(std::to_underlying(word)).text; }

char terminator(Form form) { return form == Form::z ? '\0' : '\n'; }

ChunkReader::Step ChunkReader::next(std::span<const std::uint8_t> buffer) {
    std::size_t used = 0;
    if (left_ == 0) {
        while (header_bytes_ < 4 && used < buffer.size()) {
            header_ = header_ << 8 | buffer[used++];
            ++header_bytes_;
        }
        if (header_bytes_ < 4) return {.used = used};
        left_ = std::exchange(header_, 0);
        header_bytes_ = 0;
        if (left_ == 0) return {.status = Status::done, .used = used};
        if (left_ > limit_ - received_) return {.status = Status::too_large, .used = used};
        received_ += left_;
    }
    const auto data = buffer.subspan(used, std::min<std::size_t>(left_, buffer.size() - used));
    if (data.empty()) return {.used = used};
    left_ -= static_cast<std::uint32_t>(data.size());
    return {.status = Status::data, .used = used + data.size(), .data = data};
}

}   // namespace microengine::clamd
