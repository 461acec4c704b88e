// SPDX-License-Identifier: MIT
#pragma once
// Compiled conditions, taken apart into those of each rule. Written for libyara 4.2: its opcodes are those of
// <yara/exec.h>, each followed by its operand. An unknown opcode, or code that does not come out even, is
// never guessed at.

#include <yara.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace microengine::yara {

using Code = std::span<const std::uint8_t>;

struct Instruction {
    std::uint8_t opcode = 0;
    std::size_t size = 0;        ///< with the opcode; 0: not an instruction of libyara 4.2
    std::uint64_t operand = 0;   ///< as it stands there: a number, an address, the distance of a jump
};
/// The one that the code begins with.
[[nodiscard]] Instruction read_instruction(Code code);
[[nodiscard]] bool is_jump(std::uint8_t opcode);

/// What libyara runs for one rule: from OP_INIT_RULE to OP_MATCH_RULE, both included. It can stand anywhere,
/// since its jumps are relative and stay inside.
struct Condition {
    std::uint32_t rule = 0;
    Code code;
};
struct Program {
    Code code;                   ///< all of it
    std::vector<Code> imports;   ///< one OP_IMPORT for each module
    std::vector<Condition> conditions;
};
/// Empty if it is not where libyara 4.2 has it.
[[nodiscard]] Code code_of(const YR_RULES& rules);
/// In the order of the code, which is that in which rules may refer to each other. Views of the rules.
[[nodiscard]] std::optional<Program> take_apart(const YR_RULES& rules);

/// "pe" of its OP_IMPORT.
[[nodiscard]] std::string_view module_of(Code import);

}   // namespace microengine::yara
