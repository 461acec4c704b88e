// SPDX-License-Identifier: MIT
#pragma once
// What a seed repeats.

#include <cstdint>
#include <random>
#include <string>

namespace microengine::ambassador {

/// Of the run's seed: what is posted can be had again. One thread at a time.
using Dice = std::mt19937_64;
/// "0b9f2c1e-7d54-4c7a-9a55-3f1f0f6f0a01"
[[nodiscard]] std::string uuid_of(Dice& dice);

}   // namespace microengine::ambassador
