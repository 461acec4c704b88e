// SPDX-License-Identifier: GPL-2.0-only
#include "options.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>

namespace microengine::clamav {
namespace {

struct Bit {
    std::string_view name;
    std::uint32_t bits;
};

constexpr std::array kParsers{
    Bit{"archive", CL_SCAN_PARSE_ARCHIVE}, Bit{"elf", CL_SCAN_PARSE_ELF},
    Bit{"hwp3", CL_SCAN_PARSE_HWP3},       Bit{"html", CL_SCAN_PARSE_HTML},
    Bit{"mail", CL_SCAN_PARSE_MAIL},       Bit{"ole2", CL_SCAN_PARSE_OLE2},
    Bit{"onenote", CL_SCAN_PARSE_ONENOTE}, Bit{"pdf", CL_SCAN_PARSE_PDF},
    Bit{"pe", CL_SCAN_PARSE_PE},           Bit{"swf", CL_SCAN_PARSE_SWF},
    Bit{"xmldocs", CL_SCAN_PARSE_XMLDOCS}, Bit{"image", CL_SCAN_PARSE_IMAGE | CL_SCAN_PARSE_IMAGE_FUZZY_HASH},
};

constexpr std::array kAlerts{
    Bit{"broken", CL_SCAN_HEURISTIC_BROKEN | CL_SCAN_HEURISTIC_BROKEN_MEDIA},
    Bit{"encrypted", 0},   // always detected; asking for it only changes what it means
    Bit{"macros", CL_SCAN_HEURISTIC_MACROS},
    Bit{"partitions", CL_SCAN_HEURISTIC_PARTITION_INTXN},
    Bit{"phishing", CL_SCAN_HEURISTIC_PHISHING_SSL_MISMATCH | CL_SCAN_HEURISTIC_PHISHING_CLOAK},
};

/// ClamAV unpacks into a buffer of BUFSIZ bytes and cuts a member short, without a word, with the buffer that
/// would pass its limit. With a limit so much above ours, what it cut is still larger than ours allows.
constexpr std::int64_t kMargin = std::int64_t{2} * BUFSIZ;

constexpr std::int64_t kLeastPartitions = 129;       // a GUID table has 128
constexpr std::int64_t kMostPartitions = 0x1'0000;   // each is compared with the ones before it
constexpr std::int64_t kMostIcons = 10'000;
constexpr std::int64_t kHwp3Depth = 64;   // on the stack

/// What ClamAV must always say, because otherwise it would call "clean" what it did not look into.
constexpr std::uint32_t kHonesty =
    CL_SCAN_HEURISTIC_EXCEEDS_MAX | CL_SCAN_HEURISTIC_ENCRYPTED_ARCHIVE | CL_SCAN_HEURISTIC_ENCRYPTED_DOC;

template <std::size_t N>
std::uint32_t named_bits(const Settings& settings, const char* setting, const std::array<Bit, N>& known) {
    std::uint32_t bits = 0;
    for (const std::string& name : settings.strings(setting)) {
        const auto* bit = std::ranges::find(known, std::string_view(name), &Bit::name);
        if (bit == known.end()) {
            std::string choice;
            for (const Bit& one : known) choice.append(choice.empty() ? "" : ", ").append(one.name);
            throw setting_error(setting, std::string("'").append(name).append("' is not one of ") + choice);
        }
        bits |= bit->bits;
    }
    return bits;
}

std::int32_t verdict_setting(const Settings& settings, const char* setting) {
    return settings.string(setting) == "malicious" ? ME_MALICIOUS : ME_SUSPICIOUS;
}

std::uint32_t kinds_to_load(const Settings& settings) {
    std::uint32_t kinds = CL_DB_PHISHING | CL_DB_PHISHING_URLS;
    if (settings.boolean("bytecode")) kinds |= CL_DB_BYTECODE;
    if (settings.boolean("pua")) kinds |= CL_DB_PUA;
    if (settings.boolean("official_only")) kinds |= CL_DB_OFFICIAL_ONLY;
    return kinds;
}

void set(cl_engine& engine, cl_engine_field field, std::int64_t value) {
    if (const cl_error_t status = cl_engine_set_num(&engine, field, value); status != CL_SUCCESS)
        throw Error(ME_E_FAILED, std::string("libclamav refuses an engine option: ") + cl_strerror(status));
}

}   // namespace

Options::Options(const Settings& settings)
    : load(kinds_to_load(settings)),
      max_file_bytes(static_cast<std::uint64_t>(settings.integer("max_file_bytes"))),
      max_scan_time(settings.integer("max_scan_time_ms")),
      max_scan_bytes_(settings.integer("max_scan_bytes")),
      max_recursion_(settings.integer("max_recursion")),
      max_files_(settings.integer("max_files")),
      max_embedded_pe_bytes_(settings.integer("max_embedded_pe_bytes")),
      ac_max_depth_(settings.integer("ac_max_depth")) {
    // ClamAV reports a heuristic or PUA match at the end and, outside this mode, one of them only: an
    // encrypted member could hide a limit, and either a find.
    scan.general = CL_SCAN_GENERAL_ALLMATCHES;
    if (settings.boolean("heuristics")) scan.general |= CL_SCAN_GENERAL_HEURISTICS;
    scan.parse = ~named_bits(settings, "disable_parsers", kParsers);
    scan.heuristic = kHonesty | named_bits(settings, "alerts", kAlerts);
    const auto alerts = settings.strings("alerts");
    policy = {.heuristics_as = verdict_setting(settings, "heuristics_as"),
              .pua_as = verdict_setting(settings, "pua_as"),
              .encrypted_is_a_detection = std::ranges::find(alerts, "encrypted") != alerts.end()};
    if (ac_max_depth_ == 1)
        throw setting_error("ac_max_depth", "ac_max_depth must be 0 (as ClamAV has it) or 2..8, got 1");
}

void Options::apply(cl_engine& engine) const {
    const auto largest = static_cast<std::int64_t>(max_file_bytes) + kMargin;
    set(engine, CL_ENGINE_MAX_SCANSIZE, max_scan_bytes_);
    set(engine, CL_ENGINE_MAX_FILESIZE, largest);
    set(engine, CL_ENGINE_MAX_RECURSION, max_recursion_);
    set(engine, CL_ENGINE_MAX_FILES, max_files_);
    set(engine, CL_ENGINE_MAX_EMBEDDEDPE, max_embedded_pe_bytes_ == 0 ? largest : max_embedded_pe_bytes_);
    // Over these limits ClamAV skips text, HTML (all of it), what is embedded in a zip, and regular
    // expressions without a word: lift them out of reach.
    set(engine, CL_ENGINE_MAX_HTMLNORMALIZE, largest);
    set(engine, CL_ENGINE_MAX_HTMLNOTAGS, largest);
    set(engine, CL_ENGINE_MAX_SCRIPTNORMALIZE, largest);
    set(engine, CL_ENGINE_MAX_ZIPTYPERCG, largest);
    set(engine, CL_ENGINE_PCRE_MAX_FILESIZE, largest);
    // The same with these, which count. A partition counts as a member: one more than those, and ClamAV says
    // so.
    set(engine, CL_ENGINE_MAX_PARTITIONS, std::clamp(max_files_ + 1, kLeastPartitions, kMostPartitions));
    set(engine, CL_ENGINE_MAX_ICONSPE, kMostIcons);
    set(engine, CL_ENGINE_MAX_RECHWP3, kHwp3Depth);
    // Its cache remembers as clean what a failed or cancelled scan left unread. The host has a cache of its
    // own.
    set(engine, CL_ENGINE_DISABLE_CACHE, 1);
    set(engine, CL_ENGINE_KEEPTMP, 0);
    // No page is ever made executable, so the sandbox need not allow it.
    set(engine, CL_ENGINE_BYTECODE_MODE, CL_BYTECODE_MODE_INTERPRETER);
    if (ac_max_depth_ != 0) set(engine, CL_ENGINE_AC_MAXDEPTH, ac_max_depth_);
}

}   // namespace microengine::clamav
