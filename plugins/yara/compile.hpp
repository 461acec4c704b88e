// SPDX-License-Identifier: MIT
#pragma once
// From rule files to rules ready to scan with. A broken file costs itself only.

#include "errors.hpp"
#include "externals.hpp"
#include "handles.hpp"
#include "rule_files.hpp"
#include "shortlist.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::yara {

struct Compiled {
    Rules rules;   ///< null: there were no sources, or each is broken
    /// Nothing: the conditions of these rules are not understood.
    std::optional<Shortlist> shortlist;
    std::vector<Problem> problems;
    /// Files whose rules come in by another file, and which.
    std::vector<Problem> left_out;
};
/// All sources together, each in a namespace of its own. An index whose leaves all compile alone is left out;
/// else it stays, if it compiles, and its leaves are left out. Needs libyara to be in use (Library).
[[nodiscard]] Compiled compile(const RuleFiles& files, const Externals& externals);

/// Appends what yr_rules_save_stream writes.
void save_rules(YR_RULES* rules, std::string& bytes);
/// Reads it back; libyara trusts such bytes as it would code. An error is one of libyara's.
[[nodiscard]] int load_rules(std::string_view bytes, Rules& rules);

}   // namespace microengine::yara
