// SPDX-License-Identifier: MIT
#include "host/app/plugin_new/wish.hpp"

#include "host/util/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

namespace microengine::app {

using util::Errc, util::fail, util::Result;

namespace {

constexpr std::size_t kMostNameBytes = 40;   // with "org.example." it fits the id of a card

// Targets that CMake makes itself, and some of its own files' names.
constexpr std::array<std::string_view, 14> kCMakes{
    "all",           "build", "clean",         "depend",         "edit_cache", "help",          "install",
    "install_local", "none",  "package_check", "package_source", "preinstall", "rebuild_cache", "test"};
constexpr std::array<std::string_view, 8> kShipped{"clamav",   "clamd",       "command", "eicar",
                                                   "hashlist", "microengine", "python",  "yara"};

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool well_formed(std::string_view name) {
    return !name.empty() && is_lower(name.front()) &&
           std::ranges::all_of(name, [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

/// The nearest name that is well-formed, or "".
std::string nearest(std::string_view name) {
    std::string near;
    for (const char c : name) {
        const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        if (is_lower(lower) || (is_digit(lower) && !near.empty()))
            near += lower;
        else if (!near.empty() && near.back() != '_')
            near += '_';
    }
    while (!near.empty() && near.back() == '_') near.pop_back();
    return near.substr(0, kMostNameBytes);
}

std::string titled(std::string title) {
    std::ranges::replace(title, '_', ' ');
    title.front() = static_cast<char>(title.front() - 'a' + 'A');
    return title;
}

/// The id is reverse DNS, without underscores and with no empty part.
std::string id_of(std::string name) {
    std::ranges::replace(name, '_', '-');
    while (name.ends_with('-')) name.pop_back();
    return "org.example." + name;
}

std::string types_of(const PluginWish& wish) {
    const std::string prefix = wish.language == Language::rust ? "microengine::ARTIFACT_" : "ME_ARTIFACT_";
    if (wish.files && wish.urls) return prefix + "FILE | " + prefix + "URL";
    return prefix + (wish.files ? "FILE" : "URL");
}

}   // namespace

Result<void> check_plugin_name(std::string_view name) {
    const std::string shown = "'" + util::printable(util::cut(name, 60)) + "'";
    if (!well_formed(name)) {
        const std::string near = nearest(name);
        return fail(Errc::usage, "plugin new",
                    "a name has lower case letters, digits and underscores and begins with a letter, got " +
                        shown +
                        (near.empty() ? "; for example 'my_engine'" : "; did you mean '" + near + "'?"));
    }
    if (name.size() > kMostNameBytes)
        return fail(Errc::usage, "plugin new",
                    "a name has at most " + std::to_string(kMostNameBytes) + " bytes, got " +
                        std::to_string(name.size()) + ": " + shown);
    const bool cmakes = std::ranges::find(kCMakes, name) != kCMakes.end();
    if (cmakes || std::ranges::find(kShipped, name) != kShipped.end())
        return fail(Errc::usage, "plugin new",
                    shown +
                        (cmakes ? " is a name that CMake keeps for itself"
                                : " is the name of a plugin that comes with Microengine") +
                        "; take another one, such as 'my_" + std::string(name) + "'");
    return {};
}

Result<void> read_artifact_types(std::string_view text, PluginWish& wish) {
    bool files = false;
    bool urls = false;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t comma = std::min(text.find(',', at), text.size());
        const std::string_view word = text.substr(at, comma - at);
        if (word != "file" && word != "url")
            return fail(Errc::usage, "--type",
                        "must be file, url or file,url, got '" + util::printable(util::cut(text, 60)) + "'");
        (word == "file" ? files : urls) = true;
        at = comma + 1;
    }
    wish.files = files;
    wish.urls = urls;
    return {};
}

Words words_of(const PluginWish& wish) {
    Words words;
    words.values = {{"NAME", wish.name},
                    {"ID", id_of(wish.name)},
                    {"TITLE", titled(wish.name)},
                    {"LICENSE", "MIT"},
                    {"TYPES", types_of(wish)}};
    words.parts.emplace(folder_of(wish.language));
    if (wish.files) words.parts.insert("file");
    if (wish.urls) words.parts.insert("url");
    if (wish.files && wish.urls)
        words.parts.insert("both");
    else
        words.parts.insert(wish.files ? "only_file" : "only_url");
    return words;
}

std::string_view folder_of(Language language) {
    switch (language) {
        case Language::cpp:
            return "cpp";
        case Language::c:
            return "c";
        case Language::rust:
            return "rust";
    }
    return "cpp";
}

}   // namespace microengine::app
