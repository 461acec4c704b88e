// SPDX-License-Identifier: MIT
#include "host/plugin/elf.hpp"

#include <microengine/plugin.h>

#include <elf.h>

#include <cstring>
#include <optional>
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

/// A part of the file, or nothing if it does not lie inside.
std::optional<std::span<const std::uint8_t>> part(std::span<const std::uint8_t> file, std::uint64_t offset,
                                                  std::uint64_t size) {
    if (offset > file.size() || size > file.size() - offset) return std::nullopt;
    return file.subspan(offset, size);
}

template <class T>
std::optional<T> read_at(std::span<const std::uint8_t> file, std::uint64_t offset) {
    const auto bytes = part(file, offset, sizeof(T));
    if (!bytes) return std::nullopt;
    T value;
    std::memcpy(&value, bytes->data(), sizeof value);
    return value;
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

/// Relocations in code make code writable while it is being loaded.
bool has_text_relocations(std::span<const std::uint8_t> file, const Elf64_Phdr& dynamic) {
    for (std::uint64_t at = 0; at + sizeof(Elf64_Dyn) <= dynamic.p_filesz; at += sizeof(Elf64_Dyn)) {
        const auto entry =
            dynamic.p_offset > file.size() ? std::nullopt : read_at<Elf64_Dyn>(file, dynamic.p_offset + at);
        if (!entry || entry->d_tag == DT_NULL) return false;
        if (entry->d_tag == DT_TEXTREL || (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL) != 0))
            return true;
    }
    return false;
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
        const auto head = *read_at<Elf64_Nhdr>(*notes, at);
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
        if (all[i].p_type == PT_DYNAMIC && has_text_relocations(file, all[i]))
            return refuse(place,
                          "writable_code: it has relocations in code (TEXTREL); compile it with -fPIC");
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
                                 "; use another host or rebuild it with the 1.x SDK");
    if (found.malformed)
        return refuse(place, "bad_note: its notes run beyond their segment; rebuild the plugin");
    return refuse(place, "no_note: not a microengine plugin, it has no note of one; build it with the SDK");
}

}   // namespace microengine::plugin
