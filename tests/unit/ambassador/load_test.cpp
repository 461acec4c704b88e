// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/load.hpp"

#include "host/frontends/ambassador/corpus.hpp"
#include "host/frontends/ambassador/temp_folder.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace microengine::ambassador {
namespace {

using namespace std::chrono_literals;

const Clock::time_point kStart{100s};
constexpr const char* kBenign =
    R"({"verdict":"benign","bid":62500000000000000,"metadata":{"malware_family":""}})";

LoadEntry entry(milliseconds replied, Truth truth = benign()) {
    LoadEntry one;
    one.posted = kStart;
    one.accepted_after = 3ms;
    one.what = "text";
    one.evidence.truth = std::move(truth);
    one.evidence.deadline = kStart + 5s;
    one.evidence.replies = {{.when = kStart + replied,
                             .body = kBenign,
                             .content_type = "application/json",
                             .length_said = true,
                             .target = "/",
                             .answered = 200}};
    return one;
}

TEST(Load, CountsWhatBecameOfEach) {
    LoadEntry refused = entry(0ms);
    refused.evidence.accepted = false;
    refused.evidence.replies.clear();
    LoadEntry silent = entry(0ms);
    silent.evidence.replies.clear();
    const LoadNumbers n = numbers_of({entry(100ms), entry(200ms, malicious()), entry(6s), refused, silent});
    EXPECT_EQ(n.posted, 5U);
    EXPECT_EQ(n.accepted, 4U);
    EXPECT_EQ(n.answered, 3U);
    EXPECT_EQ(n.in_time, 2U);
    EXPECT_EQ(n.correct, 2U) << "a late one may be right";
    EXPECT_FALSE(n.all_well());
    EXPECT_EQ(n.faults, (std::vector<std::string>{"text: benign, but it is malicious",
                                                  "text: the reply came 1000 ms after the deadline",
                                                  "text: not accepted", "text: no reply"}));
}

TEST(Load, IsWellWhenAllOfThemAre) {
    const LoadNumbers n = numbers_of({entry(100ms), entry(300ms)});
    EXPECT_TRUE(n.all_well());
    EXPECT_EQ(n.reply_p50, 100ms);
    EXPECT_EQ(n.reply_max, 300ms);
    EXPECT_EQ(n.took, 300ms);
    EXPECT_DOUBLE_EQ(n.per_second(), 2 / 0.3);
    EXPECT_EQ(
        text_of(n, 7),
        "2 bounties, 6.7 replies a second; seed 7\n"
        "PASS  accepted  2 of 2\nPASS  answered  2 of 2\nPASS  correct   2 of 2\nPASS  in time   2 of 2\n"
        "202    p50 3 ms, p99 3 ms\nreply  p50 100 ms, p99 300 ms, max 300 ms\n");
    EXPECT_EQ(nlohmann::json::parse(json_of(n, 7)).at("reply_ms").at("p99"), 300);
}

TEST(Corpus, AlternatesAndNeverRepeatsBytes) {
    Corpus corpus(10);
    const auto first = corpus.next(), second = corpus.next(), third = corpus.next();
    EXPECT_EQ(first->truth, malicious());
    EXPECT_EQ(second->truth, benign());
    EXPECT_EQ(third->truth, malicious());
    EXPECT_NE(first->bytes, third->bytes);
}

TEST(Corpus, IsTheFilesOfTwoFolders) {
    const auto folder = TempFolder::make();
    ASSERT_TRUE(folder.has_value());
    const auto path = (*folder)->path();
    EXPECT_FALSE(Corpus::read(path).has_value()) << "there is none";
    std::filesystem::create_directory(path / "malicious");
    std::filesystem::create_directories(path / "benign/deeper");
    ASSERT_TRUE((*folder)->write("malicious/a", "bad").has_value());
    ASSERT_TRUE((*folder)->write("benign/b", "good").has_value());
    ASSERT_TRUE((*folder)->write("benign/deeper/c", "better").has_value());
    auto corpus = Corpus::read(path);
    ASSERT_TRUE(corpus.has_value());
    std::string all;
    for (int i = 0; i < 5; ++i) all += corpus->next()->bytes + " ";
    EXPECT_EQ(all, "bad good bad better bad ");
}

}   // namespace
}   // namespace microengine::ambassador
