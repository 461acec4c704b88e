// SPDX-License-Identifier: MIT
#include "host/intake/mime.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace microengine::intake {
namespace {

using namespace std::string_literals;

std::string guess(const std::string& bytes) {
    const std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());   // exact size: reading past it is seen
    return std::string(guess_mime(copy));
}

std::string little(std::uint64_t value, int size) {
    std::string out;
    for (int i = 0; i < size; ++i) out += static_cast<char>(value >> 8 * i & 0xFF);
    return out;
}

std::string member(const std::string& name, const std::string& stored, std::uint32_t flags = 0) {
    const auto size = static_cast<std::uint32_t>(stored.size());
    return "PK\x03\x04" + little(20, 2) + little(flags, 2) + little(0, 2) + little(0, 8) +
           little((flags & 8) != 0 ? 0 : size, 4) + little(size, 4) +
           little(static_cast<std::uint32_t>(name.size()), 2) + little(0, 2) + name + stored;
}

std::string dos(std::uint32_t header) {
    return "MZ" + std::string(0x3A, '\0') + little(header, 4) + std::string(0x40, '\0');
}

std::string portable_executable() { return dos(0x80) + "PE\0\0"s + std::string(20, '\0'); }

struct Case {
    const char* name;
    std::string bytes;
    std::string mime;
};
std::ostream& operator<<(std::ostream& out, const Case& given) { return out << given.name; }

class Mime : public testing::TestWithParam<Case> {};

TEST_P(Mime, IsGuessed) { EXPECT_EQ(guess(GetParam().bytes), GetParam().mime); }

TEST_P(Mime, OfEveryBeginningIsInBounds) {
    for (std::size_t size = 0; size < std::min<std::size_t>(GetParam().bytes.size(), 400); ++size)
        EXPECT_NE(guess(GetParam().bytes.substr(0, size)), "");
}

INSTANTIATE_TEST_SUITE_P(
    Table, Mime,
    testing::Values(
        Case{"Empty", "", "inode/x-empty"}, Case{"Text", "just words\n", "text/plain"},
        Case{"Utf8Text", "caf\xC3\xA9", "text/plain"},
        Case{"Utf16Text",
             "\xFF\xFE"
             "a\0"s,
             "text/plain"},
        Case{"Bytes", "a\0b"s, "application/octet-stream"},
        Case{"NotUtf8", "caf\xE9", "application/octet-stream"},
        Case{"LongTextCutInACharacter", std::string(65535, 'a') + "\xC3\xA9", "text/plain"},
        Case{"PortableExecutable", portable_executable(), "application/vnd.microsoft.portable-executable"},
        Case{"DosProgram", dos(0x20), "application/x-dosexec"},
        Case{"DosHeaderFarAway", dos(0xFFFFFFF0), "application/x-dosexec"},
        Case{"TextThatBeginsLikeAProgram", "MZ is a name", "text/plain"},
        Case{"Elf",
             "\x7F"
             "ELF\x02\x01",
             "application/x-executable"},
        Case{"MachO", "\xCF\xFA\xED\xFE\x07", "application/x-mach-binary"},
        Case{"FatMachO", "\xCA\xFE\xBA\xBE\0\0\0\x02"s, "application/x-mach-binary"},
        Case{"JavaClass", "\xCA\xFE\xBA\xBE\0\0\0\x41"s, "application/java-vm"},
        Case{"Wasm", "\0asm\x01\0\0\0"s, "application/wasm"},
        Case{"Zip", member("a.txt", "x"), "application/zip"},
        Case{"EmptyZip", "PK\x05\x06" + std::string(18, '\0'), "application/zip"},
        Case{"Docx",
             member("[Content_Types].xml", "x") + member("_rels/.rels", "y") +
                 member("word/document.xml", "z"),
             "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
        Case{"Xlsx", member("[Content_Types].xml", "x") + member("xl/workbook.xml", "z"),
             "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
        Case{"Apk", member("META-INF/X", "x") + member("AndroidManifest.xml", "x"),
             "application/vnd.android.package-archive"},
        Case{"Jar", member("META-INF/MANIFEST.MF", "x") + member("a.class", "x"), "application/java-archive"},
        Case{"OpenDocument", member("mimetype", "application/vnd.oasis.opendocument.text"),
             "application/vnd.oasis.opendocument.text"},
        Case{"ZipOfUnknownSizes", member("a", "x", 8) + member("word/x", "x"), "application/zip"},
        Case{"ZipWithALyingSize",
             "PK\x03\x04" + std::string(14, '\0') + "\xFF\xFF\xFF\xFF" + std::string(30, '\xFF'),
             "application/zip"},
        Case{"Gzip", "\x1F\x8B\x08", "application/gzip"}, Case{"Bzip2", "BZh91AY&SY", "application/x-bzip2"},
        Case{"TextThatBeginsLikeBzip2", "BZhello there", "text/plain"},
        Case{"Xz",
             "\xFD"
             "7zXZ\0"s,
             "application/x-xz"},
        Case{"Zstd", "\x28\xB5\x2F\xFD\x04", "application/zstd"},
        Case{"SevenZip", "7z\xBC\xAF\x27\x1C", "application/x-7z-compressed"},
        Case{"Rar", "Rar!\x1A\x07\x01", "application/vnd.rar"},
        Case{"Tar", std::string(257, '\0') + "ustar  ", "application/x-tar"},
        Case{"TarCutBefore", std::string(257, '\0') + "usta", "application/octet-stream"},
        Case{"Pdf", "%PDF-1.7\n", "application/pdf"},
        Case{"Ole2", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "application/x-ole-storage"},
        Case{"Rtf", "{\\rtf1", "application/rtf"}, Case{"Png", "\x89PNG\r\n\x1A\n", "image/png"},
        Case{"Jpeg", "\xFF\xD8\xFF\xE0", "image/jpeg"}, Case{"Gif", "GIF89a", "image/gif"},
        Case{"Html", "\xEF\xBB\xBF  <!DOCTYPE HTML>", "text/html"},
        Case{"HtmlInUpperCase", "<HTML>", "text/html"}, Case{"Xml", "<?xml version=\"1.0\"?>", "text/xml"},
        Case{"Shell", "#!/bin/sh\n", "text/x-shellscript"},
        Case{"Python", "#!/usr/bin/env python3\n", "text/x-python"},
        Case{"Mail", "Return-Path: <a@b>\r\nReceived: from c\r\n\r\nbody", "message/rfc822"},
        Case{"Mailbox", "From a@b Mon\nSubject: x\nTo: y\n\nbody", "message/rfc822"},
        Case{"ALetterToAFriend", "To: my friend\nhow are you", "text/plain"},
        Case{"DebianPackage", "!<arch>\ndebian-binary", "application/vnd.debian.binary-package"}),
    [](const auto& given) { return given.param.name; });

}   // namespace
}   // namespace microengine::intake
