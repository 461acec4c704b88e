// SPDX-License-Identifier: MIT
#include "host/cache/backend_key.hpp"

#include "host/wire/messages.hpp"

#include <span>
#include <string_view>

namespace microengine::cache {
namespace {

/// Lengths before texts: no two lists of fields make the same bytes.
class Writer {
public:
    void number(std::uint64_t value) {
        std::uint8_t bytes[8];
        for (std::uint8_t& byte : bytes) {
            byte = static_cast<std::uint8_t>(value);
            value >>= 8;
        }
        digest_.update(bytes);
    }
    void text(std::string_view value) {
        number(value.size());
        digest_.update(
            {reinterpret_cast<const std::uint8_t*>(value.data()), value.size()});   // NOLINT: a byte view
    }
    [[nodiscard]] util::Sha256 finish() { return digest_.finish(); }

private:
    util::Sha256Stream digest_;
};

void write(Writer& out, const core::SettingValue& value) {
    out.number(value.index());
    if (const auto* text = std::get_if<std::string>(&value))
        out.text(*text);
    else if (const auto* number = std::get_if<std::int64_t>(&value))
        out.number(static_cast<std::uint64_t>(*number));
    else
        out.number(std::get<bool>(value) ? 1 : 0);
}

}   // namespace

util::Sha256 backend_key(const core::BackendFacts& facts, const util::Sha256& plugin_file,
                         const core::Settings& settings) {
    Writer out;
    out.text(wire::kWireIdentity);   // of the host, and of the form in which results are stored
    out.text(facts.plugin_id);
    out.text(facts.plugin_version);
    out.text(util::hex(plugin_file));
    out.number(facts.signatures.has_value() ? 1 : 0);
    if (facts.signatures) {
        out.text(facts.signatures->version);
        out.number(static_cast<std::uint64_t>(facts.signatures->date_unix));
        out.number(facts.signatures->count);
    }
    out.number(settings.all.size());
    for (const core::Setting& setting : settings.all) {
        out.text(setting.name);
        out.number(setting.values.size());
        for (const core::SettingValue& value : setting.values) write(out, value);
    }
    return out.finish();
}

}   // namespace microengine::cache
