// SPDX-License-Identifier: MIT
#pragma once
// The jobs that this worker has been given and not yet acknowledged, and how far each has got. One thread.

#include "host/broker/link.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace microengine::worker {

/// One delivery. It is acknowledged when its result is on the broker's disk, not before.
struct Hand {
    broker::Channel channel = 0;
    std::uint64_t tag = 0;
    std::string id;         ///< of the job
    std::string reply_to;   ///< empty: nobody wants the result
    std::uint64_t deliveries = 1;
    std::string generation = {};   ///< whose result is wanted; empty: any
    std::string result;            ///< once it is there, until it is confirmed
};

class Hands {
public:
    /// A number for it, never used again: a result that comes after the connection was lost finds nothing.
    [[nodiscard]] std::uint64_t add(Hand hand) {
        hands_.emplace(++last_, std::move(hand));
        return last_;
    }
    [[nodiscard]] Hand* find(std::uint64_t number) {
        const auto found = hands_.find(number);
        return found == hands_.end() ? nullptr : &found->second;
    }
    void remove(std::uint64_t number) { hands_.erase(number); }
    /// The connection is lost: the broker gives all of them to somebody again.
    void clear() { hands_.clear(); }
    [[nodiscard]] std::size_t size() const { return hands_.size(); }

private:
    std::map<std::uint64_t, Hand> hands_;
    std::uint64_t last_ = 0;
};

}   // namespace microengine::worker
