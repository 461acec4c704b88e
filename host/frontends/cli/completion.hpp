// SPDX-License-Identifier: MIT
#pragma once
// Completion scripts for shells, made from the commands and options there are. Pure.

#include <string>
#include <utility>
#include <vector>

namespace microengine::cli {

struct OptionWords {
    std::vector<std::string> names;   ///< "-f", "--file-list"
    std::string help;
    bool takes_value = false;
    std::vector<std::string> values;   ///< the words it takes, if they are few
    bool is_file = false;
};

/// One command: "microengine plugin info".
struct CommandWords {
    std::string path;
    std::string help;
    std::vector<std::pair<std::string, std::string>> subcommands;   ///< name, help
    std::vector<OptionWords> options;
    std::string positional = {};   ///< "" for none
};

/// shell: "bash", "zsh" or "fish".
[[nodiscard]] std::string completion_script(const std::string& shell,
                                            const std::vector<CommandWords>& commands);

}   // namespace microengine::cli
