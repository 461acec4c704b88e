// SPDX-License-Identifier: MIT
// The commands for those who write plugins.
#include "host/app/grammar.hpp"

namespace microengine::app {

namespace {

const Names<Language> kLanguages{{"cpp", Language::cpp}, {"c", Language::c}, {"rust", Language::rust}};

}   // namespace

void Grammar::plugin_check(CLI::App* plugin) {
    CLI::App* check = command(plugin, "check", Command::plugin_check,
                              "does it keep the contract? Runs its code, in processes of its own",
                              "microengine plugin check ./my_engine.so --set rules=./rules\n"
                              "         microengine plugin check ./my_engine.so --fuzz 30s --seed 7\n"
                              "Exit codes: 0 all passed, 1 a test failed, 2 it could not run.");
    check->fallthrough(false);   // another program reads all that stands behind it
    conformance::add_options(*check, options.check);
}

void Grammar::plugin_new(CLI::App* plugin) {
    CLI::App* make = command(
        plugin, "new", Command::plugin_new, "begin a plugin: a project that builds, tests and scans",
        "microengine plugin new my_engine\n"
        "         microengine plugin new my_engine --language rust --type file,url --into ~/src/my_engine\n"
        "NAME has lower case letters, digits and underscores. Nothing that exists is written over.\n"
        "Exit codes: 0, 2 it cannot be written, 64 the name or the folder will not do.");
    PluginWish& wish = options.plugin_new;
    make->add_option("NAME", wish.name, "of the plugin: its file, its project, the end of its id")
        ->type_name("")
        ->required();
    choice(make, "--language", wish.language, kLanguages, "what it is written in (default: cpp)");
    make->add_option_function<std::string>(
            "--type",
            [&wish](const std::string& text) {
                if (const auto read = read_artifact_types(text, wish); !read)
                    throw CLI::ValidationError("--type", read.error().message);
            },
            "artifacts that it takes: file, url or file,url (default: file)")
        ->type_name("TYPES");
    make->add_option("--into", wish.into, "the folder to make (default: ./NAME)")->type_name("DIR");
}

void Grammar::plugins() {
    CLI::App* plugin = app_.add_subcommand("plugin", "begin, list, describe and check plugins");
    plugin->require_subcommand(1);
    plugin_new(plugin);
    CLI::App* list =
        command(plugin, "list", Command::plugin_list, "the plugins that could be loaded, and why others not",
                "microengine plugin list");
    list->add_flag("--json", options.json, "as JSON");
    CLI::App* info = command(plugin, "info", Command::plugin_info, "a plugin's card and its settings",
                             "microengine plugin info yara");
    info->add_option("PLUGIN", options.plugin, "a name in the plugin directory, or a path")
        ->type_name("")
        ->required();
    info->add_flag("--json", options.json, "as JSON");
    plugin_check(plugin);
}

}   // namespace microengine::app
