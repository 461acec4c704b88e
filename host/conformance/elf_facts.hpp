// SPDX-License-Identifier: MIT
#pragma once
// How a plugin was linked: what it shows to other libraries, what protects it, where it looks for its own. A
// pure function over bytes; what the host insists on is in host/plugin/elf.hpp.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace microengine::conformance {

struct ElfFacts {
    bool sections = false;                ///< it has a table of sections: without it no symbol is known
    std::vector<std::string> exported;    ///< symbols that other libraries can use
    std::vector<std::string> unique;      ///< those of them that the whole process shares, STB_GNU_UNIQUE
    bool relro = false;                   ///< what is relocated becomes read-only
    bool now = false;                     ///< all symbols are resolved when it is loaded
    std::vector<std::string> libraries;   ///< that it needs
    std::vector<std::string> search_folders;   ///< where it looks for them first: RPATH, RUNPATH
};

/// What does not lie in the file is left out.
[[nodiscard]] ElfFacts elf_facts(std::span<const std::uint8_t> file);

}   // namespace microengine::conformance
