// SPDX-License-Identifier: MIT
#pragma once
// What a matched rule means: malicious, unless the settings say that its tags or metadata mean less.

#include <microengine/plugin.hpp>

#include <yara.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::yara {

/// "severity=low", "score<60", "score>90": one condition on one key of a rule's metadata.
struct MetaTest {
    enum class Relation { equal, less, greater };
    std::string key;
    Relation relation = Relation::equal;
    std::string text;          ///< with equal, in lower case
    std::int64_t number = 0;   ///< with less and greater
};
/// Nothing if the text is not of that form.
[[nodiscard]] std::optional<MetaTest> parse_meta_test(std::string_view text);

class Judge {
public:
    /// Reads suspicious_tags, suspicious_meta and information_tags.
    explicit Judge(const Settings& settings);
    /// ME_UNKNOWN stands for information.
    [[nodiscard]] std::int32_t verdict_of(const YR_RULE& rule) const;

private:
    using Tags = std::set<std::string, std::less<>>;
    Tags suspicious_, information_;
    std::vector<MetaTest> tests_;
};

}   // namespace microengine::yara
