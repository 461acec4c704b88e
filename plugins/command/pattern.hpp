// SPDX-License-Identifier: MIT
#pragma once
// A pattern with one group: time linear in the text, whoever wrote the text.

#include <re2/re2.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace microengine::command {

class Pattern {
public:
    /// Throws microengine::Error at that setting when it does not compile or has not exactly one group.
    Pattern(const char* setting, const std::string& text);
    /// What the group matched; nothing: no match. Any thread.
    [[nodiscard]] std::optional<std::string> find(std::string_view line) const;

private:
    std::unique_ptr<re2::RE2> expression_;
};

}   // namespace microengine::command
