// SPDX-License-Identifier: MIT
#include "evaluation.hpp"

#include <yara/exec.h>

#include <algorithm>
#include <array>

namespace microengine::yara {
namespace {

constexpr std::array<std::uint8_t, 4> kBegin{OP_PUSH_8, 0, OP_UINT8, OP_POP};   // uint8(0), thrown away

}   // namespace

/// The artifact as libyara's iterator over its only block.
struct Evaluation::Blocks {
    Evaluation& evaluation;
    YR_SCANNER* scanner;
    Code artifact;
    bool searched = false, written = false;
    YR_MEMORY_BLOCK block{.size = artifact.size(), .base = 0, .context = this, .fetch_data = &fetch};

    static const std::uint8_t* fetch(YR_MEMORY_BLOCK* block) noexcept {
        return static_cast<Blocks*>(block->context)->artifact.data();
    }
    static YR_MEMORY_BLOCK* first(YR_MEMORY_BLOCK_ITERATOR* iterator) noexcept {
        auto& blocks = *static_cast<Blocks*>(iterator->context);
        if (blocks.searched && !blocks.written) blocks.write_code();
        return &blocks.block;
    }
    static YR_MEMORY_BLOCK* next(YR_MEMORY_BLOCK_ITERATOR* iterator) noexcept {
        static_cast<Blocks*>(iterator->context)->searched = true;
        return nullptr;
    }
    static std::uint64_t size(YR_MEMORY_BLOCK_ITERATOR* iterator) noexcept {
        return static_cast<Blocks*>(iterator->context)->artifact.size();
    }
    void write_code() noexcept {
        written = true;
        std::uint8_t* code = evaluation.code_.get() + kBegin.size();
        const std::size_t size =
            evaluation.shortlist_.write(region_of(artifact), scanner->matches, {code, evaluation.capacity_});
        code[size] = OP_HALT;
    }
};

Evaluation::Evaluation(const YR_RULES& rules, const Shortlist& shortlist)
    : rules_(rules),
      shortlist_(shortlist),
      capacity_(shortlist.capacity()),
      // Not touched before it is needed: most scans need little of it.
      code_(std::make_unique_for_overwrite<std::uint8_t[]>(kBegin.size() + capacity_ + 1)) {
    rules_.code_start = std::ranges::copy(kBegin, code_.get()).out - kBegin.size();
}

int Evaluation::scan(YR_SCANNER* scanner, Code artifact) {
    code_[kBegin.size()] = OP_HALT;
    Blocks blocks{.evaluation = *this, .scanner = scanner, .artifact = artifact};
    YR_MEMORY_BLOCK_ITERATOR iterator{.context = &blocks,
                                      .first = &Blocks::first,
                                      .next = &Blocks::next,
                                      .file_size = &Blocks::size,
                                      .last_error = ERROR_SUCCESS};
    return yr_scanner_scan_mem_blocks(scanner, &iterator);
}

}   // namespace microengine::yara
