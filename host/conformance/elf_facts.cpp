// SPDX-License-Identifier: MIT
#include "host/conformance/elf_facts.hpp"

#include "host/plugin/elf_bytes.hpp"

#include <elf.h>

#include <cstring>
#include <optional>
#include <ranges>

namespace microengine::conformance {

namespace {

using Bytes = std::span<const std::uint8_t>;
using plugin::part;
using plugin::read_at;

/// A terminated text of a string table; empty if it is not there.
std::string text_at(Bytes table, std::uint64_t offset) {
    if (offset >= table.size()) return {};
    const Bytes rest = table.subspan(offset);
    const void* const end = std::memchr(rest.data(), 0, rest.size());
    if (end == nullptr) return {};
    return {reinterpret_cast<const char*>(rest.data()), static_cast<const char*>(end)};
}

std::optional<Elf64_Shdr> section(Bytes file, const Elf64_Ehdr& head, std::uint64_t index) {
    if (index >= head.e_shnum || head.e_shoff > file.size()) return std::nullopt;
    return read_at<Elf64_Shdr>(file, head.e_shoff + index * sizeof(Elf64_Shdr));
}

/// The string table that belongs to a section.
Bytes strings_of(Bytes file, const Elf64_Ehdr& head, const Elf64_Shdr& owner) {
    const auto strings = section(file, head, owner.sh_link);
    return strings ? part(file, strings->sh_offset, strings->sh_size).value_or(Bytes{}) : Bytes{};
}

void read_symbols(Bytes symbols, Bytes strings, ElfFacts& facts) {
    for (std::uint64_t at = 0; at + sizeof(Elf64_Sym) <= symbols.size(); at += sizeof(Elf64_Sym)) {
        const auto symbol = read_at<Elf64_Sym>(symbols, at);
        if (!symbol || symbol->st_shndx == SHN_UNDEF) continue;
        const unsigned bind = ELF64_ST_BIND(symbol->st_info), seen = ELF64_ST_VISIBILITY(symbol->st_other);
        if (bind == STB_LOCAL || seen == STV_HIDDEN || seen == STV_INTERNAL) continue;
        facts.exported.push_back(text_at(strings, symbol->st_name));
        if (bind == STB_GNU_UNIQUE) facts.unique.push_back(facts.exported.back());
    }
}

void read_dynamic(Bytes entries, Bytes strings, ElfFacts& facts) {
    for (std::uint64_t at = 0; at + sizeof(Elf64_Dyn) <= entries.size(); at += sizeof(Elf64_Dyn)) {
        const auto entry = read_at<Elf64_Dyn>(entries, at);
        if (!entry || entry->d_tag == DT_NULL) return;
        const std::uint64_t value = entry->d_un.d_val;
        if (entry->d_tag == DT_BIND_NOW || (entry->d_tag == DT_FLAGS && (value & DF_BIND_NOW) != 0) ||
            (entry->d_tag == DT_FLAGS_1 && (value & DF_1_NOW) != 0))
            facts.now = true;
        if (entry->d_tag == DT_NEEDED) facts.libraries.push_back(text_at(strings, value));
        if (entry->d_tag != DT_RPATH && entry->d_tag != DT_RUNPATH) continue;
        const std::string folders = text_at(strings, value);
        for (const auto folder : std::views::split(folders, ':'))
            facts.search_folders.emplace_back(folder.begin(), folder.end());
    }
}

}   // namespace

ElfFacts elf_facts(Bytes file) {
    ElfFacts facts;
    const auto head = read_at<Elf64_Ehdr>(file, 0);
    if (!head) return facts;
    for (std::uint64_t i = 0; i < head->e_phnum && head->e_phoff <= file.size(); ++i) {
        const auto segment = read_at<Elf64_Phdr>(file, head->e_phoff + i * sizeof(Elf64_Phdr));
        if (segment && segment->p_type == PT_GNU_RELRO) facts.relro = true;
    }
    for (std::uint64_t i = 0; i < head->e_shnum; ++i) {
        const auto one = section(file, *head, i);
        if (!one) continue;
        const Bytes bytes = part(file, one->sh_offset, one->sh_size).value_or(Bytes{});
        if (one->sh_type == SHT_DYNSYM) {
            facts.sections = true;
            read_symbols(bytes, strings_of(file, *head, *one), facts);
        }
        if (one->sh_type == SHT_DYNAMIC) read_dynamic(bytes, strings_of(file, *head, *one), facts);
    }
    return facts;
}

}   // namespace microengine::conformance
