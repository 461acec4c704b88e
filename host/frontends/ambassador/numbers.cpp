// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/numbers.hpp"

#include <algorithm>

namespace microengine::ambassador {

std::chrono::milliseconds percentile(std::vector<std::chrono::milliseconds> values, unsigned percent) {
    if (values.empty()) return {};
    std::ranges::sort(values);
    const std::size_t rank = (values.size() * percent + 99) / 100;   // from 1 on
    return values[std::clamp<std::size_t>(rank, 1, values.size()) - 1];
}

}   // namespace microengine::ambassador
