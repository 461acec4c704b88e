// SPDX-License-Identifier: MIT
#include "host/conformance/inputs.hpp"

#include "host/conformance/guarded_bytes.hpp"
#include "host/conformance/options.hpp"
#include "host/conformance/test.hpp"

#include <gmock/gmock.h>

#include <set>

namespace microengine::conformance {
namespace {

TEST(Inputs, AreTheSameForTheSameSeed) {
    for (const Input& one : inputs()) EXPECT_EQ(one.make(7), one.make(7)) << one.name;
    EXPECT_NE(input("random").make(7), input("random").make(8));
    EXPECT_EQ(input("zeros").make(1).size(), kHugeBytes);
    EXPECT_EQ(input("eicar").make(1).size(), 68U);
}

TEST(Inputs, EachHasATest) {
    std::set<std::string> names;
    for (const conformance::Test& test : tests())
        EXPECT_TRUE(names.insert(std::string(test.name)).second) << test.name;
    for (const Input& one : inputs()) EXPECT_TRUE(names.contains("scan/" + std::string(one.name)));
}

TEST(Inputs, MutationsRepeatAndStayBounded) {
    const std::string original = input("truncated-zip").make(1);
    std::set<std::string> all;
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        const std::string one = mutated(original, seed, 100);
        EXPECT_EQ(one, mutated(original, seed, 100));
        EXPECT_LE(one.size(), 100U);
        all.insert(one);
        EXPECT_LE(mutated("", seed, 100).size(), 100U);
    }
    EXPECT_GT(all.size(), 450U);
}

TEST(GuardedBytes, HoldTheBytesAndNothingMore) {
    const GuardedBytes some("hello");
    EXPECT_EQ(std::string(some.bytes().begin(), some.bytes().end()), "hello");
    const std::string page(4096, 'x');
    EXPECT_EQ(GuardedBytes(page).bytes().size(), page.size());
    const GuardedBytes none("");
    EXPECT_NE(none.bytes().data(), nullptr);
    EXPECT_EQ(none.bytes().size(), 0U);
}

#if !defined(ME_SANITIZED)
TEST(GuardedBytesDeathTest, BehindThemIsNothing) {
    const GuardedBytes some("hello");
    const volatile std::uint8_t* const data = some.bytes().data();
    EXPECT_EXIT((void)data[5], testing::KilledBySignal(SIGSEGV), "");
    EXPECT_EXIT(const_cast<volatile std::uint8_t*>(data)[0] = 1, testing::KilledBySignal(SIGSEGV), "");
}
#endif

TEST(FuzzBudget, IsATimeOrANumber) {
    EXPECT_EQ(fuzz_budget("5000")->count, 5000U);
    EXPECT_EQ(fuzz_budget("30s")->time, std::chrono::seconds(30));
    EXPECT_EQ(fuzz_budget("2m")->time, std::chrono::seconds(120));
    for (const char* wrong : {"", "s", "0", "0s", "-1", "5h", "5 s", "99999999999"})
        EXPECT_FALSE(fuzz_budget(wrong)) << wrong;
}

}   // namespace
}   // namespace microengine::conformance
