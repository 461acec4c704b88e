// SPDX-License-Identifier: MIT
#pragma once
// The first rungs of the ladder: everything that can be said of a plugin before any of its code runs.

#include "host/plugin/card.hpp"
#include "host/plugin/sealed_copy.hpp"
#include "host/util/digest.hpp"
#include "host/util/result.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace microengine::plugin {

/// A plugin that passed. Only the sealed copy is ever used from here on.
struct Vetted {
    std::filesystem::path path;
    SealedCopy copy;
    util::Sha256 sha256{};   ///< of the copy
    Card card;
    std::span<const std::uint8_t> description;   ///< of the note, inside the copy
    std::uint64_t note_address = 0;              ///< of the description, relative to where the file is loaded
    std::vector<std::string> warnings;
};

/// The ME_NEED_* that `grant = ["network", "exec_memory", "programs"]` allows; other words allow nothing.
[[nodiscard]] std::uint32_t granted_needs(std::span<const std::string> words);

/// What the operator says of one use of a plugin.
struct UsePolicy {
    std::optional<util::Sha256> sha256;   ///< the file must be this one
    std::uint32_t granted_needs = 0;      ///< ME_NEED_NETWORK, _EXEC_MEMORY, _PROGRAMS
};

/// Opens, copies, seals and reads a plugin. The error's message starts with its reason code: reason_code().
[[nodiscard]] util::Result<Vetted> vet(const std::filesystem::path& file);
/// May this host use it so? Reason codes: hash_mismatch, need_denied.
[[nodiscard]] util::Result<void> check_use(const Vetted& plugin, const UsePolicy& policy);

/// "bad_note" of "bad_note: its notes …".
[[nodiscard]] std::string reason_code(const util::Error& error);

}   // namespace microengine::plugin
