// SPDX-License-Identifier: MIT
#pragma once
// What nobody can guess, and what a seed repeats.

#include <cstdint>
#include <random>
#include <string>

namespace microengine::ambassador {

/// 128 random bits of the system's, 32 hexadecimal digits. Any thread.
[[nodiscard]] std::string unguessable();

/// Of the run's seed: what is posted can be had again. One thread at a time.
using Dice = std::mt19937_64;
/// "0b9f2c1e-7d54-4c7a-9a55-3f1f0f6f0a01"
[[nodiscard]] std::string uuid_of(Dice& dice);

}   // namespace microengine::ambassador
