// SPDX-License-Identifier: MIT
#pragma once
// A TOML file or text to Config, with every problem it has. The only place of the host that knows TOML.

#include "host/config/diagnostic.hpp"
#include "host/config/model.hpp"
#include "host/config/value.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::config {

struct Loaded {
    Config config;   ///< as far as it is sound; what was refused has its default
    std::vector<Diagnostic> diagnostics;
    Source source;
    std::string text;   ///< as read: check_settings() quotes from it

    [[nodiscard]] bool ok() const { return !has_errors(diagnostics); }
};

/// Pure: reads no file, and no environment but the source's.
[[nodiscard]] Loaded load_text(std::string_view toml, Source source);
/// A regular file of at most 1 MiB. That it cannot be read is a diagnostic too.
[[nodiscard]] Loaded load(const std::filesystem::path& file, Environment environment = process_environment());

}   // namespace microengine::config
