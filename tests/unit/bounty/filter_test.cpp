// SPDX-License-Identifier: MIT
#include "host/bounty/filter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace microengine::bounty {
namespace {

using Action = FilterRule::Action;
using Compare = FilterRule::Compare;
using testing::HasSubstr;

Bounty bounty() {
    Bounty out;
    out.artifact_type = "FILE";
    out.mimetype = "application/x-dosexec";
    out.sha256 = util::parse_sha256(std::string(64, 'A'));
    out.metadata = {{"size", "1024"}, {"name", "invoice.pdf.exe"}, {"packed", "true"}, {"empty", ""}};
    return out;
}

Filtered judge(const std::vector<FilterRule>& rules, const Bounty& judged = bounty()) {
    const auto filters = Filters::compile(rules);
    EXPECT_TRUE(filters) << filters.error().text();
    return filters ? filters->judge(judged) : Filtered{};
}

bool matches(const std::string& key, const std::string& compare, const std::string& value) {
    const auto parsed = parse_compare(compare);
    EXPECT_TRUE(parsed) << compare;
    return !judge({{.action = Action::reject,
                    .key = key,
                    .compare = parsed.value_or(Compare::equal),
                    .value = value}})
                .accepted;
}

TEST(Filter, WordsOfTheConfiguration) {
    EXPECT_EQ(parse_action("accept"), Action::accept);
    EXPECT_EQ(parse_action("reject"), Action::reject);
    EXPECT_EQ(parse_action("favor"), Action::favor);
    EXPECT_EQ(parse_action("penalize"), Action::penalize);
    EXPECT_FALSE(parse_action("favour"));
    EXPECT_EQ(parse_compare("=="), Compare::equal);
    EXPECT_EQ(parse_compare("regex"), Compare::regex);
    EXPECT_FALSE(parse_compare("="));
}

TEST(Filter, ComparesNumbers) {
    EXPECT_TRUE(matches("size", "<", "1025"));
    EXPECT_FALSE(matches("size", "<", "1024"));
    EXPECT_TRUE(matches("size", "<=", "1024.0"));
    EXPECT_FALSE(matches("size", "<=", "1e3"));
    EXPECT_TRUE(matches("size", ">=", "1024"));
    EXPECT_FALSE(matches("size", ">=", "1024.5"));
    EXPECT_TRUE(matches("size", ">", "999"));   // not as text
    EXPECT_FALSE(matches("size", ">", "1024"));
}

TEST(Filter, WhatIsNoNumberIsNeitherLessNorMore) {
    for (const auto* const compare : {"<", "<=", ">=", ">"}) {
        EXPECT_FALSE(matches("name", compare, "1"));
        EXPECT_FALSE(matches("empty", compare, "1"));
        for (const auto* const value : {"", "many", "1024 ", "nan", "inf"})
            EXPECT_FALSE(matches("size", compare, value)) << compare << value;
    }
}

TEST(Filter, ComparesText) {
    EXPECT_TRUE(matches("size", "==", "1024"));
    EXPECT_FALSE(matches("size", "==", "1024.0"));
    EXPECT_TRUE(matches("packed", "==", "true"));
    EXPECT_TRUE(matches("name", "contains", ".pdf"));
    EXPECT_FALSE(matches("name", "contains", ".PDF"));
    EXPECT_TRUE(matches("name", "startswith", "invoice"));
    EXPECT_FALSE(matches("name", "startswith", "pdf"));
    EXPECT_TRUE(matches("name", "endswith", ".exe"));
    EXPECT_FALSE(matches("name", "endswith", ".pdf"));
    EXPECT_TRUE(matches("name", "regex", R"(\.(doc|pdf)\.\w+$)"));
    EXPECT_TRUE(matches("name", "regex", "pdf"));
    EXPECT_FALSE(matches("name", "regex", "^pdf"));
}

TEST(Filter, LooksIntoTheMetadataFirst) {
    EXPECT_TRUE(matches("sha256", "==", std::string(64, 'a')));
    EXPECT_TRUE(matches("mimetype", "startswith", "application/"));
    EXPECT_TRUE(matches("artifact_type", "==", "file"));
    Bounty other = bounty();
    other.metadata["mimetype"] = "video/mp4";
    EXPECT_FALSE(judge({{.action = Action::reject,
                         .key = "mimetype",
                         .compare = Compare::startswith,
                         .value = "video/"}},
                       other)
                     .accepted);
}

TEST(Filter, AKeyThatIsNotThereNeverMatches) {
    EXPECT_FALSE(matches("colour", "==", ""));
    EXPECT_FALSE(matches("colour", "regex", ""));
    EXPECT_FALSE(matches("colour", "<", "1"));
    const FilterRule wanted{
        .action = Action::accept, .key = "sha256", .compare = Compare::regex, .value = ""};
    EXPECT_TRUE(judge({wanted}).accepted);
    EXPECT_FALSE(judge({wanted}, Bounty{}).accepted);
}

TEST(Filter, AcceptsAreAlternativesAndARejectWins) {
    const auto rule = [](Action action, bool match) {
        return FilterRule{
            .action = action, .key = "size", .compare = Compare::equal, .value = match ? "1024" : "0"};
    };
    EXPECT_TRUE(judge({}).accepted);
    EXPECT_TRUE(Filters().judge(bounty()).accepted);
    EXPECT_TRUE(judge({rule(Action::reject, false)}).accepted);
    EXPECT_FALSE(judge({rule(Action::reject, false), rule(Action::reject, true)}).accepted);
    EXPECT_FALSE(judge({rule(Action::accept, false)}).accepted);
    EXPECT_TRUE(judge({rule(Action::accept, false), rule(Action::accept, true)}).accepted);
    EXPECT_FALSE(judge({rule(Action::accept, true), rule(Action::reject, true)}).accepted);
    EXPECT_FALSE(judge({rule(Action::reject, true), rule(Action::accept, true)}).accepted);
}

TEST(Filter, FavoredAndPenalizedAtOnceIsNeither) {
    const FilterRule favor{
        .action = Action::favor, .key = "size", .compare = Compare::equal, .value = "1024"};
    const FilterRule penalize{
        .action = Action::penalize, .key = "packed", .compare = Compare::equal, .value = "true"};
    EXPECT_EQ(judge({favor}).leaning, Leaning::favored);
    EXPECT_EQ(judge({penalize}).leaning, Leaning::penalized);
    EXPECT_EQ(judge({favor, penalize}).leaning, Leaning::none);
    EXPECT_EQ(judge({}).leaning, Leaning::none);
    EXPECT_TRUE(judge({favor}).accepted);   // it is no accept, so it does not ask for one
    EXPECT_TRUE(judge({penalize}).accepted);
}

TEST(Filter, AnExpressionThatIsNoneIsFoundWhenLoaded) {
    const FilterRule good{.action = Action::reject, .key = "a", .compare = Compare::contains, .value = "("};
    const FilterRule bad{.action = Action::reject, .key = "a", .compare = Compare::regex, .value = "("};
    const FilterRule back{
        .action = Action::reject, .key = "a", .compare = Compare::regex, .value = R"((a)\1)"};
    const auto filters = Filters::compile(std::vector{good, bad, back});
    ASSERT_FALSE(filters);
    EXPECT_EQ(filters.error().code, util::Errc::config);
    EXPECT_THAT(filters.error().text(), HasSubstr("filter 2: its value is no regular expression: missing )"));
    EXPECT_THAT(filters.error().text(), HasSubstr("filter 3: "));
}

TEST(Filter, AnExpressionThatOthersNeedExponentialTimeForIsNoTrouble) {
    Bounty long_name;
    long_name.metadata["name"] = std::string(100'000, 'a') + "!";
    EXPECT_TRUE(
        judge({{.action = Action::reject, .key = "name", .compare = Compare::regex, .value = "^(a+)+$"}},
              long_name)
            .accepted);
}

TEST(Filter, LeaningIsClampedToCertain) {
    EXPECT_EQ(leaned(500'000, Leaning::favored), 600'000U);
    EXPECT_EQ(leaned(500'000, Leaning::penalized), 400'000U);
    EXPECT_EQ(leaned(500'000, Leaning::none), 500'000U);
    EXPECT_EQ(leaned(kCertainly, Leaning::favored), kCertainly);
    EXPECT_EQ(leaned(900'000, Leaning::favored), kCertainly);
    EXPECT_EQ(leaned(0, Leaning::favored), 0U);
    EXPECT_EQ(leaned(4'000'000'000U, Leaning::favored), kCertainly);
}

}   // namespace
}   // namespace microengine::bounty
