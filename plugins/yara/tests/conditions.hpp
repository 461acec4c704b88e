// SPDX-License-Identifier: MIT
#pragma once
// Rules from a text, and what plain libyara says of an artifact, to compare with.

#include "plugins/yara/bytecode.hpp"
#include "plugins/yara/handles.hpp"

#include <gtest/gtest.h>
#include <yara.h>

#include <set>
#include <string>
#include <string_view>

namespace microengine::yara {

inline Code bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};   // NOLINT: a byte view
}

/// The condition, and a mention of all strings, which libyara wants, that changes nothing.
inline std::string with_strings(const std::string& condition) {
    return "(" + condition + ") and not (filesize == 123456789 and any of them)";
}

/// Null if they do not compile. libyara must be in use (Library).
inline Rules rules_of(const std::string& text) {
    Compiler compiler;
    Rules rules;
    if (yr_compiler_create(out(compiler)) != ERROR_SUCCESS) return nullptr;
    (void)yr_compiler_define_integer_variable(compiler.get(), "ext", 3);
    (void)yr_compiler_define_string_variable(compiler.get(), "text", "");
    if (yr_compiler_add_string(compiler.get(), text.c_str(), nullptr) != 0) return nullptr;
    if (yr_compiler_get_rules(compiler.get(), out(rules)) != ERROR_SUCCESS) return nullptr;
    return rules;
}

struct Matches {
    std::set<std::string> rules;
    static int note(YR_SCAN_CONTEXT* /*context*/, int message, void* data, void* self) {
        if (message == CALLBACK_MSG_RULE_MATCHING)
            static_cast<Matches*>(self)->rules.insert(static_cast<YR_RULE*>(data)->identifier);
        return CALLBACK_CONTINUE;
    }
};

/// Rules that match, by a scan that is given the scanner.
template <class Scan>
std::set<std::string> matches_of(YR_RULES* rules, Scan scan) {
    YrScanner scanner;
    Matches matches;
    if (yr_scanner_create(rules, out(scanner)) != ERROR_SUCCESS) return {"no scanner"};
    yr_scanner_set_callback(scanner.get(), &Matches::note, &matches);
    yr_scanner_set_flags(scanner.get(), SCAN_FLAGS_REPORT_RULES_MATCHING | SCAN_FLAGS_NO_TRYCATCH);
    EXPECT_EQ(scan(scanner.get()), ERROR_SUCCESS);
    return matches.rules;
}
inline std::set<std::string> plain_matches(YR_RULES* rules, std::string_view artifact) {
    return matches_of(rules, [&](YR_SCANNER* scanner) {
        return yr_scanner_scan_mem(scanner, bytes_of(artifact).data(), artifact.size());
    });
}

}   // namespace microengine::yara
