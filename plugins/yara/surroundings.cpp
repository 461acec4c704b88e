// SPDX-License-Identifier: MIT
#include "surroundings.hpp"

#include "errors.hpp"

#include <microengine/plugin.hpp>

#include <elf.h>
#include <link.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace microengine::yara {

namespace {

/// A loaded object, of which an address is known.
struct Search {
    std::uintptr_t address = 0;
    std::string build;   ///< of its notes, in bytes
};

bool covers(const dl_phdr_info& object, std::uintptr_t address) {
    return std::ranges::any_of(std::span(object.dlpi_phdr, object.dlpi_phnum), [&](const auto& segment) {
        const std::uintptr_t begin = object.dlpi_addr + segment.p_vaddr;
        return segment.p_type == PT_LOAD && address >= begin && address - begin < segment.p_memsz;
    });
}

/// The linker's digest of all that was linked, if these notes have it (ELF, "GNU", NT_GNU_BUILD_ID).
std::string build_id_of(std::span<const char> notes) {
    constexpr std::size_t word = 4;
    const auto padded = [](std::size_t size) { return (size + word - 1) / word * word; };
    while (notes.size() >= sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) head{};
        std::memcpy(&head, notes.data(), sizeof head);
        notes = notes.subspan(sizeof head);
        const std::size_t name = padded(head.n_namesz);
        if (name + padded(head.n_descsz) > notes.size()) break;
        if (head.n_type == NT_GNU_BUILD_ID && head.n_namesz == word &&
            std::string_view(notes.data(), word) == std::string_view("GNU", word))
            return {notes.data() + name, head.n_descsz};
        notes = notes.subspan(name + padded(head.n_descsz));
    }
    return {};
}

int look_at(dl_phdr_info* object, std::size_t /*size*/, void* given) {
    Search& search = *static_cast<Search*>(given);
    if (!covers(*object, search.address)) return 0;
    for (const auto& segment : std::span(object->dlpi_phdr, object->dlpi_phnum)) {
        if (segment.p_type != PT_NOTE || !search.build.empty()) continue;
        const auto* notes = reinterpret_cast<const char*>(object->dlpi_addr + segment.p_vaddr);   // NOLINT
        search.build = build_id_of({notes, segment.p_memsz});
    }
    return 1;
}

std::string build_at(std::uintptr_t address) {
    Search search{.address = address, .build = {}};
    (void)::dl_iterate_phdr(&look_at, &search);
    return search.build;
}

constexpr int kSeconds = 10;

int note_import(YR_SCAN_CONTEXT* /*context*/, int message, void* data, void* found) noexcept {
    if (message != CALLBACK_MSG_IMPORT_MODULE) return CALLBACK_CONTINUE;
    const std::string_view name(static_cast<const YR_MODULE_IMPORT*>(data)->module_name);
    if (name == "time" || name == "magic" || name == "cuckoo") *static_cast<bool*>(found) = true;
    return CALLBACK_CONTINUE;
}

}   // namespace

bool look_around(YR_RULES* rules) {
    // Only a scan tells what compiled rules import: it says so before anything else, whatever the bytes.
    bool found = false;
    const std::uint8_t nothing = 0;
    const int error =
        yr_rules_scan_mem(rules, &nothing, 0, SCAN_FLAGS_REPORT_RULES_MATCHING | SCAN_FLAGS_NO_TRYCATCH,
                          &note_import, &found, kSeconds);
    if (error != ERROR_SUCCESS && error != ERROR_SCAN_TIMEOUT)
        throw setting_error("rules", "they cannot be evaluated: " + error_text(error));
    return found || error != ERROR_SUCCESS;
}

std::string libyara_build() {
    // Its name resolves to it, or to what we are linked with: never to somebody else's.
    return build_at(reinterpret_cast<std::uintptr_t>(&yr_initialize));   // NOLINT: an address
}

std::string plugin_build() {
    return build_at(reinterpret_cast<std::uintptr_t>(&plugin_build));   // NOLINT: an address
}

}   // namespace microengine::yara
