// SPDX-License-Identifier: GPL-2.0-only
#include "charsets.hpp"

#include <iconv.h>

#include <initializer_list>

namespace microengine::clamav {

void load_charsets() {
    // Those that mail, HTML and documents come in; entconv.c of libclamav knows more, rare ones.
    static const bool loaded = [] {
        for (const char* name :
             {"UTF-16",       "UTF-16LE",   "UTF-16BE",    "UTF-32LE",     "UTF-7",        "ISO-8859-1",
              "ISO-8859-2",   "ISO-8859-5", "ISO-8859-15", "WINDOWS-1250", "WINDOWS-1251", "WINDOWS-1252",
              "WINDOWS-1254", "KOI8-R",     "CP437",       "CP850",        "CP866",        "CP932",
              "CP936",        "CP949",      "CP950",       "SHIFT_JIS",    "EUC-JP",       "GBK",
              "BIG5",         "EUC-KR"})
            // Never closed: with its last user a module would go.
            (void)::iconv_open("UTF-8", name);
        return true;
    }();
    (void)loaded;
}

}   // namespace microengine::clamav
