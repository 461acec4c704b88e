// SPDX-License-Identifier: MIT
#include "host/plugin/elf.hpp"

#include "host/plugin/elf_bytes.hpp"

#include <microengine/plugin.h>

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <ranges>
#include <string>
#include <vector>

namespace microengine::plugin {

using util::Errc;
using util::Result;

namespace {

#if defined(__x86_64__)
constexpr std::uint16_t kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t kMachine = EM_AARCH64;
#else
#error "plugins are 64-bit little-endian ELF: x86-64 or AArch64"
#endif

constexpr std::uint32_t kNoteMajorMask = 0xFFFF0000U;   // 'M' 'E'; the low half is the ABI's major

std::unexpected<util::Error> refuse(std::string_view place, const std::string& text) {
    return util::fail(Errc::plugin, place, text);
}

Result<std::vector<Elf64_Phdr>> segments(std::span<const std::uint8_t> file, std::string_view place) {
    const auto header = read_at<Elf64_Ehdr>(file, 0);
    if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
        return refuse(place, "not_elf: it is not an ELF file; a plugin is a shared library");
    if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
        header->e_machine != kMachine)
        return refuse(place, "wrong_arch: built for machine " + std::to_string(header->e_machine) +
                                 ", this host is " + std::to_string(kMachine) +
                                 "; build it for this processor");
    if (header->e_type != ET_DYN || header->e_phentsize != sizeof(Elf64_Phdr))
        return refuse(place, "not_elf: it is no shared library; link it with -shared");
    std::vector<Elf64_Phdr> all;
    for (std::uint64_t i = 0; i < header->e_phnum; ++i) {
        // e_phoff is the file's word: an offset near 2^64 must not wrap around into the file.
        const auto segment = header->e_phoff > file.size()
                                 ? std::nullopt
                                 : read_at<Elf64_Phdr>(file, header->e_phoff + i * sizeof(Elf64_Phdr));
        if (!segment)
            return refuse(place,
                          "truncated: its program headers lie beyond the end of the file; copy it again");
        all.push_back(*segment);
    }
    return all;
}

Result<void> check_segment(std::span<const std::uint8_t> file, const Elf64_Phdr& segment, std::size_t index,
                           std::string_view place) {
    if (segment.p_type == PT_LOAD) {
        if (!part(file, segment.p_offset, segment.p_filesz))
            return refuse(place, "truncated: segment " + std::to_string(index) + " ends beyond the file's " +
                                     std::to_string(file.size()) + " bytes; copy it again");
        if ((segment.p_flags & (PF_W | PF_X)) == (PF_W | PF_X))
            return refuse(place, "writable_code: segment " + std::to_string(index) +
                                     " is writable and executable; link it without that");
    }
    if (segment.p_type == PT_GNU_STACK && (segment.p_flags & PF_X) != 0)
        return refuse(place, "exec_stack: it asks for an executable stack; link it with -z noexecstack");
    return {};
}

/// The entries of the dynamic section, as far as they lie in the file.
std::vector<Elf64_Dyn> dynamic_entries(std::span<const std::uint8_t> file, const Elf64_Phdr& dynamic) {
    std::vector<Elf64_Dyn> all;
    for (std::uint64_t at = 0; at + sizeof(Elf64_Dyn) <= dynamic.p_filesz; at += sizeof(Elf64_Dyn)) {
        const auto entry =
            dynamic.p_offset > file.size() ? std::nullopt : read_at<Elf64_Dyn>(file, dynamic.p_offset + at);
        if (!entry || entry->d_tag == DT_NULL) break;
        all.push_back(*entry);
    }
    return all;
}

/// A terminated text of the string table; nothing if it is not inside the file.
std::optional<std::string> dynamic_text(std::span<const std::uint8_t> file, std::span<const Elf64_Phdr> all,
                                        std::uint64_t table, std::uint64_t offset) {
    for (const Elf64_Phdr& load : all) {
        if (load.p_type != PT_LOAD || table < load.p_vaddr || table - load.p_vaddr >= load.p_filesz) continue;
        const auto bytes = part(file, load.p_offset, load.p_filesz);
        const std::uint64_t at = table - load.p_vaddr;
        if (!bytes || offset >= bytes->size() - at) return std::nullopt;
        const auto text = bytes->subspan(at + offset);
        const void* end = std::memchr(text.data(), 0, text.size());
        if (end == nullptr) return std::nullopt;
        return std::string(reinterpret_cast<const char*>(text.data()), static_cast<const char*>(end));
    }
    return std::nullopt;
}

/// What one name of the dynamic section, a library (needed) or the folders to search, may not be.
Result<void> check_library_text(const std::string& text, bool needed, std::string_view place) {
    if (needed) {
        if (!text.contains('/')) return {};
        return refuse(
            place, "foreign_path: it wants the library '" + text + "' by its path; link it by name, with -l");
    }
    for (const auto folder : std::views::split(text, ':')) {
        const std::string_view one(folder.begin(), folder.end());
        if (!one.starts_with('/') || one.contains('$'))
            return refuse(place, "foreign_path: it looks for libraries in '" + text +
                                     "'; only absolute folders are followed");
    }
    return {};
}

/// The plugin's libraries must come from where the system looks, or from absolute folders: a relative name
/// would load whatever the working directory holds, and the sealed copy has no folder of its own for $ORIGIN.
Result<void> check_dynamic(std::span<const std::uint8_t> file, std::span<const Elf64_Phdr> all,
                           const Elf64_Phdr& dynamic, std::string_view place) {
    const std::vector<Elf64_Dyn> entries = dynamic_entries(file, dynamic);
    const auto table = std::ranges::find(entries, DT_STRTAB, &Elf64_Dyn::d_tag);
    for (const Elf64_Dyn& entry : entries) {
        // Relocations in code make code writable while it is being loaded.
        if (entry.d_tag == DT_TEXTREL || (entry.d_tag == DT_FLAGS && (entry.d_un.d_val & DF_TEXTREL) != 0))
            return refuse(place,
                          "writable_code: it has relocations in code (TEXTREL); compile it with -fPIC");
        const bool needed =
            entry.d_tag == DT_NEEDED || entry.d_tag == DT_AUXILIARY || entry.d_tag == DT_FILTER;
        if (!needed && entry.d_tag != DT_RPATH && entry.d_tag != DT_RUNPATH) continue;
        const auto text = table == entries.end()
                              ? std::nullopt
                              : dynamic_text(file, all, table->d_un.d_ptr, entry.d_un.d_val);
        if (!text)
            return refuse(place,
                          "truncated: a name of its dynamic section lies beyond the file; copy it again");
        ME_CHECK(check_library_text(*text, needed, place));
    }
    return {};
}

/// What the notes of one PT_NOTE segment hold of ours.
struct Found {
    std::vector<NoteLocation> ours;
    std::uint32_t other_major = 0;
    bool malformed = false;
};

void walk_notes(std::span<const std::uint8_t> file, const Elf64_Phdr& segment, Found& found) {
    const auto notes = part(file, segment.p_offset, segment.p_filesz);
    if (!notes || segment.p_align > 4) return;   // ours are 4-byte aligned; 8-byte ones are the toolchain's
    std::uint64_t at = 0;
    while (at + sizeof(Elf64_Nhdr) <= notes->size()) {
        const auto read = read_at<Elf64_Nhdr>(*notes, at);
        if (!read) return;   // the loop's condition says that it is there
        const Elf64_Nhdr& head = *read;
        const std::uint64_t name_at = at + sizeof head;
        const std::uint64_t description_at =
            name_at + ((std::uint64_t{head.n_namesz} + 3) & ~std::uint64_t{3});
        const auto name = part(*notes, name_at, head.n_namesz);
        const auto description = part(*notes, description_at, head.n_descsz);
        if (!name || !description) {
            found.malformed = true;
            return;
        }
        if (head.n_namesz == 3 && std::memcmp(name->data(), "ME", 3) == 0) {
            if (head.n_type == ME_NOTE_TYPE)
                found.ours.push_back({*description, segment.p_vaddr + description_at});
            else if ((head.n_type & kNoteMajorMask) == (ME_NOTE_TYPE & kNoteMajorMask))
                found.other_major = head.n_type & ~kNoteMajorMask;
        }
        at = description_at + ((std::uint64_t{head.n_descsz} + 3) & ~std::uint64_t{3});
    }
}

}   // namespace

Result<NoteLocation> find_note(std::span<const std::uint8_t> file, std::string_view place) {
    const auto all = ME_TRY(segments(file, place));
    bool stack_declared = false;
    Found found;
    for (std::size_t i = 0; i < all.size(); ++i) {
        ME_CHECK(check_segment(file, all[i], i, place));
        if (all[i].p_type == PT_DYNAMIC) ME_CHECK(check_dynamic(file, all, all[i], place));
        if (all[i].p_type == PT_GNU_STACK) stack_declared = true;
        if (all[i].p_type == PT_NOTE) walk_notes(file, all[i], found);
    }
    if (!stack_declared)
        return refuse(place,
                      "exec_stack: it does not refuse an executable stack; link it with -z noexecstack");
    if (found.ours.size() == 1) return found.ours.front();
    if (found.ours.size() > 1)
        return refuse(place, "bad_note: it has more than one plugin note; rebuild the plugin");
    if (found.other_major != 0)
        return refuse(place, "abi_major: built for plugin ABI " + std::to_string(found.other_major) +
                                 ", this host speaks " + std::to_string(ME_ABI_MAJOR) +
                                 "; upgrade microengine, or rebuild the plugin with the 1.x SDK");
    if (found.malformed)
        return refuse(place, "bad_note: its notes run beyond their segment; rebuild the plugin");
    return refuse(place, "no_note: not a microengine plugin, it has no note of one; build it with the SDK");
}

}   // namespace microengine::plugin
