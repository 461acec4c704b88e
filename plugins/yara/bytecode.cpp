// SPDX-License-Identifier: MIT
#include "bytecode.hpp"

#include <yara/arena.h>
#include <yara/compiler.h>
#include <yara/exec.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace microengine::yara {
namespace {

constexpr std::uint8_t kAddress = 8, kRelative = 4, kNoOpcode = 255;

/// The size of each opcode's operand.
constexpr std::array<std::uint8_t, 256> operand_sizes() {
    std::array<std::uint8_t, 256> sizes{};
    sizes.fill(kNoOpcode);
    const auto fill = [&](int first, int last, std::uint8_t size) {
        for (int i = first; i <= last; ++i) sizes[static_cast<std::size_t>(i)] = size;
    };
    fill(OP_AND, OP_DEFINED, 0);
    fill(OP_INT_BEGIN, OP_INT_END, 0);
    fill(OP_DBL_BEGIN, OP_DBL_END, 0);
    fill(OP_STR_BEGIN, OP_STR_END, 0);
    fill(OP_READ_INT, OP_UINT32BE, 0);
    fill(OP_NOP, OP_HALT, 0);
    for (const int jump : {OP_JNUNDEF, OP_JUNDEF_P, OP_JFALSE, OP_JFALSE_P, OP_JTRUE, OP_JTRUE_P, OP_JL_P,
                           OP_JLE_P, OP_JZ, OP_JZ_P})
        fill(jump, jump, kRelative);
    for (const int wide : {OP_PUSH, OP_CLEAR_M, OP_ADD_M, OP_INCR_M, OP_PUSH_M, OP_POP_M, OP_SET_M,
                           OP_SWAPUNDEF, OP_CALL, OP_OBJ_LOAD, OP_OBJ_FIELD, OP_PUSH_RULE, OP_MATCH_RULE,
                           OP_IMPORT, OP_OF, OP_OF_PERCENT, OP_INT_TO_DBL, OP_INIT_RULE})
        fill(wide, wide, kAddress);
    fill(OP_PUSH_8, OP_PUSH_8, 1);
    fill(OP_PUSH_16, OP_PUSH_16, 2);
    fill(OP_PUSH_32, OP_PUSH_32, 4);
    for (const int unused : {OP_UNUSED, OP_JUNDEF, OP_JNUNDEF_P}) fill(unused, unused, kNoOpcode);
    return sizes;
}
constexpr std::array<std::uint8_t, 256> kOperandSizes = operand_sizes();

/// OP_INIT_RULE holds how far it is to the end of the condition, and the rule.
struct Start {
    std::int32_t length;
    std::uint32_t rule;
};
Start start_of(std::uint64_t operand) {
    Start start{};
    std::memcpy(&start, &operand, sizeof start);
    return start;
}

/// Empty unless it ends in the OP_MATCH_RULE of the same rule.
Code condition_at(Code code, const Start& start) {
    if (start.length <= 0 || static_cast<std::size_t>(start.length) > code.size()) return {};
    const Code condition = code.first(static_cast<std::size_t>(start.length));
    for (Code rest = condition; !rest.empty();) {
        const Instruction next = read_instruction(rest);
        if (next.size == 0) return {};
        if (next.opcode == OP_MATCH_RULE)
            return next.size == rest.size() && next.operand == start.rule ? condition : Code{};
        rest = rest.subspan(next.size);
    }
    return {};
}

}   // namespace

bool is_jump(std::uint8_t opcode) { return kOperandSizes[opcode] == kRelative && opcode != OP_PUSH_32; }

Instruction read_instruction(Code code) {
    if (code.empty()) return {};
    const std::size_t size = kOperandSizes[code[0]];
    if (size == kNoOpcode || size >= code.size()) return {};
    Instruction instruction{.opcode = code[0], .size = 1 + size, .operand = 0};
    const std::uint8_t* operand = code.data() + 1;   // as this machine, and libyara, write numbers
    switch (size) {
        case 8:
            std::memcpy(&instruction.operand, operand, 8);
            break;
        case 4:
            std::memcpy(&instruction.operand, operand, 4);
            break;
        default:
            std::memcpy(&instruction.operand, operand, size);
            break;
    }
    return instruction;
}

std::string_view module_of(Code import) {
    return reinterpret_cast<const char*>(read_instruction(import).operand);   // NOLINT: an address in code
}

Code code_of(const YR_RULES& rules) {
    if (rules.arena == nullptr || rules.arena->num_buffers <= YR_CODE_SECTION) return {};
    const YR_ARENA_BUFFER& buffer = rules.arena->buffers[YR_CODE_SECTION];
    return buffer.data == rules.code_start ? Code(buffer.data, buffer.used) : Code{};
}

std::optional<Program> take_apart(const YR_RULES& rules) {
    Program program{.code = code_of(rules), .imports = {}, .conditions = {}};
    for (Code rest = program.code; !rest.empty();) {
        Instruction next = read_instruction(rest);
        if (next.size == 0) return std::nullopt;
        switch (next.opcode) {
            case OP_HALT:
                return program;
            case OP_IMPORT: {
                const Code import = rest.first(next.size);
                if (std::ranges::find(program.imports, module_of(import), &module_of) ==
                    program.imports.end())
                    program.imports.push_back(import);
                break;
            }
            case OP_INIT_RULE: {
                const Start start = start_of(next.operand);
                const Code condition = condition_at(rest, start);
                if (condition.empty() || start.rule >= rules.num_rules) return std::nullopt;
                program.conditions.push_back({start.rule, condition});
                next.size = condition.size();
                break;
            }
            default:
                return std::nullopt;   // nothing else stands between conditions
        }
        rest = rest.subspan(next.size);
    }
    return std::nullopt;   // it must end in OP_HALT
}

}   // namespace microengine::yara
