// SPDX-License-Identifier: MIT
#pragma once
// What the thing is called: there is no vote on names, the strongest accuser says it.

#include "host/combine/vote.hpp"
#include "host/core/scan_result.hpp"

#include <span>

namespace microengine::combine {

/// The detection that a row's verdict rests on: of those that accuse most, the most confident, then the
/// first. Null: it gave none. Mere information, such as the name of a packer, is never it.
[[nodiscard]] const core::Detection* leading_detection(const core::ScanResult& result);

/// The leading detection of the strongest malicious voter, else of the strongest suspicious one: greatest
/// weight × confidence, ties by config order. Null: nobody accuses, or it gave none.
[[nodiscard]] const core::Detection* name_giver(std::span<const core::ScanResult> results,
                                                std::span<const Vote> votes);

}   // namespace microengine::combine
