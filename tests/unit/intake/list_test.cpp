// SPDX-License-Identifier: MIT
#include "host/intake/list.hpp"

#include "tests/unit/intake/temp_tree.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace microengine::intake {
namespace {

using namespace std::string_literals;
using support::TempTree;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Told {
    std::vector<std::string> paths;
    std::string error;
};

Told all(PathList list) {
    Told told;
    for (;;) {
        auto path = list.next();
        if (!path) {
            told.error = path.error().text();
            EXPECT_TRUE(list.next().has_value() && !list.next()->has_value())
                << "after an error nothing more";
            return told;
        }
        if (!*path) return told;
        told.paths.push_back(**std::move(path));
    }
}

Told of(const std::string& bytes) {
    const TempTree tree;
    auto list = PathList::open(tree.file("list", bytes));
    EXPECT_TRUE(list);
    return all(*std::move(list));
}

TEST(PathList, OnePathALine) {
    EXPECT_THAT(of("a\nb c\n\n/d\xFF\nlast").paths, ElementsAre("a", "b c", "/d\xFF", "last"));
    EXPECT_THAT(of("").paths, IsEmpty());
    EXPECT_THAT(of("\n\n").paths, IsEmpty());
}

TEST(PathList, ALineMayEndInCrLf_OnlyWithNulsIsTheCrOfTheName) {
    EXPECT_THAT(of("a\r\n\r\nb\rc\r\nd\r\r\nlast\r").paths, ElementsAre("a", "b\rc", "d\r", "last"));
    EXPECT_THAT(of("a\r\0b\r\n\0"s).paths, ElementsAre("a\r", "b\r\n"));
}

TEST(PathList, OrEachEndedByANul_LineFeedsInside) {
    EXPECT_THAT(of("a\nb\0\0c\0"s).paths, ElementsAre("a\nb", "c"));
    EXPECT_THAT(of("only\0"s).paths, ElementsAre("only"));
    EXPECT_THAT(of("a\0unended"s).paths, ElementsAre("a", "unended"));
}

TEST(PathList, MixedIsRefusedNotGuessed) {
    std::string lines;
    while (lines.size() < 2 * PathList::kLookAhead) lines += "some/path\n";
    const Told told = of(lines + "x\0y\nz\n"s);
    EXPECT_THAT(told.error, HasSubstr("has a NUL byte, but the list began with lines"));
    EXPECT_EQ(told.paths.size(), lines.size() / 10);
}

TEST(PathList, StreamsListsLongerThanItsBlock) {
    std::string lines;
    for (int i = 0; i < 50'000; ++i) lines += "path/" + std::to_string(i) + "\n";
    const Told told = of(lines);
    EXPECT_EQ(told.paths.size(), 50'000u);
    EXPECT_EQ(told.paths.back(), "path/49999");
}

TEST(PathList, AnEntryWithoutEndIsRefused) {
    EXPECT_THAT(of(std::string(PathList::kLookAhead + 20'000, 'x')).error,
                HasSubstr("is this a list of paths?"));
    EXPECT_EQ(of(std::string(PathList::kLookAhead - 1, 'x') + "\n").paths.size(), 1u);
}

TEST(PathList, HowAPipeCutsItDoesNotMatter) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const util::UniqueFd out(ends[0]);
    util::UniqueFd in(ends[1]);
    ASSERT_EQ(::write(in.get(), "a\nb", 3), 3);
    ASSERT_EQ(::write(in.get(), "c\0d", 3), 3);
    in.reset();
    EXPECT_THAT(all(PathList(out.get(), "pipe")).paths, ElementsAre("a\nbc", "d"));
}

TEST(PathList, WhatCannotBeReadIsAnError) {
    const TempTree tree;
    EXPECT_THAT(PathList::open(tree / "missing").error().text(), HasSubstr("No such file"));
    EXPECT_THAT(all(*PathList::open(tree.root())).error, HasSubstr("Is a directory"));
}

}   // namespace
}   // namespace microengine::intake
