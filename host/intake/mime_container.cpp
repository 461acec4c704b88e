// SPDX-License-Identifier: MIT
#include "host/intake/mime_container.hpp"

#include "host/util/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace microengine::intake {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t kTextHead = std::size_t{64} << 10;   // what is looked at to call it text
constexpr std::size_t kMostMembers = 16;

/// Little-endian, 2 or 4 bytes; nothing if they are not all there.
std::optional<std::uint32_t> little(std::string_view bytes, std::size_t at, std::size_t size) {
    if (bytes.size() < size || at > bytes.size() - size) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

struct Hint {
    std::string_view member;   ///< the beginning of its name
    std::string_view mime;
};
constexpr std::array kHints{
    Hint{"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    Hint{"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    Hint{"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    Hint{"AndroidManifest.xml", "application/vnd.android.package-archive"},
    Hint{"classes.dex", "application/vnd.android.package-archive"},
};

constexpr std::array kTags{"<!doctype html"sv, "<html"sv, "<head"sv, "<body"sv, "<script"sv, "<iframe"sv};
constexpr std::array kMailHeaders{"received:"sv,   "return-path:"sv,  "delivered-to:"sv,  "from:"sv,
                                  "message-id:"sv, "mime-version:"sv, "date:"sv,          "subject:"sv,
                                  "x-received:"sv, "to:"sv,           "dkim-signature:"sv};

struct Member {
    std::string_view name;
    std::string_view stored;   ///< its bytes, if they are stored as they are
    std::size_t next = 0;      ///< where the next header should be; 0: this one does not say
};

std::optional<Member> member_at(std::string_view zip, std::size_t at) {
    const auto magic = little(zip, at, 4);
    if (!magic || *magic != 0x04034B50) return std::nullopt;
    const auto flags = little(zip, at + 6, 2);
    const auto method = little(zip, at + 8, 2);
    const auto size = little(zip, at + 18, 4);
    const auto name_size = little(zip, at + 26, 2);
    const auto extra_size = little(zip, at + 28, 2);
    if (!flags || !method || !size || !name_size || !extra_size) return std::nullopt;
    const std::size_t data = at + 30 + *name_size + *extra_size;
    Member member{.name = zip.substr(std::min(at + 30, zip.size()), *name_size), .stored = {}, .next = 0};
    if ((*flags & 8) != 0 && *size == 0) return member;   // the size follows the data: cannot be skipped
    if (*method == 0 && data < zip.size()) member.stored = zip.substr(data, *size);
    member.next = data + *size;
    return member;
}

bool starts_with_folded(std::string_view text, std::string_view lower) {
    return text.size() >= lower.size() &&
           std::equal(lower.begin(), lower.end(), text.begin(), [](char want, char got) {
               return want == (got >= 'A' && got <= 'Z' ? static_cast<char>(got - 'A' + 'a') : got);
           });
}

std::string_view without_blanks(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

bool is_html(std::string_view text) {
    return std::ranges::any_of(kTags, [&](std::string_view tag) { return starts_with_folded(text, tag); });
}

/// A header line that mails begin with, and another header among the first lines.
bool is_mail(std::string_view text) {
    std::size_t headers = 0;
    for (int line = 0; line < 40 && !text.empty(); ++line) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const bool header = std::ranges::any_of(
            kMailHeaders, [&](std::string_view name) { return starts_with_folded(text, name); });
        if (line == 0 && !header && !text.starts_with("From ")) return false;
        headers += header ? 1 : 0;
        if (end <= 1) break;   // the body begins
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return headers >= 2;
}

std::string_view script_mime(std::string_view text) {
    const std::string_view line = text.substr(0, std::min(text.find('\n'), text.size()));
    if (line.contains("python")) return "text/x-python";
    if (line.contains("perl")) return "text/x-perl";
    return "text/x-shellscript";
}

/// No NUL and valid UTF-8, but for a character that the end of the head cuts.
bool is_text(std::string_view text) {
    const std::string_view head = util::cut(text, kTextHead);
    return !head.contains('\0') && util::is_utf8(head);
}

}   // namespace

std::string_view zip_mime(std::string_view bytes) {
    std::size_t at = 0;
    bool java = false;
    for (std::size_t i = 0; i < kMostMembers; ++i) {
        const auto member = member_at(bytes, at);
        if (!member) break;
        if (i == 0 && member->name == "mimetype" &&
            member->stored.starts_with("application/vnd.oasis.opendocument.text"))
            return "application/vnd.oasis.opendocument.text";
        if (i == 0 && member->name == "mimetype" && member->stored.starts_with("application/epub+zip"))
            return "application/epub+zip";
        for (const Hint& hint : kHints)
            if (member->name.starts_with(hint.member)) return hint.mime;
        java = java || member->name.starts_with("META-INF/");
        if (member->next <= at) break;
        at = member->next;
    }
    return java ? "application/java-archive" : "application/zip";
}

std::string_view dos_mime(std::string_view bytes) {
    const auto header = little(bytes, 0x3C, 4);
    if (header && little(bytes, *header, 4) == 0x4550u)
        return "application/vnd.microsoft.portable-executable";
    if (bytes.size() < 0x40 && is_text(bytes)) return "text/plain";
    return "application/x-dosexec";
}

std::string_view cafebabe_mime(std::string_view bytes) {
    // Behind it a fat Mach-O counts its parts, a class has its version, 45 at least.
    if (bytes.size() < 8) return "application/octet-stream";
    const bool few =
        bytes[4] == 0 && bytes[5] == 0 && bytes[6] == 0 && static_cast<unsigned char>(bytes[7]) < 45;
    return few ? "application/x-mach-binary" : "application/java-vm";
}

std::string_view text_mime(std::string_view bytes) {
    if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) return "text/plain";   // UTF-16
    std::string_view text = util::cut(bytes, kTextHead);
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (text.starts_with("#!")) return script_mime(text);
    const std::string_view start = without_blanks(text);
    if (is_html(start)) return "text/html";
    if (start.starts_with("<?xml")) return "text/xml";
    if (is_mail(text)) return "message/rfc822";
    return is_text(bytes) ? "text/plain" : "";
}

}   // namespace microengine::intake
