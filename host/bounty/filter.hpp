// SPDX-License-Identifier: MIT
#pragma once
// Which bounties are taken, and how sure we are of them: the operator's rules over what a bounty says of
// itself. Pure; any thread.

#include "host/bounty/bounty.hpp"
#include "host/util/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::bounty {

struct FilterRule {
    enum class Action : std::uint8_t { accept, reject, favor, penalize };
    enum class Compare : std::uint8_t {
        less,
        less_equal,
        equal,
        greater_equal,
        greater,
        contains,
        startswith,
        endswith,
        regex
    };
    Action action = Action::reject;
    std::string key;   ///< of metadata, else sha256, mimetype or artifact_type
    Compare compare = Compare::equal;
    std::string value;
    [[nodiscard]] bool operator==(const FilterRule&) const = default;
};
[[nodiscard]] std::optional<FilterRule::Action> parse_action(std::string_view text);
/// "<", "<=", "==", ">=", ">", "contains", "startswith", "endswith", "regex".
[[nodiscard]] std::optional<FilterRule::Compare> parse_compare(std::string_view text);

enum class Leaning : std::uint8_t { none, favored, penalized };

struct Filtered {
    bool accepted = true;
    Leaning leaning = Leaning::none;
};

/// Any thread, once made. Expressions take time linear in the value (RE2).
class Filters {
public:
    /// The error (Errc::config) says which rule, counted from 1, and what is wrong with its expression.
    [[nodiscard]] static util::Result<Filters> compile(std::span<const FilterRule> rules);
    Filters();   ///< none: everything is accepted
    ~Filters();
    Filters(Filters&&) noexcept;
    Filters& operator=(Filters&&) noexcept;
    Filters(const Filters&) = delete;
    Filters& operator=(const Filters&) = delete;

    /// Accepts are alternatives, rejects too, and a reject wins. Favored and penalized at once is neither.
    [[nodiscard]] Filtered judge(const Bounty& bounty) const;

private:
    struct Impl;
    std::unique_ptr<const Impl> impl_;
};

/// Times 1.2 or 0.8, then clamped to 1.
[[nodiscard]] Confidence leaned(Confidence confidence, Leaning leaning);

}   // namespace microengine::bounty
