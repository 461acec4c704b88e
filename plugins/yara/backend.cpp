// SPDX-License-Identifier: MIT
#include "backend.hpp"

#include "compile.hpp"
#include "digest.hpp"
#include "errors.hpp"
#include "externals.hpp"
#include "load_log.hpp"
#include "rule_cache.hpp"
#include "rule_files.hpp"
#include "surroundings.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace microengine::yara {
namespace {

constexpr std::size_t kVersionDigits = 12;

/// Of what the rules say, wherever the files lie.
Digest content_digest(const RuleFiles& files, const Settings& settings) {
    Hasher hasher;
    hasher.add("microengine.yara/2").add(YR_VERSION).add(libyara_build());
    hasher.add(settings.boolean("define_file_externals") ? 1 : 0).add(settings.boolean("includes") ? 1 : 0);
    hasher.add(settings.integer("max_strings_per_rule"));
    for (const std::string& external : settings.strings("externals")) hasher.add(external);
    for (const auto* list : {&files.sources, &files.compiled}) {
        hasher.add(static_cast<std::int64_t>(list->size()));
        for (const RuleFile& file : *list) hasher.add(file.name_space).add(file.bytes);
    }
    // Which statement leads to which text decides what a rule can refer to.
    std::map<std::string_view, Digest> texts;
    for (const auto& [path, text] : files.includes) texts.emplace(path, digest_of(text));
    for (const IncludeEdge& edge : files.edges) {
        hasher.add(edge.from).add(edge.name).add(edge.to);
        hasher.add(edge.canonical.empty() ? std::string() : hex(texts.at(edge.canonical)));
    }
    return hasher.finish();
}

/// The cached bytes also hold where broken files lie.
Digest cache_key(const RuleFiles& files, const Digest& content) {
    Hasher hasher;
    hasher.add(hex(content)).add(plugin_build());
    for (const RuleFile& file : files.sources) hasher.add(file.path.native());
    for (const auto& [path, target] : files.targets)
        hasher.add(path).add(target.canonical).add(target.refusal);
    return hasher.finish();
}

void warn_of_cache(const Settings& settings, const std::filesystem::path& directory,
                   const std::string& reason) {
    settings.log(ME_LOG_WARN, "compiled rules are not kept in " + directory.string() +
                                  ", every start compiles them anew: " + reason);
}

std::filesystem::path cache_directory(const Settings& settings) {
    const std::string said = settings.has("cache_dir") ? settings.string("cache_dir") : std::string();
    return said.empty() ? default_cache_directory() : std::filesystem::path(said);
}

std::optional<RuleCache> open_cache(const Settings& settings) {
    const std::filesystem::path directory = cache_directory(settings);
    if (directory == "off") return std::nullopt;
    if (!directory.empty() && !directory.is_absolute())
        throw setting_error("cache_dir", "the directory must be an absolute path, or off, got \"" +
                                             directory.string() + "\"");
    if (directory.empty()) {
        settings.log(
            ME_LOG_INFO,
            "compiled rules are not kept, every start compiles them anew: neither XDG_CACHE_HOME nor "
            "HOME is set");
        return std::nullopt;
    }
    auto [cache, reason] = RuleCache::open(directory);
    if (!cache) warn_of_cache(settings, directory, reason);
    return std::move(cache);
}

/// From the cache, or compiled and put there.
Compiled compiled_sources(const RuleFiles& files, const Digest& content, const Externals& externals,
                          const Settings& settings) {
    const auto cache = open_cache(settings);
    const Digest key = cache_key(files, content);
    if (cache)
        if (auto compiled = cache->load(key)) return *std::move(compiled);
    Compiled compiled = compile(files, externals);
    if (!cache || compiled.rules == nullptr) return compiled;
    if (const std::string reason = cache->save(key, compiled); !reason.empty())
        warn_of_cache(settings, cache_directory(settings), reason);
    return compiled;
}

/// A set that yarac compiled; null, and a problem, if it cannot be used.
Rules load_compiled(const RuleFile& file, const Externals& externals, std::vector<Problem>& problems) {
    Rules rules;
    if (const int error = load_rules(file.bytes, rules); error != ERROR_SUCCESS) {
        problems.push_back({file.path.string(), 0, error_text(error)});
        return nullptr;
    }
    auto found = define(rules.get(), externals, file.path.string());
    if (found.empty()) return rules;
    problems.insert(problems.end(), found.begin(), found.end());
    return nullptr;
}

}   // namespace

void Backend::settle_shortlists(const Settings& settings) {
    const bool wanted = settings.boolean("shortlist");
    for (RuleSet& set : sets_) {
        if (!wanted)
            set.shortlist.reset();
        else if (!set.shortlist)
            settings.log(ME_LOG_WARN,
                         "all conditions are evaluated, which is slower: this libyara compiles "
                         "them in a way that is not known here");
    }
}

Backend::Backend(const Settings& settings)
    : limits_({.stack_size = static_cast<std::uint32_t>(settings.integer("stack_size")),
               .max_strings_per_rule = static_cast<std::uint32_t>(settings.integer("max_strings_per_rule"))}),
      judge_(settings),
      options_{.fast = settings.boolean("fast"),
               .benign_on_no_match = settings.string("on_no_match") == "benign"} {
    const std::vector<std::string> given = settings.strings("externals");
    const Externals externals = parse_externals(given, settings.boolean("define_file_externals"));
    const RuleFiles files = find_rule_files(settings.strings("rules"), settings.boolean("includes"));
    if (!files.refusals.empty()) throw setting_error("rules", to_text(files.refusals));
    std::vector<Problem> problems = files.problems;
    const Digest content = content_digest(files, settings);

    Compiled sources = compiled_sources(files, content, externals, settings);
    problems.insert(problems.end(), sources.problems.begin(), sources.problems.end());
    if (sources.rules != nullptr) sets_.push_back({std::move(sources.rules), std::move(sources.shortlist)});
    // Rules compiled elsewhere keep the values they were compiled with, except for what was said here.
    const Externals said = parse_externals(given, false);
    for (const RuleFile& file : files.compiled)
        if (Rules rules = load_compiled(file, said, problems)) {
            auto shortlist = Shortlist::of(*rules);
            sets_.push_back({std::move(rules), std::move(shortlist)});
        }
    std::erase_if(sets_, [](const RuleSet& set) { return set.rules->num_rules == 0; });

    if (settings.boolean("strict") && !problems.empty()) throw setting_error("rules", to_text(problems));
    if (sets_.empty())
        throw setting_error("rules", problems.empty()
                                         ? "there is no rule in any of these files or directories; name "
                                           "files that end in .yar, .yara or .yac"
                                         : "no rule could be loaded\n" + to_text(problems));
    for (const RuleSet& set : sets_) signatures_.count += set.rules->num_rules;
    settle_shortlists(settings);
    signatures_.date_unix = files.newest;
    signatures_.fleeting =
        std::ranges::any_of(sets_, [](const RuleSet& set) { return look_around(set.rules.get()); });
    signatures_.version = hex(content).substr(0, kVersionDigits);
    for (const LogLine& line : load_log(files, problems, sources.left_out, signatures_.count))
        settings.log(line.level, line.text);
}

}   // namespace microengine::yara
