// SPDX-License-Identifier: MIT
#include "shortlist.hpp"

#include <yara/exec.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>

namespace microengine::yara {
namespace {

constexpr std::size_t kMostModules = 64;

template <class Item>
void save_all(std::string& bytes, const std::vector<Item>& items) {
    static_assert(std::is_trivially_copyable_v<Item>);
    const std::uint64_t count = items.size();
    bytes.append(reinterpret_cast<const char*>(&count), sizeof count);   // NOLINT: a byte view
    if (count > 0)
        bytes.append(reinterpret_cast<const char*>(items.data()), count * sizeof(Item));   // NOLINT: same
}
template <class Item>
bool load_all(std::string_view& bytes, std::vector<Item>& items) {
    std::uint64_t count = 0;
    if (bytes.size() < sizeof count) return false;
    (void)bytes.copy(reinterpret_cast<char*>(&count), sizeof count);   // NOLINT: a byte view
    bytes.remove_prefix(sizeof count);
    if (count > bytes.size() / sizeof(Item)) return false;
    items.resize(count);
    if (count > 0)
        (void)bytes.copy(reinterpret_cast<char*>(items.data()),
                         count * sizeof(Item));   // NOLINT: a byte view
    bytes.remove_prefix(count * sizeof(Item));
    return true;
}

/// Which modules the condition looks into; an external variable is loaded by the same instruction.
std::uint64_t modules_of(Code condition, const std::vector<Code>& imports) {
    std::uint64_t modules = 0;
    for (Code rest = condition; !rest.empty();) {
        const Instruction next = read_instruction(rest);
        if (next.opcode == OP_OBJ_LOAD)
            for (std::size_t i = 0; i < imports.size(); ++i)
                if (module_of(rest) == module_of(imports[i])) modules |= std::uint64_t{1} << i;
        rest = rest.subspan(next.size);
    }
    return modules;
}

std::uint32_t strings_of(const YR_RULE* rule) {
    std::uint32_t strings = 0;
    const YR_STRING* string = nullptr;
    yr_rule_strings_foreach(rule, string)++ strings;
    return strings;
}

bool any_found(std::span<const YR_MATCHES> matches) {
    return std::ranges::any_of(matches, [](const YR_MATCHES& of) { return of.tail != nullptr; });
}

}   // namespace

std::optional<Shortlist> Shortlist::of(const YR_RULES& rules) {
    const std::optional<Program> program = take_apart(rules);
    if (!program || program->imports.size() > kMostModules) return std::nullopt;
    Shortlist list(program->code);
    for (const Code import : program->imports) list.imports_.push_back(list.piece(import));
    for (const Condition& condition : program->conditions) {
        const YR_RULE& rule = rules.rules_table[condition.rule];
        const Requirement requirement = requirement_of(condition.code);
        // A global rule that does not hold silences its namespace: it must be seen not to hold.
        const bool always = RULE_IS_GLOBAL(&rule) != 0;
        if (requirement.any.empty() && !always) continue;
        list.entries_.push_back({.requirement = always ? Requirement{} : requirement,
                                 .condition = list.piece(condition.code),
                                 .first_string = rule.strings == nullptr ? 0 : rule.strings->idx,
                                 .strings = strings_of(&rule),
                                 .modules = modules_of(condition.code, program->imports)});
    }
    return list;
}

Shortlist::Piece Shortlist::piece(Code part) const {
    return {static_cast<std::uint32_t>(part.data() - code_.data()), static_cast<std::uint32_t>(part.size())};
}

void Shortlist::save(std::string& bytes) const {
    save_all(bytes, imports_);
    save_all(bytes, entries_);
}

std::optional<Shortlist> Shortlist::load(std::string_view bytes, const YR_RULES& rules) {
    const Code code = code_of(rules);
    Shortlist list(code);
    if (!load_all(bytes, list.imports_) || !load_all(bytes, list.entries_) || !bytes.empty())
        return std::nullopt;
    const auto outside = [&](const Piece& piece) {
        return piece.at > code.size() || piece.size > code.size() - piece.at;
    };
    if (list.imports_.size() > kMostModules || std::ranges::any_of(list.imports_, outside) ||
        std::ranges::any_of(list.entries_, outside, &Entry::condition))
        return std::nullopt;
    return list;
}

std::size_t Shortlist::write(const Region& artifact, const YR_MATCHES* matches,
                             std::span<std::uint8_t> to) const {
    std::size_t used = 0;
    const auto append = [&](const Piece& piece) {
        std::memcpy(to.data() + used, code_.data() + piece.at, piece.size);
        used += piece.size;
    };
    std::uint64_t imported = 0;
    for (const Entry& entry : entries_) {
        if (!artifact.meets(entry.requirement.any)) continue;
        if (!artifact.meets(entry.requirement.without_strings) &&
            !any_found({matches + entry.first_string, entry.strings}))
            continue;
        for (std::uint64_t missing = entry.modules & ~imported; missing != 0; missing &= missing - 1)
            append(imports_[static_cast<std::size_t>(std::countr_zero(missing))]);
        imported |= entry.modules;
        append(entry.condition);
    }
    return used;
}

}   // namespace microengine::yara
