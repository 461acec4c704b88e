// SPDX-License-Identifier: MIT
#pragma once
// Values on libyara's stack of which only something is known, and what comes of calculating with them.

#include "requirement.hpp"

#include <cstdint>
#include <string_view>

namespace microengine::yara {

struct Value {
    enum class Is : std::uint8_t {
        unknown,    // outside of where it holds: zero, false, or undefined
        absent,     // outside of where it holds: undefined
        number,     // exactly that
        start,      // what the opcode `value` reads at offset 0
        size,       // of the artifact
        iterator,   // gives `value` values a step
    };
    Is is = Is::unknown;
    std::int64_t value = 0;
    Requirement holds{};   // where it can be true: defined and not zero
    bool operator==(const Value&) const = default;
};

/// Undefined is a number too, as in libyara.
[[nodiscard]] Value number(std::int64_t value);
[[nodiscard]] Value undefined();
/// Zero or undefined outside.
[[nodiscard]] Value unknown(const Requirement& holds);
[[nodiscard]] Value absent(const Requirement& holds);
[[nodiscard]] bool is_false(const Value& value);

/// One of the two, who knows which.
[[nodiscard]] Value join(const Value& a, const Value& b);
/// Something that is undefined if an operand is.
[[nodiscard]] Value made_of(const Value& a);
[[nodiscard]] Value made_of(const Value& a, const Value& b);
/// "a < b" and the like, by the opcode: OP_INT_EQ to OP_INT_GE.
[[nodiscard]] Value comparison(const Value& a, int opcode, const Value& b);
/// Of integers, by the opcode: OP_INT_ADD to OP_INT_DIV.
[[nodiscard]] Value calculation(const Value& a, int opcode, const Value& b);
[[nodiscard]] Value conjunction(const Value& a, const Value& b);
[[nodiscard]] Value disjunction(const Value& a, const Value& b);

/// The object of a module that only tells something about one type of file: all it gives is undefined for
/// others, constants (in capitals) aside.
[[nodiscard]] Value module_object(std::string_view module);
[[nodiscard]] Value field_of(const Value& object, std::string_view name);

}   // namespace microengine::yara
