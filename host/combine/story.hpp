// SPDX-License-Identifier: MIT
#pragma once
// The parts that the sentences of explain.cpp and sentences.cpp are made of. Pure.

#include "host/combine/cast.hpp"
#include "host/combine/interval.hpp"
#include "host/core/report.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace microengine::combine {

struct Story {
    const core::Combined& combined;
    Cast cast;
    Interval interval;   ///< as combine() saw it

    /// No open vote left the score anything to vary.
    [[nodiscard]] bool score_is_fixed() const {
        return interval.low.force == interval.high.force &&
               interval.low.doubled_guilt == interval.high.doubled_guilt;
    }
};

/// "2 of 3 backends", "both backends", "all 3 backends".
[[nodiscard]] std::string count_of(std::size_t some, std::size_t all);
/// "malicious", "suspicious" or "malicious or suspicious".
[[nodiscard]] std::string_view found_what(std::size_t malicious, std::size_t suspicious);
/// "clamav and yara found it malicious and pua suspicious".
[[nodiscard]] std::string named_accusers(const Cast& cast);
/// "; 4 of 5 backends found nothing", or nothing.
[[nodiscard]] std::string nothing_found(const Cast& cast);
/// Open votes, in a sentence where they matter: "vendor_x crashed".
[[nodiscard]] std::string who_is_open(const Cast& cast);
/// Missing votes, in a sentence where they do not; empty if there are none.
[[nodiscard]] std::string whatever(const Cast& cast);

[[nodiscard]] std::string malicious_sentence(const Story& story);
[[nodiscard]] std::string suspicious_sentence(const Story& story);
[[nodiscard]] std::string benign_sentence(const Story& story);

}   // namespace microengine::combine
