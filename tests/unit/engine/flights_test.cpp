// SPDX-License-Identifier: MIT
// Who waits for whom. A test that waits for the wrong one never ends.
#include "host/engine/flights.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

namespace microengine::engine {
namespace {

constexpr auto kForEver = std::chrono::steady_clock::time_point::max();
const util::Sha256 kOne{1};
const util::Sha256 kOther{2};

TEST(Flights, NobodyWaitsForAnotherArtifact) {
    Flights flights;
    const Flights::Flight one(flights, kOne);
    const Flights::Flight other(flights, kOther);
    one.wait(kForEver);
    other.wait(kForEver);
}

TEST(Flights, TheSecondWaitsForTheFirst) {
    Flights flights;
    std::optional<Flights::Flight> first(std::in_place, flights, kOne);
    const Flights::Flight second(flights, kOne);
    std::atomic<bool> landed = false;
    std::jthread lands([&] {
        landed = true;
        first.reset();
    });
    second.wait(kForEver);
    EXPECT_TRUE(landed);
}

TEST(Flights, WhatWasNotRememberedIsNotScannedOneByOne) {
    Flights flights;
    std::optional<Flights::Flight> first(std::in_place, flights, kOne);
    const Flights::Flight second(flights, kOne);
    const Flights::Flight third(flights, kOne);
    first.reset();
    second.wait(kForEver);
    third.wait(kForEver);   // the second is still in the air
}

TEST(Flights, NobodyWaitsLongerThanItsPatience) {
    Flights flights;
    const Flights::Flight first(flights, kOne);
    const Flights::Flight second(flights, kOne);
    second.wait(std::chrono::steady_clock::now());
}

TEST(Flights, NobodyWaitsOnceCancelled) {
    Flights flights;
    const Flights::Flight first(flights, kOne);
    const Flights::Flight second(flights, kOne);
    std::jthread cancels([&] { flights.cancel(); });
    second.wait(kForEver);
}

}   // namespace
}   // namespace microengine::engine
