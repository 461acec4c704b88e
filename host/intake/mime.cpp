// SPDX-License-Identifier: MIT
#include "host/intake/mime.hpp"

#include "host/intake/mime_container.hpp"

#include <array>
#include <cstddef>

namespace microengine::intake {

namespace {

using namespace std::string_view_literals;

struct Magic {
    std::size_t at;
    std::string_view bytes;
    std::string_view mime;
};

// In order: the first that fits. What text could begin with by chance has long magic numbers only.
constexpr std::array kTable{
    Magic{0,
          "\x7F"sv
          "ELF"sv,
          "application/x-executable"},
    Magic{0, "\xFE\xED\xFA\xCE"sv, "application/x-mach-binary"},
    Magic{0, "\xFE\xED\xFA\xCF"sv, "application/x-mach-binary"},
    Magic{0, "\xCE\xFA\xED\xFE"sv, "application/x-mach-binary"},
    Magic{0, "\xCF\xFA\xED\xFE"sv, "application/x-mach-binary"},
    Magic{0, "\0asm"sv, "application/wasm"},
    Magic{0, "dex\n"sv, "application/vnd.android.dex"},
    Magic{0, "PK\x05\x06"sv, "application/zip"},
    Magic{0, "PK\x07\x08"sv, "application/zip"},
    Magic{0, "\x1F\x8B"sv, "application/gzip"},
    Magic{0,
          "\xFD"
          "7zXZ\0"sv,
          "application/x-xz"},
    Magic{0, "\x28\xB5\x2F\xFD"sv, "application/zstd"},
    Magic{0, "7z\xBC\xAF\x27\x1C"sv, "application/x-7z-compressed"},
    Magic{0, "Rar!\x1A\x07"sv, "application/vnd.rar"},
    Magic{0, "MSCF\0\0\0\0"sv, "application/vnd.ms-cab-compressed"},
    Magic{0, "%PDF-"sv, "application/pdf"},
    Magic{0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, "application/x-ole-storage"},
    Magic{0, "{\\rtf"sv, "application/rtf"},
    Magic{0, "\x89PNG\r\n\x1A\n"sv, "image/png"},
    Magic{0, "\xFF\xD8\xFF"sv, "image/jpeg"},
    Magic{0, "GIF87a"sv, "image/gif"},
    Magic{0, "GIF89a"sv, "image/gif"},
    Magic{0, "L\0\0\0\x01\x14\x02\0\0\0\0\0\xC0\0\0\0\0\0\0\x46"sv, "application/x-ms-shortcut"},
    Magic{0, "!<arch>\ndebian"sv, "application/vnd.debian.binary-package"},
    Magic{0, "!<arch>\n"sv, "application/x-archive"},
    Magic{257, "ustar"sv, "application/x-tar"},
    Magic{32769, "CD001"sv, "application/x-iso9660-image"},
};

bool has(std::string_view text, std::size_t at, std::string_view magic) {
    return text.size() >= at + magic.size() && text.substr(at, magic.size()) == magic;
}

/// "BZh", the level, and the mark of a block or of the end: three letters alone could begin a text.
bool is_bzip2(std::string_view text) {
    return text.size() >= 10 && text.starts_with("BZh") && text[3] >= '1' && text[3] <= '9' &&
           (text.substr(4, 6) == "1AY&SY" || text.substr(4, 6) == "\x17\x72\x45\x38\x50\x90");
}

}   // namespace

std::string_view guess_mime(std::span<const std::uint8_t> bytes) {
    if (bytes.empty()) return "inode/x-empty";
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());   // a byte view
    if (text.starts_with("PK\x03\x04")) return zip_mime(text);
    if (text.starts_with("MZ")) return dos_mime(text);
    if (text.starts_with("\xCA\xFE\xBA\xBE")) return cafebabe_mime(text);
    if (is_bzip2(text)) return "application/x-bzip2";
    for (const Magic& magic : kTable)
        if (has(text, magic.at, magic.bytes)) return magic.mime;
    const std::string_view found = text_mime(text);
    return found.empty() ? "application/octet-stream" : found;
}

}   // namespace microengine::intake
