// SPDX-License-Identifier: MIT
#pragma once
// What `plugin new` was asked for, and the words that follow from it. Pure.

#include "host/util/result.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace microengine::app {

enum class Language : std::uint8_t { cpp, c, rust };

struct PluginWish {
    std::string name;   ///< of the plugin's file and its project
    Language language = Language::cpp;
    bool files = true;   ///< takes files
    bool urls = false;   ///< takes URLs; one of the two is true
    std::string into;    ///< the folder; "": ./NAME
};

/// A name is [a-z][a-z0-9_]*, at most 40 bytes, and nobody else's. The error has a suggestion where there is
/// one.
[[nodiscard]] util::Result<void> check_plugin_name(std::string_view name);

/// "file", "url", "file,url": into the wish.
[[nodiscard]] util::Result<void> read_artifact_types(std::string_view text, PluginWish& wish);

/// What stands in a template for @WORD@, and which of its parts are wanted: @IF word@ … @END@.
struct Words {
    std::map<std::string, std::string, std::less<>> values;
    std::set<std::string, std::less<>> parts;
};
[[nodiscard]] Words words_of(const PluginWish& wish);

/// The name of the folder of templates: "cpp", "c", "rust".
[[nodiscard]] std::string_view folder_of(Language language);

}   // namespace microengine::app
