// SPDX-License-Identifier: MIT
#pragma once
// The YARA backend: rules, compiled or loaded once, then shared by all scanners and never changed.

#include "handles.hpp"
#include "judge.hpp"
#include "limits.hpp"
#include "scanner.hpp"
#include "shortlist.hpp"

#include <microengine/plugin.hpp>

#include <optional>
#include <vector>

namespace microengine::yara {

/// Rules that are searched for in one pass.
struct RuleSet {
    Rules rules;
    /// Nothing: all conditions are evaluated.
    std::optional<Shortlist> shortlist;
};

class Backend {
public:
    using Scanner = yara::Scanner;

    struct Options {
        bool fast = false;
        bool benign_on_no_match = true;
    };

    explicit Backend(const Settings& settings);
    [[nodiscard]] Signatures signatures() const { return signatures_; }

    /// At least one; none is empty of rules.
    [[nodiscard]] const std::vector<RuleSet>& sets() const { return sets_; }
    [[nodiscard]] const Judge& judge() const { return judge_; }
    [[nodiscard]] const Options& options() const { return options_; }

private:
    void settle_shortlists(const Settings& settings);

    Library library_;   // first: it outlives the rules
    Limits limits_;
    Judge judge_;
    Options options_;
    std::vector<RuleSet> sets_;
    Signatures signatures_;
};

}   // namespace microengine::yara
