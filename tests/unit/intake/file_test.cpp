// SPDX-License-Identifier: MIT
#include "host/intake/file.hpp"

#include "host/intake/read.hpp"
#include "tests/unit/intake/temp_tree.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

namespace microengine::intake {
namespace {

using support::TempTree;
using testing::EndsWith;
using testing::HasSubstr;
using util::Errc;

constexpr off_t kHuge = 5'000'000'000;

std::string text_of(const core::Artifact& artifact) { return {artifact.bytes.begin(), artifact.bytes.end()}; }

/// The failure's sentence; "" if there was none.
std::string refused(core::ArtifactLoader loader) {
    core::ArtifactBuffer buffer;
    const auto loaded = loader(buffer);
    return loaded ? "" : loaded.error().error.text();
}

TEST(File, GivesBytesAndFacts) {
    const TempTree tree;
    const std::string path = tree.file("a.txt", "hello\n");
    core::ArtifactBuffer buffer;
    const auto loaded = file_loader(path, Limits{})(buffer);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(text_of(*loaded), "hello\n");
    EXPECT_EQ(loaded->facts.name, path);
    EXPECT_EQ(loaded->facts.size, 6u);
    EXPECT_EQ(loaded->facts.mime, "text/plain");
    EXPECT_EQ(loaded->facts.type, core::ArtifactType::file);
    EXPECT_EQ(util::hex(*loaded->facts.sha256),
              "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03");
    EXPECT_FALSE(loaded->truncated);
}

TEST(File, EmptyIsAnArtifactWithBytesThatAreNotNull) {
    const TempTree tree;
    core::ArtifactBuffer buffer;
    const auto loaded = file_loader(tree.file("empty", ""), Limits{})(buffer);
    ASSERT_TRUE(loaded);
    EXPECT_NE(loaded->bytes.data(), nullptr);
    EXPECT_EQ(loaded->facts.size, 0u);
    EXPECT_EQ(loaded->facts.mime, "inode/x-empty");
    EXPECT_EQ(util::hex(*loaded->facts.sha256),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(File, OfManyPiecesIsHashedWhole) {
    const TempTree tree;
    std::string bytes(3'000'001, 'x');
    for (std::size_t i = 0; i < bytes.size(); i += 1000) bytes[i] = static_cast<char>(i / 1000);
    core::ArtifactBuffer buffer;
    const auto loaded = file_loader(tree.file("big", bytes), Limits{})(buffer);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(text_of(*loaded), bytes);
    EXPECT_EQ(loaded->facts.sha256, util::sha256(loaded->bytes));
}

TEST(File, OneBufferServesOneAfterTheOther) {
    const TempTree tree;
    core::ArtifactBuffer buffer;
    ASSERT_TRUE(file_loader(tree.file("long", std::string(200'000, 'a')), Limits{})(buffer));
    EXPECT_FALSE(file_loader(tree / "missing", Limits{})(buffer));
    const auto loaded = file_loader(tree.file("short", "b"), Limits{})(buffer);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(text_of(*loaded), "b");
    EXPECT_EQ(loaded->facts.sha256, util::sha256(loaded->bytes));
}

TEST(File, ExactlyTheLimitIsTaken_OneMoreIsNot) {
    const TempTree tree;
    core::ArtifactBuffer buffer;
    EXPECT_TRUE(file_loader(tree.file("a", std::string(1000, 'x')), Limits{1000})(buffer));
    const auto loaded = file_loader(tree.file("b", std::string(1001, 'x')), Limits{1000})(buffer);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().error.code, Errc::limit);
}

TEST(File, HugeIsRefusedUnread) {
    const TempTree tree;
    const std::string path = tree.sparse("huge", kHuge);
    core::ArtifactBuffer buffer;
    const auto loaded = file_loader(path, Limits{1'100'000'000})(buffer);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().error.code, Errc::limit);
    EXPECT_EQ(loaded.error().error.text(), path + ": is 5 GB, more than max_artifact_bytes 1.1 GB");
    EXPECT_EQ(loaded.error().facts.size, 5'000'000'000u);
    EXPECT_EQ(loaded.error().facts.name, path);
}

TEST(File, WhatSaysItIsEmptyAndIsNot_IsReadToItsEnd) {
    core::ArtifactBuffer buffer;
    const auto loaded = file_loader("/proc/self/maps", Limits{})(buffer);
    ASSERT_TRUE(loaded);
    EXPECT_GT(loaded->facts.size, 0u);
    EXPECT_THAT(text_of(*loaded), HasSubstr("[stack]"));
    EXPECT_EQ(loaded->facts.sha256, util::sha256(loaded->bytes));
    const auto cut = file_loader("/proc/self/maps", Limits{100})(buffer);
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().error.code, Errc::limit);
    EXPECT_THAT(cut.error().error.message, HasSubstr("has more than max_artifact_bytes 100 bytes"));
}

TEST(File, WhatCannotBeRead_SaysSo) {
    EXPECT_THAT(refused(file_loader("/proc/self/mem", Limits{})),
                EndsWith("cannot read it: Input/output error"));
}

TEST(File, OnlyRegularFilesAreArtifacts_AndNoneBlocks) {
    const TempTree tree;
    EXPECT_THAT(refused(file_loader(tree.directory("d"), Limits{})),
                EndsWith("is a directory, not a regular file"));
    EXPECT_THAT(refused(file_loader(tree.fifo("f"), Limits{})),
                EndsWith("is a FIFO, not a regular file; give its bytes to standard input"));
    EXPECT_THAT(refused(file_loader(tree.socket("s"), Limits{})), HasSubstr("is a socket or a device"));
    EXPECT_THAT(refused(file_loader("/dev/zero", Limits{})),
                EndsWith("is a character device, not a regular file"));
}

TEST(File, WhatCannotBeOpened_SaysWhy) {
    const TempTree tree;
    tree.file("file", "x");
    tree.link("loop", tree / "loop");
    EXPECT_THAT(refused(file_loader(tree / "missing", Limits{})),
                EndsWith("cannot open it: No such file or directory"));
    EXPECT_THAT(refused(file_loader(tree / "file/x", Limits{})), EndsWith("cannot open it: Not a directory"));
    EXPECT_THAT(refused(file_loader(tree / std::string(300, 'n'), Limits{})), EndsWith("File name too long"));
    EXPECT_THAT(refused(file_loader(tree / "loop", Limits{})),
                HasSubstr("Too many levels of symbolic links"));
}

TEST(File, WithoutPermission_IsAFailureAndNotEmpty) {
    const TempTree tree;
    const std::string path = tree.file("secret", "x");
    ASSERT_EQ(::chmod(path.c_str(), 0), 0);
    const support::AsNobody nobody;
    EXPECT_THAT(refused(file_loader(path, Limits{})), EndsWith("cannot open it: Permission denied"));
}

TEST(File, LinksAreFollowedWhenNamed_NotWhenMet) {
    const TempTree tree;
    tree.file("target", "t");
    const std::string link = tree.link("link", "target");
    core::ArtifactBuffer buffer;
    EXPECT_TRUE(file_loader(link, Limits{})(buffer));
    EXPECT_THAT(refused(file_loader({.name = "l", .path = link, .directory = nullptr, .links = Links::refuse},
                                    Limits{})),
                HasSubstr("is a symbolic link now"));
}

TEST(File, IsOpenWhileItWaits_SoWhatReplacesItMeanwhileIsAnother) {
    const TempTree tree;
    const std::string path = tree.file("a", "met");
    auto loader = file_loader(path, Limits{});
    ASSERT_EQ(::unlink(path.c_str()), 0);
    tree.file("a", "another");
    core::ArtifactBuffer buffer;
    const auto loaded = loader(buffer);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(text_of(*loaded), "met");
}

TEST(File, WaitsUnopenedWhereNoDescriptorIsLeft) {
    const TempTree tree;
    const std::string path = tree.file("a", "x");
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    core::ArtifactBuffer buffer;
    ASSERT_TRUE(file_loader(path, Limits{})(buffer));   // as many may wait as at the start of the process
    const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    auto loader = file_loader(path, Limits{});
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_TRUE(loader(buffer));
}

TEST(File, MoreThanMayWaitOpenAreOpenedInTheirTurn) {
    const TempTree tree;
    const std::string path = tree.file("a", "x");
    const auto open = [] { return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}); };
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    const auto before = open();
    std::vector<core::ArtifactLoader> loaders;
    for (int i = 0; i < 5'000; ++i) loaders.push_back(file_loader(path, Limits{}));
    EXPECT_EQ(open() - before, std::min<rlim_t>(limit.rlim_cur / 4, 4096));
    core::ArtifactBuffer buffer;
    for (core::ArtifactLoader& loader : loaders) EXPECT_TRUE(loader(buffer));
}

TEST(File, SparseIsReadWhole) {
    const TempTree tree;
    const std::string path = tree.file("a", "");
    ASSERT_EQ(::truncate(path.c_str(), 3'000'000), 0);
    core::ArtifactBuffer buffer;
    const auto loaded = file_loader(path, Limits{})(buffer);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(text_of(*loaded), std::string(3'000'000, '\0'));
}

TEST(File, ANameIsAnyBytes) {
    const TempTree tree;
    const std::string path = tree.file("a\n\xFF\x1b[31m", "x");
    core::ArtifactBuffer buffer;
    const auto loaded = file_loader(path, Limits{})(buffer);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->facts.name, path);
}

TEST(LoadFd, ReadsFromTheBeginningAndLeavesTheDescriptorWhereItStands) {
    const TempTree tree;
    const util::UniqueFd fd(::open(tree.file("a", "0123456789").c_str(), O_RDONLY | O_CLOEXEC));
    ASSERT_EQ(::lseek(fd.get(), 4, SEEK_SET), 4);
    core::ArtifactBuffer buffer;
    const auto loaded = load_fd(fd.get(), "upload", Limits{}, buffer);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(text_of(*loaded), "0123456789");
    EXPECT_EQ(loaded->facts.name, "upload");
    EXPECT_EQ(::lseek(fd.get(), 0, SEEK_CUR), 4);
}

TEST(LoadFd, ADescriptorThatCannotBeReadIsAFailure) {
    const TempTree tree;
    const util::UniqueFd fd(::open(tree.file("a", "x").c_str(), O_WRONLY | O_CLOEXEC));
    core::ArtifactBuffer buffer;
    EXPECT_FALSE(load_fd(fd.get(), "w", Limits{}, buffer));
    EXPECT_FALSE(load_fd(-1, "none", Limits{}, buffer));
}

}   // namespace
}   // namespace microengine::intake
