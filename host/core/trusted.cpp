// SPDX-License-Identifier: MIT
#include "host/core/trusted.hpp"

#include <span>

namespace microengine::core {

namespace {
std::optional<Override> look(std::span<const HashList> lists, Override::Kind kind,
                             const util::Sha256& digest) {
    for (const HashList& list : lists)
        if (const auto found = list.lines.find(digest); found != list.lines.end())
            return Override{.kind = kind, .place = list.file + ":" + std::to_string(found->second)};
    return std::nullopt;
}
}   // namespace

std::optional<Override> TrustedLists::find(const util::Sha256& digest) const {
    if (auto blocked = look(block, Override::Kind::block_list, digest)) return blocked;
    return look(allow, Override::Kind::allow_list, digest);
}

}   // namespace microengine::core
