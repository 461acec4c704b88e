// SPDX-License-Identifier: MIT
#pragma once
// What a plugin says of itself in its ELF note, read without running any of its code. Pure functions over
// bytes.

#include "host/core/artifact.hpp"
#include "host/core/setting.hpp"
#include "host/util/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::plugin {

struct Card {
    std::string id, version, name, vendor, license, url;
    std::uint16_t abi_minor = 0;        ///< compiled against: information
    std::uint16_t min_host_minor = 0;   ///< oldest host it runs on
    std::uint32_t artifact_types = 0;   ///< ME_ARTIFACT_*
    std::uint32_t caps = 0;             ///< ME_CAP_*
    std::uint32_t needs = 0;            ///< ME_NEED_*
    std::vector<core::SettingSpec> settings;
};

/// The note's description: an me_descriptor and its setting records, possibly larger ones of a later minor.
/// `place` is the file's name for messages. Reason codes: abi_major, bad_note, bad_settings_table.
[[nodiscard]] util::Result<Card> read_card(std::span<const std::uint8_t> description, std::string_view place);

[[nodiscard]] bool takes_type(const Card& card, core::ArtifactType type);

/// "parallel scanners, fork after open", "-" for none; bits without a name are shown as numbers.
[[nodiscard]] std::string caps_text(std::uint32_t caps);
[[nodiscard]] std::string needs_text(std::uint32_t needs);
[[nodiscard]] std::string artifact_types_text(std::uint32_t types);

}   // namespace microengine::plugin
