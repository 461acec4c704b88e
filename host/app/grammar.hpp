// SPDX-License-Identifier: MIT
#pragma once
// What the command line may say. Only for options.cpp and grammar*.cpp, which know CLI11.

#include "host/app/options.hpp"

#include <CLI/CLI.hpp>

#include <map>
#include <string>

namespace microengine::app {

template <class T>
using Names = std::map<std::string, T>;

/// One of a few words; the help shows them once, in the manner of the shell.
template <class T, class Value>   // a T, or one that may be left out
void choice(CLI::App* app, const std::string& name, Value& value, const Names<T>& names,
            const std::string& help) {
    std::string words;
    for (const auto& [word, unused] : names) words += (words.empty() ? "" : "|") + word;
    app->add_option_function<std::string>(
           name, [&value, &names](const std::string& word) { value = names.at(word); }, help)
        ->check(CLI::IsMember(names).description(""))
        ->type_name(words);
}

/// The words of the command line, bound to one Options.
class Grammar {
public:
    Grammar();
    Grammar(const Grammar&) = delete;
    Grammar& operator=(const Grammar&) = delete;
    ~Grammar() = default;
    CLI::App& app() { return app_; }
    Options options;

private:
    CLI::App* command(CLI::App* parent, const std::string& name, Command value, const std::string& help,
                      const std::string& example);
    void global();
    void scan();
    void scan_limits(CLI::App* scan);
    void serve();
    void worker();
    void ambassador();
    void ambassador_load(CLI::App* ambassador);
    void plugins();
    void plugin_new(CLI::App* plugin);
    void plugin_check(CLI::App* plugin);
    void others();
    CLI::App app_{
        "Scans artifacts with many malware detection backends and explains the verdict they make together."};
};

}   // namespace microengine::app
