// SPDX-License-Identifier: MIT
// What can be said of the file alone.

#include "host/conformance/elf_facts.hpp"
#include "host/conformance/test.hpp"
#include "host/util/text.hpp"

#include <microengine/plugin.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace microengine::conformance {

namespace {

constexpr std::uint32_t kKnownCaps =
    ME_CAP_PARALLEL_SCANNERS | ME_CAP_FORK_AFTER_OPEN | ME_CAP_POLLS_STOP | ME_CAP_DETERMINISTIC;

/// Can somebody else than root and ourselves put files into it?
bool open_to_others(const std::string& folder, std::string& why) {
    struct stat status{};
    if (::stat(folder.c_str(), &status) != 0)
        why = "is not there: who makes it decides what is loaded";
    else if (status.st_uid != 0 && status.st_uid != ::geteuid())
        why = "belongs to another user";
    else if ((status.st_mode & S_IWOTH) != 0)
        why = "can be written by everybody";
    return !why.empty();
}

}   // namespace

void check_vetted(const Test& /*test*/, Subject& subject, Notebook& notes) {
    if (!subject.vetted) {
        const std::string code = plugin::reason_code(subject.vetted.error());
        notes.fail(subject.vetted.error().message,
                   code == "need_denied"
                       ? "here: --grant RIGHT, if you want it to have that"
                       : "'When it is refused' in the plugin author's guide has all reasons");
        return;
    }
    const plugin::Card& card = subject.card();
    for (const std::string& warning : subject.vetted->warnings)
        notes.warn(warning, "a host that runs as root refuses it there");
    notes.seen(card.id + " " + card.version + ", ABI 1." + std::to_string(card.abi_minor));
    notes.seen("takes " + plugin::artifact_types_text(card.artifact_types));
    notes.seen("promises " + plugin::caps_text(card.caps));
    notes.seen("needs " + plugin::needs_text(card.needs));
}

void check_exports(const Test& /*test*/, Subject& subject, Notebook& notes) {
    const ElfFacts facts = elf_facts(subject.vetted->copy.bytes());
    if (!facts.sections)
        return notes.fail("its table of sections is gone, so nobody can say what it exports",
                          "strip it with strip, which leaves that table");
    std::vector<std::string> others = facts.exported;
    std::erase(others, ME_PLUGIN_ENTRY_V1);
    if (others.size() == facts.exported.size())
        notes.fail("it does not export " ME_PLUGIN_ENTRY_V1,
                   "use ME_PLUGIN, or ME_EXPORT before its definition");
    if (!others.empty())
        notes.fail("it exports " + std::to_string(others.size()) + " more: " + util::join_names(others, 5),
                   "build it with microengine_add_plugin, or with -fvisibility=hidden and the linker's "
                   "--version-script=plugin.map: two plugins with one symbol must not meet");
    if (!facts.unique.empty())
        notes.fail("the whole process shares " + util::join_names(facts.unique, 5),
                   "compile it with -fno-gnu-unique, or by the version script make them local");
    notes.seen(ME_PLUGIN_ENTRY_V1 " alone");
}

void check_hardening(const Test& /*test*/, Subject& subject, Notebook& notes) {
    const ElfFacts facts = elf_facts(subject.vetted->copy.bytes());
    if (!facts.relro) notes.fail("what is relocated stays writable", "link it with -Wl,-z,relro");
    if (!facts.now)
        notes.fail("symbols are resolved when they are first used",
                   "link it with -Wl,-z,now: what is missing shows when it is loaded, and in no scan");
    notes.seen("relro, now, no executable stack, no writable code");
}

void check_libraries(const Test& /*test*/, Subject& subject, Notebook& notes) {
    const ElfFacts facts = elf_facts(subject.vetted->copy.bytes());
    for (const std::string& folder : facts.search_folders) {
        std::string why;
        if (open_to_others(folder, why))
            notes.fail(
                std::string("it looks for libraries in '").append(folder).append("', which ").append(why),
                "link it without -rpath (CMake: BUILD_RPATH, INSTALL_RPATH), or let that folder be yours");
    }
    notes.seen(facts.libraries.empty() ? "needs no library"
                                       : "needs " + util::join_names(facts.libraries, 4));
    if (!facts.search_folders.empty()) notes.seen("looks in " + util::join_names(facts.search_folders, 3));
}

void check_card(const Test& /*test*/, Subject& subject, Notebook& notes) {
    const plugin::Card& card = subject.card();
    if (card.name.empty()) notes.fail("it has no name", "give the card the name that people know it by");
    if (card.license.empty())
        notes.fail("it has no licence", "give the card an SPDX expression, as in MIT or GPL-2.0-only");
    for (const core::SettingSpec& spec : card.settings)
        if (spec.doc.empty())
            notes.fail("the setting '" + spec.name + "' is not explained",
                       "give it a line: .doc(\"…\"); 'microengine plugin info' shows it");
    if ((card.caps & ~kKnownCaps) != 0)
        notes.warn("it promises what this host does not know: " + plugin::caps_text(card.caps & ~kKnownCaps),
                   "other hosts may; this one ignores it");
    notes.seen("'" + card.name + "'");
    if (!card.vendor.empty()) notes.seen("of " + card.vendor);
    notes.seen(card.license);
    notes.seen(std::to_string(card.settings.size()) + " settings");
}

}   // namespace microengine::conformance
