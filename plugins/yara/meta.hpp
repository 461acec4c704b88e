// SPDX-License-Identifier: MIT
#pragma once
// Reading the metadata and tags of a compiled rule.

#include <yara.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::yara {

[[nodiscard]] std::vector<std::string_view> tags_of(const YR_RULE& rule);
/// The records; keys may repeat.
[[nodiscard]] std::vector<const YR_META*> metas_of(const YR_RULE& rule);
/// The first of this key, or null.
[[nodiscard]] const YR_META* find_meta(const YR_RULE& rule, std::string_view key);
/// Of an integer, or of text that is one.
[[nodiscard]] std::optional<std::int64_t> integer_of(const YR_META& meta);
[[nodiscard]] std::string text_of(const YR_META& meta);

}   // namespace microengine::yara
