// SPDX-License-Identifier: GPL-2.0-only
#include "charsets.hpp"

#include <iconv.h>

#include <algorithm>
#include <array>

namespace microengine::clamav {
namespace {

// Those that mail, HTML and documents come in; entconv.c of libclamav knows more, rare ones.
constexpr std::array kNames{
    "UTF-16",     "UTF-16LE",    "UTF-16BE",     "UTF-32LE",     "UTF-7",        "ISO-8859-1",   "ISO-8859-2",
    "ISO-8859-5", "ISO-8859-15", "WINDOWS-1250", "WINDOWS-1251", "WINDOWS-1252", "WINDOWS-1254", "KOI8-R",
    "CP437",      "CP850",       "CP866",        "CP932",        "CP936",        "CP949",        "CP950",
    "SHIFT_JIS",  "EUC-JP",      "GBK",          "BIG5",         "EUC-KR"};

}   // namespace

void load_charsets() {
    // Never closed: with its last user a module would go. Kept, though nobody reads them, as else each is a
    // leak to LeakSanitizer.
    [[gnu::used]] static const auto kept = [] {
        std::array<iconv_t, kNames.size()> handles{};
        std::ranges::transform(kNames, handles.begin(),
                               [](const char* name) { return ::iconv_open("UTF-8", name); });
        return handles;
    }();
}

}   // namespace microengine::clamav
