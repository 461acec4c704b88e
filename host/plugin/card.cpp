// SPDX-License-Identifier: MIT
#include "host/plugin/card.hpp"

#include "host/util/text.hpp"

#include <microengine/plugin.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <optional>
#include <utility>

namespace microengine::plugin {

using util::Errc;
using util::Result;

namespace {

/// The text of a fixed field: terminated, UTF-8, nothing that could steer a terminal.
template <std::size_t Size>
std::optional<std::string> text_of(const char (&field)[Size]) {
    const void* end = std::memchr(field, '\0', Size);
    if (end == nullptr) return std::nullopt;
    const std::string_view text(field, static_cast<std::size_t>(static_cast<const char*>(end) - field));
    if (util::printable(text) != text) return std::nullopt;
    return std::string(text);
}

bool is_id(std::string_view text) {
    return !text.empty() && text.front() != '.' &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == text.npos;
}
bool is_version(std::string_view text) {
    return !text.empty() && text.front() >= '0' && text.front() <= '9' &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-") ==
               text.npos;
}
bool is_setting_name(std::string_view text) {
    if (text.empty() || text.front() < 'a' || text.front() > 'z' || text.back() == '.') return false;
    return text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") == text.npos;
}

std::optional<std::int64_t> integer_of(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// Is the default one of the allowed values? A default with a variable in it is checked when it is expanded.
bool default_is_allowed(const core::SettingSpec& spec) {
    const std::string_view value = spec.default_value;
    if (value.empty() || value.contains("${")) return true;
    if (spec.type == core::SettingType::boolean) return value == "true" || value == "false";
    if (spec.type == core::SettingType::integer) {
        const auto number = integer_of(value);
        if (!number) return false;
        const std::size_t dots = spec.allowed.find("..");
        if (dots == std::string::npos) return true;
        const auto low = integer_of(std::string_view(spec.allowed).substr(0, dots));
        const auto high = integer_of(std::string_view(spec.allowed).substr(dots + 2));
        return low && high && *low <= *number && *number <= *high;
    }
    if (spec.allowed.empty()) return true;
    return ("|" + spec.allowed + "|").contains("|" + std::string(value) + "|");
}

std::optional<core::SettingType> type_of(std::uint32_t type) {
    switch (type) {
        case ME_SETTING_STRING:
            return core::SettingType::string;
        case ME_SETTING_PATH:
            return core::SettingType::path;
        case ME_SETTING_INTEGER:
            return core::SettingType::integer;
        case ME_SETTING_BOOLEAN:
            return core::SettingType::boolean;
        default:
            return std::nullopt;
    }
}

Result<core::SettingSpec> spec_of(const me_setting& record, std::string_view place) {
    const auto bad = [&](std::string_view what) {
        return util::fail(Errc::plugin, place,
                          "bad_settings_table: " + std::string(what) + "; rebuild the plugin");
    };
    auto name = text_of(record.name);
    if (!name || !is_setting_name(*name)) return bad("a setting's name is not of the form [a-z][a-z0-9_]*");
    const auto type = type_of(record.type);
    if (!type)
        return util::fail(Errc::plugin, place,
                          "bad_settings_table: setting " + *name + " is of type " +
                              std::to_string(record.type) +
                              ", which microengine " MICROENGINE_VERSION
                              " does not know; upgrade microengine, or rebuild the plugin without it");
    auto default_value = text_of(record.default_value);
    auto unit = text_of(record.unit);
    auto allowed = text_of(record.allowed);
    auto doc = text_of(record.doc);
    if (!default_value || !unit || !allowed || !doc)
        return bad("a text of setting " + *name + " is not terminated UTF-8");
    core::SettingSpec spec{.name = *std::move(name),
                           .type = *type,
                           .required = (record.flags & ME_SETTING_REQUIRED) != 0,
                           .list = (record.flags & ME_SETTING_LIST) != 0,
                           .secret = (record.flags & ME_SETTING_SECRET) != 0,
                           .default_value = *std::move(default_value),
                           .unit = *std::move(unit),
                           .allowed = *std::move(allowed),
                           .doc = *std::move(doc)};
    if (!default_is_allowed(spec))
        return bad("the default of setting " + spec.name + ", '" + spec.default_value + "', is not within " +
                   spec.allowed);
    return spec;
}

/// A record as 1.0 has it. Those of a later header are longer, and so may ours be one day.
constexpr std::size_t kLeastSetting = offsetof(me_setting, doc) + sizeof(me_setting::doc);

using BitName = std::pair<std::uint32_t, std::string_view>;

std::string bits_text(std::uint32_t bits, std::span<const BitName> names) {
    std::string text;
    const auto add = [&](std::string_view one) {
        if (!text.empty()) text += ", ";
        text += one;
    };
    for (const auto& [bit, name] : names) {
        if ((bits & bit) != 0) add(name);
        bits &= ~bit;
    }
    for (std::uint32_t bit = 1; bits != 0; bit <<= 1) {
        if ((bits & bit) != 0) add("bit " + std::to_string(bit));
        bits &= ~bit;
    }
    return text.empty() ? "-" : text;
}

}   // namespace

Result<Card> read_card(std::span<const std::uint8_t> description, std::string_view place) {
    const auto bad = [&](std::string_view what) {
        return util::fail(Errc::plugin, place, "bad_note: " + std::string(what) + "; rebuild the plugin");
    };
    me_descriptor d{};
    if (description.size() < sizeof d) return bad("the note is shorter than a descriptor");
    std::memcpy(&d, description.data(), sizeof d);
    if (d.abi_major != ME_ABI_MAJOR)
        return util::fail(Errc::plugin, place,
                          "abi_major: built for plugin ABI " + std::to_string(d.abi_major) +
                              ", this host speaks " + std::to_string(ME_ABI_MAJOR) +
                              "; upgrade microengine, or rebuild the plugin with the 1.x SDK");
    if (d.struct_size != sizeof d)
        return bad("the descriptor says it has " + std::to_string(d.struct_size) + " bytes, not 512");
    const auto id = text_of(d.id), version = text_of(d.version), name = text_of(d.name),
               vendor = text_of(d.vendor), license = text_of(d.license), url = text_of(d.url);
    if (!id || !version || !name || !vendor || !license || !url)
        return bad("a text of the descriptor is not terminated UTF-8");
    if (!is_id(*id)) return bad("the id is not reverse DNS of [a-z0-9.-]");
    if (!is_version(*version)) return bad("the version is not of the form 1.2.3");
    Card card{.id = *id,
              .version = *version,
              .name = *name,
              .vendor = *vendor,
              .license = *license,
              .url = *url,
              .abi_minor = d.abi_minor,
              .min_host_minor = d.min_host_minor,
              .artifact_types = d.artifact_types,
              .caps = d.caps,
              .needs = d.needs,
              .settings = {}};
    if (d.setting_size < kLeastSetting || d.setting_size > 64 * 1024 ||
        description.size() != sizeof d + std::size_t{d.setting_count} * d.setting_size)
        return util::fail(Errc::plugin, place,
                          "bad_settings_table: its size and count do not fit the note; rebuild the plugin");
    for (std::size_t i = 0; i < d.setting_count; ++i) {
        me_setting record{};
        std::memcpy(&record, description.data() + sizeof d + i * d.setting_size,
                    std::min<std::size_t>(d.setting_size, sizeof record));
        auto spec = ME_TRY(spec_of(record, place));
        if (std::ranges::find(card.settings, spec.name, &core::SettingSpec::name) != card.settings.end())
            return util::fail(
                Errc::plugin, place,
                "bad_settings_table: setting " + spec.name + " stands twice; rebuild the plugin");
        card.settings.push_back(std::move(spec));
    }
    return card;
}

bool takes_type(const Card& card, core::ArtifactType type) {
    return (card.artifact_types & (type == core::ArtifactType::url ? ME_ARTIFACT_URL : ME_ARTIFACT_FILE)) !=
           0;
}

std::string caps_text(std::uint32_t caps) {
    constexpr std::array<BitName, 4> names{{{ME_CAP_PARALLEL_SCANNERS, "parallel scanners"},
                                            {ME_CAP_FORK_AFTER_OPEN, "fork after open"},
                                            {ME_CAP_POLLS_STOP, "polls stop"},
                                            {ME_CAP_DETERMINISTIC, "deterministic"}}};
    return bits_text(caps, names);
}

std::string needs_text(std::uint32_t needs) {
    constexpr std::array<BitName, 7> names{{{ME_NEED_FD, "descriptor"},
                                            {ME_NEED_TEMP_DIR, "temporary directory"},
                                            {ME_NEED_NETWORK, "network"},
                                            {ME_NEED_THREADS, "threads"},
                                            {ME_NEED_EXEC_MEMORY, "executable memory"},
                                            {ME_NEED_READ_PATHS, "reads its paths while scanning"},
                                            {ME_NEED_PROGRAMS, "to start programs"}}};
    return bits_text(needs, names);
}

std::string artifact_types_text(std::uint32_t types) {
    constexpr std::array<BitName, 2> names{{{ME_ARTIFACT_FILE, "files"}, {ME_ARTIFACT_URL, "URLs"}}};
    return bits_text(types, names);
}

}   // namespace microengine::plugin
