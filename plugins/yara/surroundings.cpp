// SPDX-License-Identifier: MIT
#include "surroundings.hpp"

#include "errors.hpp"

#include <microengine/plugin.hpp>

#include <dlfcn.h>
#include <sys/stat.h>

#include <cstdint>
#include <string_view>

namespace microengine::yara {
namespace {

constexpr int kSeconds = 10;

int note_import(YR_SCAN_CONTEXT* /*context*/, int message, void* data, void* found) noexcept {
    if (message != CALLBACK_MSG_IMPORT_MODULE) return CALLBACK_CONTINUE;
    const std::string_view name(static_cast<const YR_MODULE_IMPORT*>(data)->module_name);
    if (name == "time" || name == "magic" || name == "cuckoo") *static_cast<bool*>(found) = true;
    return CALLBACK_CONTINUE;
}

}   // namespace

bool look_around(YR_RULES* rules) {
    // Only a scan tells what compiled rules import: it says so before anything else, whatever the bytes.
    bool found = false;
    const std::uint8_t nothing = 0;
    const int error =
        yr_rules_scan_mem(rules, &nothing, 0, SCAN_FLAGS_REPORT_RULES_MATCHING | SCAN_FLAGS_NO_TRYCATCH,
                          &note_import, &found, kSeconds);
    if (error != ERROR_SUCCESS && error != ERROR_SCAN_TIMEOUT)
        throw setting_error("rules", "they cannot be evaluated: " + error_text(error));
    return found || error != ERROR_SUCCESS;
}

std::string libyara_build() {
    Dl_info theirs{}, ours{};
    struct stat file{};
    if (::dladdr(reinterpret_cast<const void*>(&yr_initialize), &theirs) == 0 ||   // NOLINT: an address
        ::dladdr(reinterpret_cast<const void*>(&libyara_build), &ours) == 0 ||     // NOLINT: an address
        theirs.dli_fbase == ours.dli_fbase || theirs.dli_fname == nullptr ||
        ::stat(theirs.dli_fname, &file) != 0)
        return {};
    return std::to_string(file.st_size) + " " + std::to_string(file.st_mtim.tv_sec) + "." +
           std::to_string(file.st_mtim.tv_nsec);
}

}   // namespace microengine::yara
