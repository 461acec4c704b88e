// SPDX-License-Identifier: MIT
#include "host/frontends/http/jobs.hpp"

#include <gtest/gtest.h>

#include <set>

namespace microengine::http {
namespace {

using namespace std::chrono_literals;

constexpr JobStore::Time kStart{};

TEST(JobStoreTest, ToldOnlyToItsOwner) {
    JobStore store({});
    const auto id = store.add("a", 2, kStart);
    ASSERT_TRUE(id);
    EXPECT_EQ(id->size(), 32U);
    EXPECT_EQ(store.find(*id, "b", kStart), nullptr);
    ASSERT_NE(store.find(*id, "a", kStart), nullptr);
    EXPECT_FALSE(store.find(*id, "a", kStart)->done);
    store.finish(*id, {"1", "2"}, kStart);
    EXPECT_TRUE(store.find(*id, "a", kStart)->done);
    EXPECT_EQ(store.find(*id, "a", kStart)->reports, (std::vector<std::string>{"1", "2"}));
}

TEST(JobStoreTest, ForgottenAfterItsTime_ButNotWhileInWork) {
    JobStore store({.ttl = 10s});
    const auto done = store.add("a", 1, kStart);
    const auto working = store.add("a", 1, kStart);
    store.finish(*done, {"x"}, kStart);
    EXPECT_NE(store.find(*done, "a", kStart + 9s), nullptr);
    EXPECT_EQ(store.find(*done, "a", kStart + 10s), nullptr);
    EXPECT_NE(store.find(*working, "a", kStart + 1h), nullptr);
    EXPECT_EQ(store.text_bytes(), 0U);
}

TEST(JobStoreTest, WhereThereAreTooMany_TheLongestDoneOneGoes) {
    JobStore store({.jobs = 2});
    const auto first = store.add("a", 1, kStart);
    const auto second = store.add("a", 1, kStart);
    EXPECT_FALSE(store.add("a", 1, kStart)) << "all are in work";
    store.finish(*second, {"x"}, kStart);
    const auto third = store.add("a", 1, kStart);
    EXPECT_TRUE(third);
    EXPECT_EQ(store.find(*second, "a", kStart), nullptr);
    EXPECT_NE(store.find(*first, "a", kStart), nullptr);
    store.drop(*third);
    EXPECT_EQ(store.size(), 1U);
}

TEST(JobStoreTest, WhereThereIsTooMuchText_TheLongestDoneOnesGo) {
    JobStore store({.text_bytes = 10});
    const auto first = store.add("a", 1, kStart);
    const auto second = store.add("a", 2, kStart);
    store.finish(*first, {"123456"}, kStart);
    store.finish(*second, {"123", "456"}, kStart);
    EXPECT_EQ(store.find(*first, "a", kStart), nullptr);
    EXPECT_NE(store.find(*second, "a", kStart), nullptr);
    EXPECT_EQ(store.text_bytes(), 6U);
    const auto third = store.add("a", 1, kStart);
    store.finish(*third, {std::string(11, 'x')}, kStart);
    EXPECT_EQ(store.find(*third, "a", kStart), nullptr) << "too much alone";
    EXPECT_EQ(store.text_bytes(), 0U);
}

}   // namespace
}   // namespace microengine::http
