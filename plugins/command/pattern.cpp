// SPDX-License-Identifier: MIT
#include "pattern.hpp"

#include <microengine/plugin.hpp>

namespace microengine::command {

Pattern::Pattern(const char* setting, const std::string& text) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_encoding(re2::RE2::Options::EncodingLatin1);   // bytes: what programs print may be anything
    expression_ = std::make_unique<re2::RE2>(text, options);
    if (!expression_->ok()) throw setting_error(setting, "'" + text + "': " + expression_->error());
    if (expression_->NumberOfCapturingGroups() != 1)
        throw setting_error(setting, "'" + text + "' must have exactly one group, which is the name");
}

std::optional<std::string> Pattern::find(std::string_view line) const {
    std::string name;
    if (!re2::RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), *expression_, &name))
        return std::nullopt;
    return name;
}

}   // namespace microengine::command
