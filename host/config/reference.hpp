// SPDX-License-Identifier: MIT
#pragma once
// The reference of all keys, made from the table that checks them: the body of docs/configuration.md.

#include <string>

namespace microengine::config {

/// Markdown.
[[nodiscard]] std::string reference();

}   // namespace microengine::config
