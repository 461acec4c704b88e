// SPDX-License-Identifier: MIT
#pragma once
// A scan that evaluates only the conditions on the shortlist. libyara first walks the blocks of an artifact
// to find strings, then runs the code of the rules. Here that code begins by reading a byte of the artifact,
// for which libyara asks for its first block again: at that moment the matches are known, and the code behind
// is written. One thread at a time.

#include "shortlist.hpp"

#include <yara.h>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace microengine::yara {

class Evaluation {
public:
    /// Both must outlive it.
    Evaluation(const YR_RULES& rules, const Shortlist& shortlist);
    Evaluation(const Evaluation&) = delete;
    Evaluation& operator=(const Evaluation&) = delete;
    ~Evaluation() = default;

    /// What its scanner must be made of.
    [[nodiscard]] YR_RULES* rules() { return &rules_; }
    /// Like yr_scanner_scan_mem(), and the same matches.
    [[nodiscard]] int scan(YR_SCANNER* scanner, Code artifact);

private:
    struct Blocks;
    YR_RULES rules_;   // those given, but for their code
    const Shortlist& shortlist_;
    std::size_t capacity_;
    std::unique_ptr<std::uint8_t[]> code_;   // never moves: libyara is running it while it is written
};

}   // namespace microengine::yara
