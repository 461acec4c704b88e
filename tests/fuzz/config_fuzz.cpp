// SPDX-License-Identifier: MIT
// The config as an attacker would write it. Beside not crashing: what loads without an error must be shown as
// text that loads again and is shown the same.

#include "host/config/settings.hpp"
#include "host/config/show.hpp"
#include "host/config/trusted.hpp"
#include "host/util/result.hpp"
#include "host/util/text.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace config = microengine::config;
namespace core = microengine::core;
using microengine::util::ensure;

namespace {

config::Source source() {
    return {.file = "microengine.toml",
            .directory = "/etc/microengine",
            .environment = [](std::string_view name) -> std::optional<std::string> {
                if (name.starts_with('A')) return "a $value\n";
                if (name.starts_with('B')) return "";
                return std::nullopt;
            }};
}

/// Without paths: a fuzzer should not look around in the file system.
std::vector<core::SettingSpec> card() {
    std::vector<core::SettingSpec> specs(4);
    specs[0].name = "rules";
    specs[0].list = true;
    specs[1].name = "limits.depth";
    specs[1].type = core::SettingType::integer;
    specs[1].allowed = "1..64";
    specs[2].name = "fast";
    specs[2].type = core::SettingType::boolean;
    specs[2].default_value = "true";
    specs[3].name = "mode";
    specs[3].allowed = "fast|full";
    return specs;
}

void check_text(const std::vector<config::Diagnostic>& diagnostics) {
    const std::string text = config::to_text(diagnostics);
    ensure(microengine::util::is_utf8(text), "messages are UTF-8");
    ensure(text.find('\x1b') == std::string::npos, "messages cannot steer a terminal");
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const config::Loaded loaded = config::load_text(text, source());
    check_text(loaded.diagnostics);
    for (const config::BackendConfig& backend : loaded.config.backends)
        check_text(config::check_settings(loaded, backend, card()).diagnostics);
    if (loaded.ok()) {
        const std::string shown = config::show(loaded.config, {});
        const config::Loaded again = config::load_text(shown, source());
        ensure(again.ok(), "what is shown loads");
        ensure(config::show(again.config, {}) == shown, "what is shown is shown the same again");
    }
    std::vector<config::Diagnostic> found;
    (void)config::parse_hash_list(text, "list", found);
    check_text(found);
    return 0;
}
