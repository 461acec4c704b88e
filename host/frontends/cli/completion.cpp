// SPDX-License-Identifier: MIT
#include "host/frontends/cli/completion.hpp"

#include <algorithm>
#include <string_view>

namespace microengine::cli {

namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

/// For a shell's single quotes.
std::string quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

/// What may stand next after a command: its subcommands and its own and the global options.
std::string words_after(const CommandWords& command, const CommandWords& global) {
    std::vector<std::string> words;
    words.reserve(command.subcommands.size());
    for (const auto& [name, help] : command.subcommands) words.push_back(name);
    for (const OptionWords& option : command.options)
        words.insert(words.end(), option.names.begin(), option.names.end());
    if (&command != &global)
        for (const OptionWords& option : global.options)
            words.insert(words.end(), option.names.begin(), option.names.end());
    std::ranges::sort(words);
    words.erase(std::ranges::unique(words).begin(), words.end());
    return joined(words);
}

/// What completes the value of an option, a case for each of its names; "" if it takes none.
std::string bash_values(const CommandWords& command, const OptionWords& option) {
    if (!option.takes_value) return {};
    const std::string values = !option.values.empty()
                                   ? "($(compgen -W '" + joined(option.values) + "' -- \"$cur\"))"
                               : option.is_file ? "($(compgen -f -- \"$cur\"))"
                                                : "()";
    const std::string path = command.path == "microengine" ? "*:" : "'" + command.path + "':";
    std::string text;
    for (const std::string& name : option.names)
        text.append("        ").append(path).append(name).append(") COMPREPLY=" + values + "; return ;;\n");
    return text;
}

std::string bash(const std::vector<CommandWords>& commands) {
    std::string text =
        "# bash completion for microengine: source <(microengine completion bash)\n"
        "_microengine() {\n"
        "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path=microengine word "
        "words\n"
        "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
        "        case \"$path $word\" in\n";
    for (const CommandWords& command : commands)
        if (command.path != "microengine")
            text += "            '" + command.path + "') path='" + command.path + "' ;;\n";
    text += "        esac\n    done\n    case \"$path:$prev\" in\n";
    for (const CommandWords& command : commands)
        for (const OptionWords& option : command.options) text += bash_values(command, option);
    text += "    esac\n    case \"$path\" in\n";
    for (const CommandWords& command : commands)
        text += "        '" + command.path + "') words=" + quoted(words_after(command, commands.front())) +
                " ;;\n";
    text +=
        "    esac\n"
        "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
        "    [[ $cur != -* && $path =~ ^microengine\\ (scan|plugin\\ (info|check))$ ]] && "
        "COMPREPLY+=($(compgen -f -- \"$cur\"))\n"
        "    [[ $path == 'microengine completion' ]] && COMPREPLY=($(compgen -W 'bash zsh fish' -- "
        "\"$cur\"))\n"
        "    return 0\n"
        "}\n"
        "complete -o filenames -F _microengine microengine\n";
    return text;
}

std::string fish_option(const OptionWords& option, const std::string& condition) {
    std::string text = "complete -c microengine" + condition;
    for (const std::string& name : option.names)
        text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    if (option.takes_value) text += option.is_file ? " -r" : " -x";
    if (!option.values.empty()) text += " -a " + quoted(joined(option.values));
    return text + " -d " + quoted(option.help) + "\n";
}

std::string fish(const std::vector<CommandWords>& commands) {
    std::string text = "# fish completion for microengine: microengine completion fish | source\n";
    for (const CommandWords& command : commands) {
        const std::string own = command.path.substr(command.path.rfind(' ') + 1);
        const bool top = command.path == "microengine";
        const std::string condition = top ? "" : " -n '__fish_seen_subcommand_from " + own + "'";
        for (const auto& [name, help] : command.subcommands)
            text += "complete -c microengine -f" +
                    std::string(top ? " -n __fish_use_subcommand" : condition) + " -a " + name + " -d " +
                    quoted(help) + "\n";
        for (const OptionWords& option : command.options) text += fish_option(option, condition);
    }
    return text +
           "complete -c microengine -f -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n";
}

}   // namespace

std::string completion_script(const std::string& shell, const std::vector<CommandWords>& commands) {
    if (shell == "fish") return fish(commands);
    // zsh runs bash's completions.
    if (shell == "zsh")
        return "#compdef microengine\nautoload -U +X bashcompinit && bashcompinit\n" + bash(commands);
    return bash(commands);
}

}   // namespace microengine::cli
