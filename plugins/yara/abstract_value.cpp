// SPDX-License-Identifier: MIT
#include "abstract_value.hpp"

#include <yara/exec.h>

#include <algorithm>
#include <utility>

namespace microengine::yara {
namespace {

using Is = Value::Is;

constexpr std::int64_t kUndefined = static_cast<std::int64_t>(YR_UNDEFINED);
constexpr Requirement kAnything{}, kNothing{Region::nothing(), Region::nothing()};

Value if_in(const Region& region) { return unknown({region, region}); }

/// Does any number of the range compare so?
bool any_compares(std::pair<std::int64_t, std::int64_t> range, int opcode, std::int64_t with) {
    const auto [least, most] = range;
    switch (opcode) {
        case OP_INT_LT:
            return least < with;
        case OP_INT_LE:
            return least <= with;
        case OP_INT_GT:
            return most > with;
        case OP_INT_GE:
            return most >= with;
        case OP_INT_EQ:
            return least <= with && with <= most;
        default:
            return true;
    }
}
Region sized(int opcode, std::int64_t with) {
    Region region{.sizes = 0};
    for (unsigned of = 0; of < Region::kClasses; ++of)
        if (any_compares(Region::sizes_of(of), opcode, with)) region.sizes |= std::uint64_t{1} << of;
    return region;
}

/// How an artifact begins if the opcode reads this number at offset 0.
Region starting_with(std::int64_t opcode, std::int64_t number) {
    const bool two = opcode == OP_INT16BE || opcode == OP_UINT16BE;
    const bool four = opcode == OP_INT32BE || opcode == OP_UINT32BE;
    const auto bits = static_cast<std::uint64_t>(number) >> (two ? 8 : four ? 24 : 0);
    return Region::beginning(static_cast<std::uint8_t>(bits));
}

int mirrored(int opcode) {
    switch (opcode) {
        case OP_INT_LT:
            return OP_INT_GT;
        case OP_INT_GT:
            return OP_INT_LT;
        case OP_INT_LE:
            return OP_INT_GE;
        case OP_INT_GE:
            return OP_INT_LE;
        default:
            return opcode;
    }
}
bool compares(std::int64_t a, int opcode, std::int64_t b) {
    switch (opcode) {
        case OP_INT_EQ:
            return a == b;
        case OP_INT_NEQ:
            return a != b;
        case OP_INT_LT:
            return a < b;
        case OP_INT_GT:
            return a > b;
        case OP_INT_LE:
            return a <= b;
        default:
            return a >= b;
    }
}

bool is_constant(std::string_view name) {
    return std::ranges::none_of(name, [](char c) { return c >= 'a' && c <= 'z'; });
}

}   // namespace

Value number(std::int64_t value) {
    return {Is::number, value, value == kUndefined || value == 0 ? kNothing : kAnything};
}
Value undefined() { return number(kUndefined); }
Value unknown(const Requirement& holds) { return {Is::unknown, 0, holds}; }
Value absent(const Requirement& holds) { return {Is::absent, 0, holds}; }
bool is_false(const Value& value) { return value.holds.any.empty(); }

Value join(const Value& a, const Value& b) {
    if (a == b) return a;
    const Requirement holds = a.holds | b.holds;
    return a.is == Is::absent && b.is == Is::absent ? absent(holds) : unknown(holds);
}

Value made_of(const Value& a) { return a.is == Is::absent || a == undefined() ? absent(a.holds) : Value{}; }
Value made_of(const Value& a, const Value& b) {
    const Value from_a = made_of(a), from_b = made_of(b);
    if (from_a.is != Is::absent) return from_b;
    return from_b.is == Is::absent ? absent(a.holds & b.holds) : from_a;
}

Value comparison(const Value& a, int opcode, const Value& b) {
    if (a.is == Is::number && b.is != Is::number) return comparison(b, mirrored(opcode), a);
    // What is compared with undefined is taken for false as well as undefined: versions differ.
    if (const Value result = made_of(a, b); result.is == Is::absent) return unknown(result.holds);
    if (b.is != Is::number) return {};
    switch (a.is) {
        case Is::number:
            return number(compares(a.value, opcode, b.value) ? 1 : 0);
        case Is::size:
            return if_in(sized(opcode, b.value));
        case Is::start:
            return opcode == OP_INT_EQ ? if_in(starting_with(a.value, b.value)) : Value{};
        default:
            return compares(0, opcode, b.value) ? Value{} : unknown(a.holds);
    }
}

Value calculation(const Value& a, int opcode, const Value& b) {
    if (const Value result = made_of(a, b); result.is == Is::absent) return result;
    if (a.is != Is::number || b.is != Is::number) return {};
    const auto x = static_cast<std::uint64_t>(a.value), y = static_cast<std::uint64_t>(b.value);
    switch (opcode) {
        case OP_INT_ADD:
            return number(static_cast<std::int64_t>(x + y));
        case OP_INT_SUB:
            return number(static_cast<std::int64_t>(x - y));
        case OP_INT_MUL:
            return number(static_cast<std::int64_t>(x * y));
        default:
            return {};
    }
}

Value conjunction(const Value& a, const Value& b) {
    const Value result = unknown(a.holds & b.holds);
    return is_false(result) ? number(0) : result;
}
Value disjunction(const Value& a, const Value& b) { return unknown(a.holds | b.holds); }

Value module_object(std::string_view module) {
    const Region pe = Region::beginning('M'), elf = Region::beginning(0x7f);
    if (module == "pe" || module == "dotnet") return absent({pe, pe});
    if (module == "elf") return absent({elf, elf});
    return {};
}

Value field_of(const Value& object, std::string_view name) {
    if (object.is != Is::absent || is_constant(name)) return {};
    return name == "is_pe" ? unknown(object.holds) : object;
}

}   // namespace microengine::yara
