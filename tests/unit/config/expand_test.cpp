// SPDX-License-Identifier: MIT
#include "host/config/expand.hpp"

#include "tests/unit/config/config_support.hpp"

#include <gmock/gmock.h>

#include <string>

namespace microengine::config {
namespace {

const Environment kEnvironment =
    environment_of({{"A", "one"}, {"B_2", "two"}, {"EMPTY", ""}, {"TRICK", "${A}$$"}, {"LATIN", "\xE9"}});

TEST(Expand, ReplacesVariablesAndKeepsTheRest) {
    struct Case {
        std::string from, to;
    };
    for (const auto& [from, to] : std::vector<Case>{
             {"", ""},
             {"plain", "plain"},
             {"${A}", "one"},
             {"x${A}y${B_2}z", "xoneytwoz"},
             {"${A:-other}", "one"},
             {"${NOT_SET:-other}", "other"},
             {"${NOT_SET:-}", ""},
             {"${EMPTY:-other}", "other"},
             {"[${EMPTY}]", "[]"},
             {"${NOT_SET:-a:-b c/*}", "a:-b c/*"},
             {"$$", "$"},
             {"$${A}", "${A}"},
             {"$$$$ ${A}$$", "$$ one$"},
             {"a}b", "a}b"},
         }) {
        const Expanded expanded = expand(from, kEnvironment);
        EXPECT_EQ(expanded.text, to) << from;
        EXPECT_TRUE(expanded.problems.empty()) << from;
    }
}

TEST(Expand, DoesNotExpandWhatAVariableHolds) { EXPECT_EQ(expand("${TRICK}", kEnvironment).text, "${A}$$"); }

TEST(Expand, ReportsEveryProblemWithTheDollarsBeforeIt) {
    const Expanded expanded = expand("${X} $$ ${A} ${Y} $ ${LATIN} ${open", kEnvironment);
    std::vector<std::size_t> dollars;
    for (const ExpandProblem& problem : expanded.problems) dollars.push_back(problem.dollar);
    EXPECT_THAT(dollars, testing::ElementsAre(0, 4, 5, 6, 7));
}

TEST(Expand, RefusesWhatIsNoName) {
    for (const std::string text : {"${}", "${1}", "${A B}", "${A-B}", "${\xC3\xA9}", "${:-x}", "${A\n}"})
        EXPECT_EQ(expand(text, kEnvironment).problems.size(), 1u) << text;
}

TEST(Expand, NeverAsksForWhatIsNoName) {
    const Environment environment = [](std::string_view name) -> std::optional<std::string> {
        ADD_FAILURE() << "asked for " << name;
        return std::nullopt;
    };
    EXPECT_FALSE(expand("${A=B} ${} $", environment).problems.empty());
}

TEST(Expand, EndsBeforeARepeatedVariableFillsTheMemory) {
    const Environment environment = [](std::string_view) { return std::string(40'000, 'x'); };
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += "${A}";
    const Expanded expanded = expand(text, environment);
    ASSERT_EQ(expanded.problems.size(), 1u);
    EXPECT_EQ(expanded.problems[0].message, "expands to more than 65536 bytes");
    EXPECT_EQ(expanded.text, "");
}

TEST(Expand, EscapedDollarsComeBack) {
    for (const std::string text : {"", "a$b", "${A}", "$$", "$"})
        EXPECT_EQ(expand(escape_dollars(text), kEnvironment).text, text);
}

}   // namespace
}   // namespace microengine::config
