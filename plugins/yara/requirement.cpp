// SPDX-License-Identifier: MIT
// Runs a condition on values of which only something is known (abstract interpretation: Cousot and Cousot,
// 1977): both ways of a jump, until nothing new comes in anywhere.
#include "requirement.hpp"

#include "abstract_value.hpp"

#include <yara/exec.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <map>
#include <utility>
#include <vector>

namespace microengine::yara {
namespace {

using Is = Value::Is;

constexpr int kMostSteps = 100'000;      // of one condition; past that it may hold anywhere
constexpr std::size_t kMostSlots = 64;   // of memory; libyara 4.2 has 24

constexpr Requirement kAnything{}, kNothing{Region::nothing(), Region::nothing()};
constexpr Requirement kNeedsString{{}, Region::nothing()};

/// Before an instruction. A slot beyond the end of memory is unknown.
struct State {
    std::vector<Value> stack, memory;
};

/// One condition. Whatever it does not understand ends the run: then the condition may hold anywhere.
class Run {
public:
    explicit Run(Code code) : code_(code) {}

    Requirement requirement() {
        find_targets();
        flow_to(0, {});
        while (understood_ && !open_.empty()) {
            at_ = open_.back();
            open_.pop_back();
            now_ = before_.at(at_);
            follow();
        }
        return understood_ ? result_ : kAnything;
    }

    /// After requirement().
    [[nodiscard]] bool fails() const { return fails_; }

private:
    void find_targets() {
        for (std::size_t at = 0; at < code_.size();) {
            const Instruction next = read_instruction(code_.subspan(at));
            if (next.size == 0) return give_up();
            if (is_jump(next.opcode)) targets_.push_back(target(at, next));
            at += next.size;
        }
        std::ranges::sort(targets_);
    }
    static std::size_t target(std::size_t at, const Instruction& jump) {
        std::int32_t distance = 0;
        std::memcpy(&distance, &jump.operand, sizeof distance);
        return at + static_cast<std::size_t>(static_cast<std::ptrdiff_t>(distance));
    }

    /// Straight on from at_, until the code joins a place where jumps lead, or ends.
    void follow() {
        for (bool first = true; understood_; first = false) {
            if (!first && std::ranges::binary_search(targets_, at_)) return flow_to(at_, now_);
            if (at_ >= code_.size() || ++steps_ > kMostSteps) return give_up();
            const Instruction next = read_instruction(code_.subspan(at_));
            if (next.opcode == OP_MATCH_RULE) {
                result_ = result_ | pop().holds;
                return;
            }
            if (!is_jump(next.opcode))
                step(next);
            else if (!jump(next))
                return;
            at_ += next.size;
        }
    }

    /// Comes to this place in this state, in addition to those that came there before.
    void flow_to(std::size_t at, const State& state) {
        const auto [place, is_new] = before_.try_emplace(at, state);
        if (is_new || widen(place->second, state)) open_.push_back(at);
    }
    /// Is anything new in it?
    bool widen(State& known, const State& by) {
        if (known.stack.size() != by.stack.size()) {
            give_up();
            return false;
        }
        bool wider = known.memory.size() > by.memory.size();
        if (wider) known.memory.resize(by.memory.size());
        const auto join_all = [&](std::vector<Value>& values, const std::vector<Value>& with) {
            for (std::size_t i = 0; i < values.size(); ++i) {
                const Value joined = join(values[i], with[i]);
                wider = wider || joined != values[i];
                values[i] = joined;
            }
        };
        join_all(known.stack, by.stack);
        join_all(known.memory, by.memory);
        return wider;
    }

    /// False if the jump is always taken.
    bool jump(const Instruction& next) {
        const std::size_t to = target(at_, next);
        const Value top = pop();
        switch (next.opcode) {
            case OP_JFALSE:
                branch(to, number(0), top);
                return top != number(0);
            case OP_JTRUE:
                if (is_false(top)) {
                    push(top);
                    return true;
                }
                branch(to, top, unknown(kNothing));
                return top.is != Is::number;
            case OP_JZ:
                branch(to, number(0), top);
                return true;
            case OP_JNUNDEF:
                branch(to, top, undefined());
                return true;
            case OP_JL_P:
            case OP_JLE_P:
                (void)pop();
                break;
            default:
                break;
        }
        flow_to(to, now_);
        return true;
    }
    /// One value on the stack for those who jump, another for those who do not.
    void branch(std::size_t to, const Value& jumping, const Value& staying) {
        push(jumping);
        flow_to(to, now_);
        if (!now_.stack.empty()) now_.stack.back() = staying;
    }

    void step(const Instruction& next) {
        if (next.opcode >= OP_INCR_M && next.opcode <= OP_SWAPUNDEF)
            with_memory(next);
        else if (!value(next) && !about_strings(next) && !about_objects(next))
            operation(next);
    }

    /// False: it is something else.
    bool value(const Instruction& next) {
        switch (next.opcode) {
            case OP_INIT_RULE:
            case OP_NOP:
                return true;
            case OP_PUSH:
            case OP_PUSH_8:
            case OP_PUSH_16:
            case OP_PUSH_32:
                push(number(static_cast<std::int64_t>(next.operand)));
                return true;
            case OP_PUSH_U:
                push(undefined());
                return true;
            case OP_POP:
                (void)pop();
                return true;
            case OP_FILESIZE:
                push({.is = Is::size});
                return true;
            case OP_PUSH_RULE:
            case OP_ENTRYPOINT:
                push({});
                return true;
            default:
                return false;
        }
    }

    bool about_strings(const Instruction& next) {
        switch (next.opcode) {
            case OP_FOUND:
            case OP_COUNT:
                replace(1, unknown(kNeedsString));
                return true;
            case OP_FOUND_AT:
                replace(2, unknown(kNeedsString));
                return true;
            case OP_COUNT_IN:
                fails_ = fails_ || now_.stack.size() < 3 || now_.stack[now_.stack.size() - 3] != number(0);
                [[fallthrough]];
            case OP_FOUND_IN:
                replace(3, unknown(kNeedsString));
                return true;
            case OP_OFFSET:
            case OP_LENGTH:
                replace(2, absent(kNeedsString));
                return true;
            case OP_OF_FOUND_IN:
                drop(2);
                [[fallthrough]];
            case OP_OF:
            case OP_OF_PERCENT:
                of(next);
                return true;
            default:
                return false;
        }
    }

    bool about_objects(const Instruction& next) {
        switch (next.opcode) {
            case OP_OBJ_LOAD:
                load(next);
                return true;
            case OP_OBJ_FIELD:
                push(field_of(pop(), text_at(next)));
                return true;
            case OP_OBJ_VALUE:
                return true;   // of an object the same is known as of its value
            case OP_INDEX_ARRAY:
            case OP_LOOKUP_DICT:
                with_two([](auto& a, auto& b) { return made_of(a, b); });
                return true;
            case OP_CALL:
                call(next);
                return true;
            case OP_ITER_START_ARRAY:
            case OP_ITER_START_DICT:
                replace(1, {.is = Is::iterator, .value = next.opcode == OP_ITER_START_DICT ? 3 : 2});
                return true;
            case OP_ITER_START_INT_RANGE:
                replace(2, {.is = Is::iterator, .value = 2});
                return true;
            case OP_ITER_START_INT_ENUM:
                enumeration();
                return true;
            case OP_ITER_NEXT:
                next_item();
                return true;
            default:
                return false;
        }
    }

    void operation(const Instruction& next) {
        const int opcode = next.opcode;
        switch (opcode) {
            case OP_NOT:
                negate();
                break;
            case OP_DEFINED:
                define();
                break;
            case OP_AND:
                with_two([](auto& a, auto& b) { return conjunction(a, b); });
                break;
            case OP_OR:
                with_two([](auto& a, auto& b) { return disjunction(a, b); });
                break;
            case OP_INT_MINUS:
                push(calculation(number(0), OP_INT_SUB, pop()));
                break;
            case OP_BITWISE_NOT:
            case OP_STR_TO_BOOL:
            case OP_DBL_MINUS:
                push(made_of(pop()));
                break;
            case OP_INT_TO_DBL:
                to_double(next.operand);
                break;
            case OP_MATCHES:
                test();
                break;
            default:
                of_a_range(opcode);
                break;
        }
    }
    void of_a_range(int opcode) {
        const auto among = [opcode](int first, int last) { return opcode >= first && opcode <= last; };
        if (among(OP_INT_EQ, OP_INT_GE))
            with_two([=](auto& a, auto& b) { return comparison(a, opcode, b); });
        else if (among(OP_INT_ADD, OP_INT_DIV))
            with_two([=](auto& a, auto& b) { return calculation(a, opcode, b); });
        else if (among(OP_BITWISE_AND, OP_MOD) || among(OP_DBL_ADD, OP_DBL_DIV))
            with_two([](auto& a, auto& b) { return made_of(a, b); });
        else if (among(OP_CONTAINS, OP_IEQUALS) || among(OP_DBL_EQ, OP_DBL_GE) || IS_STR_OP(opcode))
            test();
        else if (among(OP_READ_INT, OP_UINT32BE))
            push(pop() == number(0) ? Value{.is = Is::start, .value = opcode} : Value{});
        else
            give_up();
    }

    /// Two are compared in a way that is not looked into; false, not undefined, if one of them is not there.
    void test() {
        with_two([](auto& a, auto& b) { return unknown(made_of(a, b).holds); });
    }
    void negate() {
        const Value of = pop();
        push(of.is == Is::number && of != undefined() ? number(of.value == 0 ? 1 : 0) : made_of(of));
    }
    void define() {
        const Value of = pop();
        push(of.is == Is::absent ? unknown(of.holds) : Value{});
    }
    /// "2 of them", "all of ($a*)", "10% of them", each also "in (0..100)"; or of rules.
    void of(const Instruction& next) {
        bool any = false;
        while (understood_ && pop() != undefined()) any = true;
        const Value wanted = pop();
        const bool of_strings = next.opcode == OP_OF_FOUND_IN || next.operand == OF_STRING_SET;
        const bool some = wanted == undefined() || (wanted.is == Is::number && wanted.value > 0);
        push(of_strings && any && some ? unknown(kNeedsString) : Value{});
    }
    /// Undefined if the function or an argument is.
    void call(const Instruction& next) {
        Value result{};
        for (std::size_t values = text_at(next).size() + 1; values > 0; --values)
            result = result == Value{} ? made_of(pop()) : made_of(result, pop());
        push(result);
    }
    void to_double(std::uint64_t depth) {
        auto& stack = now_.stack;
        if (depth == 0 || depth > stack.size()) return give_up();
        Value& value = stack[stack.size() - depth];
        value = made_of(value);
    }
    void enumeration() {
        const Value items = pop();
        if (items.is != Is::number || items.value < 0) return give_up();
        replace(static_cast<std::size_t>(items.value), {.is = Is::iterator, .value = 2});
    }
    void next_item() {
        const Value iterator = pop();
        if (iterator.is != Is::iterator) return give_up();
        push(iterator);
        for (std::int64_t i = 0; i < iterator.value; ++i) push({});
    }

    void with_memory(const Instruction& next) {
        if (next.operand >= kMostSlots) return give_up();
        auto& memory = now_.memory;
        if (memory.size() <= next.operand) memory.resize(next.operand + 1);
        Value& slot = memory[next.operand];
        switch (next.opcode) {
            case OP_CLEAR_M:
                slot = number(0);
                break;
            case OP_ADD_M:
                slot = unknown(slot.holds | pop().holds);
                break;
            case OP_INCR_M:
                slot = {};
                break;
            case OP_PUSH_M:
                push(slot);
                break;
            case OP_POP_M:
                slot = pop();
                break;
            case OP_SET_M:   // leaves the value there, and the slot as it is if that is undefined
                push(pop());
                slot = join(slot, now_.stack.back());
                break;
            default: {   // OP_SWAPUNDEF: the slot in place of what is undefined
                const Value top = pop();
                push(top == undefined() ? slot : top.is == Is::number ? top : join(top, slot));
            }
        }
    }

    /// A module has fields; an external variable, which may have its name, has none.
    void load(const Instruction& next) {
        const Instruction after = read_instruction(code_.subspan(at_ + next.size));
        push(after.opcode == OP_OBJ_FIELD ? module_object(text_at(next)) : Value{});
    }
    static std::string_view text_at(const Instruction& next) {
        return reinterpret_cast<const char*>(next.operand);   // NOLINT: an address in code
    }
    void push(const Value& value) { now_.stack.push_back(value); }
    Value pop() {
        if (now_.stack.empty()) {
            give_up();
            return {};
        }
        const Value top = now_.stack.back();
        now_.stack.pop_back();
        return top;
    }
    void drop(std::size_t values) {
        auto& stack = now_.stack;
        if (values > stack.size()) return give_up();
        stack.resize(stack.size() - values);
    }
    void replace(std::size_t values, const Value& by) {
        drop(values);
        push(by);
    }
    template <class Operation>
    void with_two(Operation operation) {
        const Value b = pop(), a = pop();
        push(operation(a, b));
    }
    void give_up() { understood_ = false; }

    const Code code_;
    std::vector<std::size_t> targets_;      // where jumps lead, sorted
    std::map<std::size_t, State> before_;   // what is known there before the instruction
    std::vector<std::size_t> open_;         // places of which more is known since they were followed
    std::size_t at_ = 0;
    State now_;
    Requirement result_ = kNothing;
    int steps_ = 0;
    bool understood_ = true;
    bool fails_ = false;   // libyara ends with an error where the code has been
};

/// The last class takes all that is larger.
unsigned size_class(std::uint64_t size) {
    return std::min(static_cast<unsigned>(std::bit_width(size)), Region::kClasses - 1);
}

}   // namespace

std::pair<std::int64_t, std::int64_t> Region::sizes_of(unsigned size_class) {
    const std::uint64_t least = size_class == 0 ? 0 : std::uint64_t{1} << (size_class - 1);
    const std::uint64_t most = size_class + 1 == kClasses ? INT64_MAX : (std::uint64_t{1} << size_class) - 1;
    return {static_cast<std::int64_t>(least), static_cast<std::int64_t>(most)};
}

Region region_of(Code artifact) {
    Region region = artifact.empty() ? Region{} : Region::beginning(artifact[0]);
    region.sizes = std::uint64_t{1} << size_class(artifact.size());
    return region;
}

Requirement requirement_of(Code condition) { return Run(condition).requirement(); }

bool fails_in_libyara(Code condition) {
    Run run(condition);
    (void)run.requirement();
    return run.fails();
}

}   // namespace microengine::yara
