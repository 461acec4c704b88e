// SPDX-License-Identifier: MIT
#include "host/engine/costs.hpp"

#include <gtest/gtest.h>

namespace microengine::engine {
namespace {

Costs::Kind kind(std::string mime, std::uint64_t size) {
    core::ArtifactFacts facts;
    facts.mime = std::move(mime);
    facts.size = size;
    return Costs::kind_of(facts);
}

TEST(Costs, KnowsNothingBeforeTheFirst) { EXPECT_EQ(Costs(1).usual_ns(0, kind("text/plain", 10)), 0U); }

TEST(Costs, OfALikeArtifactElseOfAny) {
    Costs costs(2);
    costs.learn(0, kind("application/x-executable", 1000), 1'000'000);
    costs.learn(0, kind("text/plain", 1000), 10);
    EXPECT_EQ(costs.usual_ns(0, kind("application/x-executable", 700)), 1'000'000U);
    EXPECT_EQ(costs.usual_ns(0, kind("text/plain", 1023)), 10U);
    EXPECT_EQ(costs.usual_ns(0, kind("text/plain", std::uint64_t{1} << 40)), (3 * 1'000'000 + 10) / 4);
    EXPECT_EQ(costs.usual_ns(1, kind("text/plain", 1000)), 0U);
}

TEST(Costs, FollowsWhatChanges) {
    Costs costs(1);
    const Costs::Kind same = kind("text/plain", 5);
    costs.learn(0, same, 100);
    for (int i = 0; i < 40; ++i) costs.learn(0, same, 1'000);
    EXPECT_GT(costs.usual_ns(0, same), 990U);
}

}   // namespace
}   // namespace microengine::engine
