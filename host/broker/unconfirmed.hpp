// SPDX-License-Identifier: MIT
#pragma once
// What has been published on one connection and is not confirmed yet, by the numbers that publishing gave.
// One thread.

#include "host/broker/link.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace microengine::broker {

template <class What>
class Unconfirmed {
public:
    void add(std::uint64_t number, What what) { waiting_.emplace(number, std::move(what)); }
    /// Those that this word of the broker's is about, in the order in which they were published.
    [[nodiscard]] std::vector<What> take(const Confirmed& confirmed) {
        const auto last = waiting_.upper_bound(confirmed.number);
        const auto first = confirmed.multiple ? waiting_.begin() : waiting_.lower_bound(confirmed.number);
        std::vector<What> taken;
        for (auto it = first; it != last; ++it) taken.push_back(std::move(it->second));
        waiting_.erase(first, last);
        return taken;
    }
    [[nodiscard]] std::size_t size() const { return waiting_.size(); }

private:
    std::map<std::uint64_t, What> waiting_;
};

}   // namespace microengine::broker
