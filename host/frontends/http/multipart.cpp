// SPDX-License-Identifier: MIT
#include "host/frontends/http/multipart.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace microengine::http {

namespace {

constexpr std::size_t kMostFieldBytes = std::size_t{8} << 10;
constexpr std::size_t kMostPadding = 256;
constexpr std::size_t kMostBoundary = 70;

bool is_boundary_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("'()+_,-./:=? ").contains(c);
}

bool is_padding(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

/// What is sent as it is. Anything else would be scanned in another form than the one it is used in.
bool is_plain_encoding(std::string_view encoding) {
    const std::string word = lower_case(trimmed(encoding));
    return word == "binary" || word == "8bit" || word == "7bit";
}

struct PartFields {
    std::string name;
    std::string problem;   ///< empty: none
};

void take_field(std::string_view name, std::string_view value, PartFields& part) {
    if (name == "content-transfer-encoding" && !is_plain_encoding(value))
        part.problem = "a part has a Content-Transfer-Encoding; send its bytes as they are";
    if (name != "content-disposition") return;
    const auto disposition = parse_parametrised(value);
    if (!disposition || disposition->value != "form-data") {
        part.problem = "the Content-Disposition of a part is not form-data";
        return;
    }
    if (auto file = file_name_of(*disposition); file && !file->empty())
        part.name = *std::move(file);
    else if (const std::string* field = disposition->find("name"))
        part.name = *field;
}

/// Each line with its end.
PartFields read_fields(std::string_view text) {
    PartFields part;
    bool disposition = false;
    while (!text.empty() && part.problem.empty()) {
        const std::size_t end = text.find("\r\n");
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end + 2);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) ||
            line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
            part.problem = "a part begins with a line that is no field";
            break;
        }
        const std::string name = lower_case(line.substr(0, colon));
        if (name == "content-disposition" && std::exchange(disposition, true))
            part.problem = "a part has two Content-Dispositions";
        else
            take_field(name, line.substr(colon + 1), part);
    }
    if (part.problem.empty() && !disposition) part.problem = "a part has no Content-Disposition";
    return part;
}

}   // namespace

std::optional<MultipartBoundary> boundary_of(const Parametrised& content_type) {
    const std::string* boundary = content_type.find("boundary");
    if (boundary == nullptr || boundary->empty() || boundary->size() > kMostBoundary ||
        boundary->ends_with(' ') || !std::ranges::all_of(*boundary, is_boundary_character))
        return std::nullopt;
    return MultipartBoundary{*boundary};
}

MultipartParser::MultipartParser(const MultipartBoundary& boundary, PartHandler& handler)
    : delimiter_("\r\n--" + boundary.text),
      handler_(handler),
      held_("\r\n") {}   // the first delimiter may be the body's first line

bool MultipartParser::malformed(std::string why) {
    why_ = std::move(why);
    state_ = State::malformed;
    return false;
}

MultipartParser::State MultipartParser::feed(std::string_view piece) {
    held_.append(piece);
    while (step()) {
    }
    return state_;
}

/// False: more bytes are needed, or none.
bool MultipartParser::step() {
    switch (state_) {
        case State::preamble:
        case State::bytes:
            return to_delimiter();
        case State::delimiter:
            return behind_delimiter();
        case State::fields:
            return take_fields();
        case State::epilogue:
            if (!is_padding(held_)) return malformed("something stands behind the last part");
            held_.clear();
            return false;
        case State::refused:
        case State::malformed:
            held_.clear();
            return false;
    }
    std::unreachable();
}

bool MultipartParser::to_delimiter() {
    const bool in_part = state_ == State::bytes;
    const std::size_t found = held_.find(delimiter_);
    const bool whole = found != std::string::npos;
    // A delimiter may have begun in the last bytes.
    const std::size_t sure = whole ? found : held_.size() - std::min(held_.size(), delimiter_.size() - 1);
    if (in_part && sure > 0 && !handler_.on_bytes(std::string_view(held_).substr(0, sure))) {
        state_ = State::refused;
        return true;
    }
    // What belongs to no part would not be scanned.
    if (!in_part && (sure > kMostPadding || !is_padding(std::string_view(held_).substr(0, sure))))
        return malformed("something stands before the first part");
    if (!whole) {
        if (in_part) held_.erase(0, sure);
        return false;
    }
    held_.erase(0, found + delimiter_.size());
    state_ = State::delimiter;
    return true;
}

bool MultipartParser::behind_delimiter() {
    if (held_.size() < 2) return false;
    if (held_.starts_with("--")) {
        held_.erase(0, 2);
        state_ = State::epilogue;
        return true;
    }
    const std::size_t end = held_.find_first_not_of(" \t");
    if (end == std::string::npos || end + 1 >= held_.size())
        return held_.size() > kMostPadding ? malformed("a boundary's line has no end") : false;
    if (held_.compare(end, 2, "\r\n") != 0 || end > kMostPadding)
        return malformed("there is something behind a boundary");
    held_.erase(0, end);   // the line end stays: the fields may be none
    state_ = State::fields;
    return true;
}

bool MultipartParser::take_fields() {
    const std::size_t end = held_.find("\r\n\r\n");
    if (std::min(end, held_.size()) > kMostFieldBytes) return malformed("the fields of a part are too large");
    if (end == std::string::npos) return false;
    PartFields part = read_fields(std::string_view(held_).substr(2, end));
    if (!part.problem.empty()) return malformed(std::move(part.problem));
    held_.erase(0, end + 4);
    if (!handler_.on_part(std::move(part.name))) {
        state_ = State::refused;
        return true;
    }
    state_ = State::bytes;
    return true;
}

}   // namespace microengine::http
