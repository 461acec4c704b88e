// SPDX-License-Identifier: MIT
#pragma once
// What an artifact must be like for a condition to hold, proved from the condition's code. A requirement is
// never too narrow; where nothing can be proved it is "anything".

#include "bytecode.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace microengine::yara {

/// A set of artifacts: those whose first byte falls into one of 64 classes and whose size into one of 64.
/// All operations may widen the set, none makes it too narrow.
struct Region {
    static constexpr unsigned kClasses = 64;
    std::uint64_t first_bytes = ~std::uint64_t{0};
    std::uint64_t sizes = ~std::uint64_t{0};

    [[nodiscard]] static constexpr Region nothing() { return {0, 0}; }
    [[nodiscard]] static constexpr Region beginning(std::uint8_t byte) {
        return {.first_bytes = std::uint64_t{1} << (byte % kClasses)};
    }
    /// The smallest and the largest size of a class: a size falls into that of the bits it needs.
    [[nodiscard]] static std::pair<std::int64_t, std::int64_t> sizes_of(unsigned size_class);

    [[nodiscard]] constexpr bool empty() const { return first_bytes == 0 || sizes == 0; }
    [[nodiscard]] constexpr bool meets(const Region& other) const {
        return (first_bytes & other.first_bytes) != 0 && (sizes & other.sizes) != 0;
    }
    friend constexpr Region operator&(const Region& a, const Region& b) {
        return {a.first_bytes & b.first_bytes, a.sizes & b.sizes};
    }
    friend constexpr Region operator|(const Region& a, const Region& b) {
        if (a.empty()) return b;
        if (b.empty()) return a;
        return {a.first_bytes | b.first_bytes, a.sizes | b.sizes};
    }
    bool operator==(const Region&) const = default;
};

/// The class of an artifact. An empty one has no first byte: it is in every class of them.
[[nodiscard]] Region region_of(Code artifact);

struct Requirement {
    Region any;               ///< where the condition may hold at all
    Region without_strings;   ///< where it may hold if no string of the rule matched

    friend Requirement operator&(const Requirement& a, const Requirement& b) {
        return {a.any & b.any, a.without_strings & b.without_strings};
    }
    friend Requirement operator|(const Requirement& a, const Requirement& b) {
        return {a.any | b.any, a.without_strings | b.without_strings};
    }
    bool operator==(const Requirement&) const = default;
};

/// Of a condition as take_apart() gives it.
[[nodiscard]] Requirement requirement_of(Code condition);

/// `#a in (x..y)` where x is not the number 0: libyara 4.2 takes the bound for a null pointer's place and
/// ends the scan of all rules with an internal error, once it comes there.
[[nodiscard]] bool fails_in_libyara(Code condition);

}   // namespace microengine::yara
