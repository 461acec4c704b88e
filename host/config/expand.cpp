// SPDX-License-Identifier: MIT
#include "host/config/expand.hpp"

#include "host/util/text.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace microengine::config {

namespace {

// A variable repeated often enough would make a small file fill the memory.
constexpr std::size_t kMostBytes = std::size_t{64} * 1024;

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }

bool is_name(std::string_view text) {
    if (text.empty() || !is_letter(text.front())) return false;
    return std::ranges::all_of(text, [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

/// RULES_DIR: "rules".
std::string example_for(std::string_view name) {
    std::string word(name.substr(0, name.find('_')));
    for (char& c : word)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return word.empty() ? "value" : word;
}

class Expander {
public:
    explicit Expander(const Environment& environment) : environment_(environment) {}

    Expanded run(std::string_view text) {
        while (!text.empty() && out_.text.size() <= kMostBytes) {
            const std::size_t plain = std::min(text.find('$'), text.size());
            out_.text += text.substr(0, plain);
            text.remove_prefix(plain);
            const std::string_view used = text.substr(0, take_dollar(text));
            dollars_ += static_cast<std::size_t>(std::ranges::count(used, '$'));
            text.remove_prefix(used.size());
        }
        if (out_.text.size() > kMostBytes) {
            out_.text.clear();
            refuse("expands to more than " + std::to_string(kMostBytes) + " bytes", "shorten it");
        }
        return std::move(out_);
    }

private:
    void refuse(std::string message, std::string hint) {
        out_.problems.push_back({.dollar = dollars_, .message = std::move(message), .hint = std::move(hint)});
    }

    /// How much of `text`, which begins with a dollar sign or is empty, it has dealt with.
    std::size_t take_dollar(std::string_view text) {
        if (text.empty()) return 0;
        if (text.starts_with("$$")) {
            out_.text += '$';
            return 2;
        }
        if (!text.starts_with("${")) {
            refuse("a lone $", "write ${NAME} for a variable, $$ for a dollar sign");
            return 1;
        }
        const std::size_t end = text.find('}');
        if (end == std::string_view::npos) {
            refuse("${ has no closing }", "write ${NAME} for a variable, $$ for a dollar sign");
            return 2;
        }
        const std::string_view inside = text.substr(2, end - 2);
        const std::size_t mark = inside.find(":-");
        if (mark == std::string_view::npos)
            take_variable(inside, std::nullopt);
        else
            take_variable(inside.substr(0, mark), inside.substr(mark + 2));
        return end + 1;
    }

    void take_variable(std::string_view name, std::optional<std::string_view> fallback) {
        const std::string shown = util::printable(util::cut(name, 40));
        if (!is_name(name))
            return refuse("${" + shown + "} does not name a variable (letters, digits and _)",
                          "write ${NAME} for a variable, $$ for a dollar sign");
        if (fallback && fallback->contains('$'))
            return refuse(
                "the default of ${" + shown + ":-…} has a dollar sign, and defaults are not expanded",
                "set " + shown + " instead");
        const std::optional<std::string> value = environment_(name);
        if (!value && !fallback)
            return refuse(shown + " is not set and has no default",
                          "write ${" + shown + ":-" + example_for(shown) + "}");
        if (value && !util::is_utf8(*value)) return refuse("the value of " + shown + " is not UTF-8", "");
        if (fallback && (!value || value->empty()))
            out_.text += *fallback;
        else
            out_.text += *value;
    }

    const Environment& environment_;
    Expanded out_;
    std::size_t dollars_ = 0;
};

}   // namespace

Environment process_environment() {
    return [](std::string_view name) -> std::optional<std::string> {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): the host never sets a variable
        const char* value = std::getenv(std::string(name).c_str());
        if (value == nullptr) return std::nullopt;
        return value;
    };
}

Expanded expand(std::string_view text, const Environment& environment) {
    return Expander(environment).run(text);
}

std::string escape_dollars(std::string_view text) {
    std::string out;
    for (const char c : text) out.append(c == '$' ? 2 : 1, c);
    return out;
}

}   // namespace microengine::config
