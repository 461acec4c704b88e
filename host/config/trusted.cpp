// SPDX-License-Identifier: MIT
#include "host/config/trusted.hpp"

#include "host/util/digest.hpp"
#include "host/util/files.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

namespace microengine::config {

namespace {

constexpr std::size_t kMostBytes = std::size_t{256} << 20;   // some three million digests
constexpr std::string_view kBlank = " \t\r";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// As reports and messages call it: short where it lies below the config file.
std::string shown_name(const std::filesystem::path& file, const std::filesystem::path& directory) {
    const std::string relative = file.lexically_relative(directory).native();
    return relative.empty() || relative.starts_with("..") ? file.native() : relative;
}

std::vector<core::HashList> load_lists(const std::vector<std::filesystem::path>& files, std::string_view key,
                                       const Config& config, std::vector<Diagnostic>& found) {
    std::vector<core::HashList> lists;
    for (const std::filesystem::path& file : files) {
        const std::string name = shown_name(file, config.directory);
        const auto text = util::read_file(file, kMostBytes);
        if (text)
            lists.push_back(parse_hash_list(*text, name, found));
        else
            found.push_back({.file = name,
                             .at = {},
                             .message = text.error().message + " ([trusted] " + std::string(key) + " of " +
                                        util::printable(config.file) + ")"});
    }
    return lists;
}

/// The digest at the start of a line, "" for a blank line or a comment.
std::string_view digest_of(std::string_view line) {
    line = line.substr(0, line.find('#'));
    line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
    return line.substr(0, line.find_first_of(kBlank));
}

}   // namespace

core::HashList parse_hash_list(std::string_view text, std::string_view file, std::vector<Diagnostic>& found) {
    core::HashList list{.file = std::string(file), .lines = {}};
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    std::uint32_t number = 0;
    std::size_t bad = 0;
    while (!text.empty()) {
        ++number;
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const std::string_view word = digest_of(line);
        if (word.empty()) continue;
        if (const auto digest = util::parse_sha256(word))
            list.lines.emplace(*digest, number);
        else if (++bad < kMostShown)
            found.push_back({.file = list.file,
                             .at = {.line = number, .column = 0},
                             .message = "a line must begin with a SHA-256 of 64 hexadecimal digits, got \"" +
                                        util::printable(util::cut(word, 70)) + "\""});
    }
    if (bad >= kMostShown)
        found.push_back({.file = list.file,
                         .at = {.line = number, .column = 0},
                         .message = util::with_commas(bad - kMostShown + 1) + " more lines are no SHA-256",
                         .hint = "is this a list of digests?"});
    return list;
}

core::TrustedLists load_trusted(const Config& config, std::vector<Diagnostic>& found) {
    core::TrustedLists lists;
    lists.block = load_lists(config.trusted.block, "block", config, found);
    lists.allow = load_lists(config.trusted.allow, "allow", config, found);
    return lists;
}

}   // namespace microengine::config
