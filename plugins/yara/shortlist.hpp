// SPDX-License-Identifier: MIT
#pragma once
// The conditions of a set of rules that are worth evaluating for one artifact. With thousands of rules nearly
// all of a small scan goes into conditions that cannot hold: of another file type, of another size, or with
// no string found. Leaving them out changes no answer: a rule that is not evaluated is one that does not
// match.

#include "bytecode.hpp"
#include "requirement.hpp"

#include <yara.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::yara {

/// Constant; shared by all scanners.
class Shortlist {
public:
    /// Nothing if the code of these rules, which must outlive it, is not as libyara 4.2 makes it. A few
    /// microseconds for each rule.
    [[nodiscard]] static std::optional<Shortlist> of(const YR_RULES& rules);

    /// Appends it in a form that only this version of this plugin reads.
    void save(std::string& bytes) const;
    /// Reads it back, for the same rules; it is trusted as they are. Nothing if they cannot be the same.
    [[nodiscard]] static std::optional<Shortlist> load(std::string_view bytes, const YR_RULES& rules);

    /// Bytes that write() needs at most.
    [[nodiscard]] std::size_t capacity() const { return code_.size(); }
    /// Between the search for strings and the evaluation: writes the code that is to be run, without an
    /// OP_HALT, and gives its size. `matches` is libyara's, one for each string.
    [[nodiscard]] std::size_t write(const Region& artifact, const YR_MATCHES* matches,
                                    std::span<std::uint8_t> to) const;

private:
    /// Where in the code.
    struct Piece {
        std::uint32_t at = 0, size = 0;
    };
    struct Entry {
        Requirement requirement;
        Piece condition;
        std::uint32_t first_string = 0, strings = 0;
        std::uint64_t modules = 0;   // of imports_, one bit each
    };

    explicit Shortlist(Code code) : code_(code) {}
    [[nodiscard]] Piece piece(Code part) const;

    Code code_;   // of all rules
    std::vector<Piece> imports_;
    std::vector<Entry> entries_;
};

}   // namespace microengine::yara
