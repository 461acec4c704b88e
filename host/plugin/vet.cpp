// SPDX-License-Identifier: MIT
#include "host/plugin/vet.hpp"

#include "host/plugin/elf.hpp"
#include "host/plugin/path_policy.hpp"

#include <microengine/plugin.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace microengine::plugin {

using util::Errc;
using util::Result;

namespace {

constexpr std::uint32_t kKnownNeeds = ME_NEED_FD | ME_NEED_TEMP_DIR | ME_NEED_NETWORK | ME_NEED_THREADS |
                                      ME_NEED_EXEC_MEMORY | ME_NEED_READ_PATHS | ME_NEED_PROGRAMS;
constexpr std::uint32_t kGrantableNeeds = ME_NEED_NETWORK | ME_NEED_EXEC_MEMORY | ME_NEED_PROGRAMS;
constexpr std::uint32_t kKnownTypes = ME_ARTIFACT_FILE | ME_ARTIFACT_URL;

/// Can this host serve such a plugin at all? Each refusal names both ways out: another host, another build.
Result<void> check_compatible(const Card& card, const std::string& place) {
    const auto refuse = [&](const std::string& text) { return util::fail(Errc::plugin, place, text); };
    const std::string wanted = "1." + std::to_string(card.min_host_minor);
    const std::string ours = "1." + std::to_string(ME_ABI_MINOR);
    if (card.min_host_minor > ME_ABI_MINOR)
        return refuse("abi_minor: it needs a host with plugin ABI " + wanted +
                      " or later, microengine " MICROENGINE_VERSION " has " + ours +
                      "; upgrade microengine to one with " + wanted +
                      " or later (--version tells), or rebuild the plugin with ME_TARGET_MINOR " +
                      std::to_string(ME_ABI_MINOR));
    if (card.artifact_types == 0)
        return refuse("no_artifact_type: it takes no artifacts; rebuild the plugin with ME_ARTIFACT_FILE");
    if ((card.artifact_types & kKnownTypes) == 0)
        return refuse(
            "no_artifact_type: it takes only artifacts of types that microengine " MICROENGINE_VERSION
            " does not know (" +
            artifact_types_text(card.artifact_types) + "); upgrade microengine");
    if (const std::uint32_t unknown = card.needs & ~kKnownNeeds; unknown != 0)
        return refuse("need_unknown: it needs a right that microengine " MICROENGINE_VERSION
                      " does not know and so cannot grant (" +
                      needs_text(unknown) + "); upgrade microengine, or rebuild the plugin without it");
    return {};
}

/// The rights an operator may grant, as the configuration calls them.
constexpr std::pair<std::uint32_t, std::string_view> kGrants[] = {
    {ME_NEED_NETWORK, "network"}, {ME_NEED_EXEC_MEMORY, "exec_memory"}, {ME_NEED_PROGRAMS, "programs"}};

/// What the configuration must say: "\"network\", \"programs\"".
std::string grant_words(std::uint32_t needs) {
    std::string all;
    for (const auto& [bit, word] : kGrants)
        if ((needs & bit) != 0) all.append(all.empty() ? "\"" : ", \"").append(word).append("\"");
    return all;
}

}   // namespace

Result<Vetted> vet(const std::filesystem::path& file) {
    const std::filesystem::path path = file.lexically_normal();
    std::vector<std::string> warnings;
    const util::UniqueFd fd = ME_TRY(open_trusted(path, warnings));
    SealedCopy copy = ME_TRY(SealedCopy::make(fd.get(), path));
    const util::Sha256 sha256 = util::sha256(copy.bytes());
    const NoteLocation note = ME_TRY(find_note(copy.bytes(), path.native()));
    Card card = ME_TRY(read_card(note.description, path.native()));
    ME_CHECK(check_compatible(card, path.native()));
    return Vetted{.path = path,
                  .copy = std::move(copy),
                  .sha256 = sha256,
                  .card = std::move(card),
                  .description = note.description,
                  .note_address = note.address,
                  .warnings = std::move(warnings)};
}

std::uint32_t granted_needs(std::span<const std::string> words) {
    std::uint32_t needs = 0;
    for (const auto& [bit, word] : kGrants)
        if (std::ranges::find(words, word) != words.end()) needs |= bit;
    return needs;
}

Result<void> check_use(const Vetted& plugin, const UsePolicy& policy) {
    if (policy.sha256 && *policy.sha256 != plugin.sha256)
        return util::fail(Errc::plugin, plugin.path.native(),
                          "hash_mismatch: its SHA-256 is " + util::hex(plugin.sha256) +
                              ", the configuration wants " + util::hex(*policy.sha256));
    if (const std::uint32_t denied = plugin.card.needs & kGrantableNeeds & ~policy.granted_needs; denied != 0)
        return util::fail(Errc::plugin, plugin.path.native(),
                          "need_denied: it needs " + needs_text(denied) + "; allow it with grant = [" +
                              grant_words(plugin.card.needs & kGrantableNeeds) + "] in its [[backend]]");
    return {};
}

std::string reason_code(const util::Error& error) { return error.message.substr(0, error.message.find(':')); }

}   // namespace microengine::plugin
