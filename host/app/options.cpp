// SPDX-License-Identifier: MIT
#include "host/app/options.hpp"

#include "host/app/grammar.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace microengine::app {

namespace {

void add_words(const CLI::App* app, const std::string& path, std::vector<cli::CommandWords>& all) {
    cli::CommandWords words{.path = path, .help = app->get_description(), .subcommands = {}, .options = {}};
    for (const CLI::Option* option : app->get_options()) {
        if (option->get_positional()) {
            words.positional = option->get_name(true);
            continue;
        }
        cli::OptionWords one{.names = {},
                             .help = option->get_description(),
                             .takes_value = option->get_expected_max() > 0,
                             .values = {},
                             .is_file = false};
        for (const std::string& name : option->get_snames()) one.names.push_back("-" + name);
        for (const std::string& name : option->get_lnames()) one.names.push_back("--" + name);
        const std::string type = one.takes_value ? option->get_type_name() : "";
        one.is_file = type.starts_with("FILE");
        if (type.contains('|')) one.values = CLI::detail::split(type, '|');
        words.options.push_back(std::move(one));
    }
    const auto subcommands = app->get_subcommands({});
    for (const CLI::App* sub : subcommands)
        words.subcommands.push_back({sub->get_name(), sub->get_description()});
    all.push_back(std::move(words));
    for (const CLI::App* sub : subcommands) add_words(sub, path + " " + sub->get_name(), all);
}

/// What stands behind `plugin check`.
std::vector<std::string> words_of_check(std::span<char* const> words) {
    const auto plugin = std::ranges::find(words, std::string_view("plugin"));
    const auto check = std::find(plugin, words.end(), std::string_view("check"));
    return check == words.end() ? std::vector<std::string>()
                                : std::vector<std::string>(check + 1, words.end());
}

bool nothing_named(const cli::ScanOptions& scan) {
    return scan.paths.empty() && scan.urls.empty() && scan.file_list.empty();
}

/// Who reads it a second time would find nothing, and take that for an empty file.
bool reads_input_twice(const cli::ScanOptions& scan) {
    return std::ranges::count(scan.paths, "-") + (scan.file_list == "-" ? 1 : 0) > 1;
}

/// The innermost command that was given: "microengine plugin list".
const CLI::App* given_command(const CLI::App* app, std::string& path) {
    path = app->get_name();
    for (auto below = app->get_subcommands(); !below.empty(); below = app->get_subcommands()) {
        app = below.front();
        path += " " + app->get_name();
    }
    return app;
}

/// What stands where a command should; the library only says that it misses one.
std::string unknown_command(const CLI::App& command, const CLI::App& whole) {
    const auto known = command.get_subcommands([](const CLI::App*) { return true; });
    if (known.empty()) return "";
    const std::vector<std::string> words = whole.remaining(true);
    const auto word = std::ranges::find_if(words, [](const std::string& w) { return !w.starts_with('-'); });
    if (word == words.end()) return "";
    std::vector<std::string> names;
    std::ranges::transform(known, std::back_inserter(names), &CLI::App::get_name);
    const std::vector<std::string_view> candidates(names.begin(), names.end());
    const std::string meant(util::did_you_mean(*word, candidates));
    return "unknown command '" + util::printable(util::cut(*word, 60)) + "'" +
           (meant.empty() ? "" : "; did you mean '" + meant + "'?");
}

int complain(const CLI::App& app, const CLI::ParseError& error) {
    std::string path;
    const CLI::App* command = given_command(&app, path);
    const std::string unknown = unknown_command(*command, app);
    std::fprintf(stderr, "microengine: error: %s\nTry '%s --help'.\n",
                 unknown.empty() ? util::printable_lines(error.what()).c_str() : unknown.c_str(),
                 path.c_str());
    return 64;
}

}   // namespace

Parsed parse_options(int argc, char** argv) {
    Grammar grammar;
    try {
        grammar.app().parse(argc, argv);
        if (grammar.options.command == Command::plugin_check)
            grammar.options.check_words = words_of_check({argv, static_cast<std::size_t>(argc)});
        if (!grammar.options.scan.plugin.empty() && !grammar.options.config.empty())
            throw CLI::ValidationError("--plugin",
                                       "tries one plugin without any configuration; leave out --config");
        if (grammar.options.command == Command::scan && nothing_named(grammar.options.scan))
            throw CLI::ValidationError(
                "scan", "nothing to scan: name a PATH, - for standard input, --url or --file-list");
        if (grammar.options.command == Command::ambassador && grammar.options.ambassador.target.empty() &&
            !grammar.options.ambassador.spawn)
            throw CLI::ValidationError(
                "ambassador", "no engine: name one with --target URL, or start one with --spawn FILE");
        if (grammar.options.command == Command::plugin_new)
            if (const auto name = check_plugin_name(grammar.options.plugin_new.name); !name)
                throw CLI::ValidationError("plugin new", name.error().message);
        if (reads_input_twice(grammar.options.scan))
            throw CLI::ValidationError("scan", "standard input can be read only once; name - once");
        return {.options = grammar.options, .exit_code = 0};
    } catch (const CLI::Success& done) {   // --help, --version
        return {.options = std::nullopt, .exit_code = grammar.app().exit(done)};
    } catch (const CLI::ParseError& error) {
        return {.options = std::nullopt, .exit_code = complain(grammar.app(), error)};
    }
}

std::vector<cli::CommandWords> command_words() {
    Grammar grammar;
    std::vector<cli::CommandWords> all;
    add_words(&grammar.app(), "microengine", all);
    return all;
}

}   // namespace microengine::app
