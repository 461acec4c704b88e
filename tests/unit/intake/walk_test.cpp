// SPDX-License-Identifier: MIT
#include "host/intake/walk.hpp"

#include "tests/unit/intake/temp_tree.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace microengine::intake {
namespace {

using support::TempTree;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Kind = WalkItem::Kind;

std::vector<WalkItem> all(const std::string& root, WalkOptions options = {}) {
    Walk walk(root, options);
    std::vector<WalkItem> items;
    while (auto item = walk.next()) items.push_back(*std::move(item));
    return items;
}

/// "name" of an artifact, "! name: message" of an error, "- name: message" of a skip; names below the root.
std::vector<std::string> told(const TempTree& tree, WalkOptions options = {}) {
    std::vector<std::string> lines;
    for (const WalkItem& item : all(tree.root(), options)) {
        const std::string name = item.path == tree.root()
                                     ? "."
                                     : item.path.substr(std::min(tree.root().size() + 1, item.path.size()));
        if (item.kind == Kind::artifact)
            lines.push_back(name);
        else
            lines.push_back((item.kind == Kind::error ? "! " : "- ") + name + ": " + item.message);
    }
    return lines;
}

TEST(Walk, GoesInTheOrderOfTheBytes) {
    const TempTree tree;
    for (const char* name : {"b", "a/z", "a/b/c", "a.txt", "B", "\xC3\xA9", "a/b.c"}) tree.file(name, "x");
    EXPECT_THAT(told(tree), ElementsAre("B", "a/b/c", "a/b.c", "a/z", "a.txt", "b", "\xC3\xA9"));
}

TEST(Walk, AnEmptyDirectoryGivesNothing) {
    const TempTree tree;
    EXPECT_THAT(told(tree), IsEmpty());
}

TEST(Walk, AFileIsItself) {
    const TempTree tree;
    const auto items = all(tree.file("a", "x"));
    ASSERT_EQ(items.size(), 1u);
    EXPECT_EQ(items[0].path, tree / "a");
    EXPECT_EQ(items[0].kind, Kind::artifact);
}

TEST(Walk, WhatIsMissingIsAnError) {
    const TempTree tree;
    const auto items = all(tree / "missing");
    ASSERT_EQ(items.size(), 1u);
    EXPECT_EQ(items[0].kind, Kind::error);
    EXPECT_EQ(items[0].message, "cannot open it: No such file or directory");
}

TEST(Walk, EachArtifactCanBeLoaded) {
    const TempTree tree;
    tree.file("d/a\n\xFF\x1b[31m", "bytes");
    auto items = all(tree.root() + "/");
    ASSERT_EQ(items.size(), 1u);
    core::ArtifactBuffer buffer;
    const auto loaded = file_loader(std::move(items[0].place), Limits{})(buffer);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(std::string(loaded->bytes.begin(), loaded->bytes.end()), "bytes");
    EXPECT_EQ(loaded->facts.name, tree / "d/a\n\xFF\x1b[31m");
}

TEST(Walk, SkipsSpecialFilesAndSaysSo) {
    const TempTree tree;
    tree.fifo("fifo");
    tree.socket("socket");
    tree.file("file", "x");
    EXPECT_THAT(told(tree), ElementsAre("- fifo: is a FIFO", "file", "- socket: is a socket"));
}

TEST(Walk, DoesNotFollowLinksItMeets_SoItCannotGoRound) {
    const TempTree tree;
    tree.file("d/a", "x");
    tree.link("d/up", "..");
    tree.link("dangling", "nowhere");
    tree.link("self", "self");
    EXPECT_THAT(told(tree), ElementsAre("d/a", "- d/up: is a symbolic link", "- dangling: is a symbolic link",
                                        "- self: is a symbolic link"));
}

TEST(Walk, FollowsALinkThatWasNamed) {
    const TempTree tree;
    tree.file("d/a", "x");
    const auto items = all(tree.link("link", "d"));
    ASSERT_EQ(items.size(), 1u);
    EXPECT_EQ(items[0].path, tree / "link/a");
    EXPECT_EQ(all(tree.link("dangling", "nowhere")).at(0).kind, Kind::error);
}

TEST(Walk, AnUnreadableDirectoryIsAnError_AndTheRestIsWalked) {
    const TempTree tree;
    tree.file("a/x", "x");
    tree.file("b/y", "x");
    ASSERT_EQ(::chmod((tree / "a").c_str(), 0), 0);
    {
        const support::AsNobody nobody;
        EXPECT_THAT(told(tree), ElementsAre("! a: cannot open the directory: Permission denied", "b/y"));
        EXPECT_EQ(all(tree / "a").at(0).kind, Kind::error);
    }
    ASSERT_EQ(::chmod((tree / "a").c_str(), 0755), 0);
}

TEST(Walk, DeeperThanTheLimitIsAnError) {
    const TempTree tree;
    tree.file("1/2/3/deep", "x");
    tree.file("1/2/a", "x");
    EXPECT_THAT(told(tree, {.max_depth = 2, .same_file_system = false}),
                ElementsAre(HasSubstr("! 1/2/3: is more than 2 directories deep"), "1/2/a"));
    EXPECT_THAT(told(tree, {.max_depth = 3, .same_file_system = false}), ElementsAre("1/2/3/deep", "1/2/a"));
}

TEST(Walk, ReadsPathsThatNoSystemCallTakes) {
    const TempTree tree;
    const std::string name(200, 'n');
    std::vector<util::UniqueFd> chain;
    chain.emplace_back(::open(tree.root().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (int i = 0; i < 30; ++i) {   // 6,000 bytes; PATH_MAX is 4,096
        ASSERT_EQ(::mkdirat(chain.back().get(), name.c_str(), 0755), 0);
        chain.emplace_back(::openat(chain.back().get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    }
    util::UniqueFd(::openat(chain.back().get(), "leaf", O_WRONLY | O_CREAT | O_CLOEXEC, 0644)).reset();
    auto items = all(tree.root());
    ASSERT_EQ(items.size(), 1u);
    EXPECT_GT(items[0].path.size(), 6'000u);
    core::ArtifactBuffer buffer;
    EXPECT_TRUE(file_loader(std::move(items[0].place), Limits{})(buffer));
}

TEST(Walk, ASwappedDirectoryLeadsNowhereElse) {
    const TempTree tree;
    tree.file("d/a", "inside");
    tree.file("outside/a", "outside");
    Walk walk(tree / "d");
    auto item = walk.next();
    ASSERT_TRUE(item);
    ASSERT_EQ(::rename((tree / "d").c_str(), (tree / "moved").c_str()), 0);
    tree.link("d", "outside");
    core::ArtifactBuffer buffer;
    const auto loaded = file_loader(std::move(item->place), Limits{})(buffer);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(std::string(loaded->bytes.begin(), loaded->bytes.end()), "inside");
}

TEST(Walk, AFileThatBecomesALinkIsNotFollowed) {
    const TempTree tree;
    tree.file("d/a", "inside");
    tree.file("secret", "outside");
    Walk walk(tree / "d");
    auto item = walk.next();
    ASSERT_TRUE(item);
    ASSERT_EQ(::unlink((tree / "d/a").c_str()), 0);
    tree.link("d/a", "../secret");
    core::ArtifactBuffer buffer;
    EXPECT_FALSE(file_loader(std::move(item->place), Limits{})(buffer));
}

TEST(Walk, StaysOnTheFileSystemIfAsked) {
    // /proc is another file system than / everywhere.
    Walk walk("/", {.max_depth = 1, .same_file_system = true});
    auto item = walk.next();
    while (item && item->path != "/proc") {
        ASSERT_FALSE(item->path.starts_with("/proc/"));
        item = walk.next();
    }
    ASSERT_TRUE(item);
    EXPECT_EQ(item->kind, Kind::skipped);
    EXPECT_EQ(item->message, "is on another file system");
}

TEST(Walk, CountsTheDirectoriesItEntered) {
    const TempTree tree;
    tree.file("a/b/x", "x");
    tree.directory("c");
    Walk walk(tree.root());
    while (walk.next()) {
    }
    EXPECT_EQ(walk.directories(), 4u);
}

TEST(Walk, StopsWhenNobodyAsks) {
    const TempTree tree;
    tree.file("a", "x");
    tree.file("d/b", "x");
    Walk walk(tree.root());
    ASSERT_TRUE(walk.next());
    EXPECT_EQ(walk.directories(), 1u) << "d was not entered yet";
}

}   // namespace
}   // namespace microengine::intake
