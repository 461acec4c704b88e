// SPDX-License-Identifier: MIT
#pragma once
// The few facts of an ELF file that decide whether it may be loaded. A pure function over bytes, bounded by
// them; not a general ELF reader.

#include "host/util/result.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace microengine::plugin {

/// Where the plugin's note lies in the file and, once loaded, in memory.
struct NoteLocation {
    std::span<const std::uint8_t> description;   ///< into the bytes given
    std::uint64_t address = 0;                   ///< of the description, relative to where the file is loaded
};

/// Checks the file's form, in this order: not_elf, wrong_arch, truncated, writable_code, exec_stack,
/// foreign_path, no_note, bad_note, abi_major. The bytes must not change meanwhile.
[[nodiscard]] util::Result<NoteLocation> find_note(std::span<const std::uint8_t> file,
                                                   std::string_view place);

}   // namespace microengine::plugin
