// SPDX-License-Identifier: MIT
#include "host/config/find.hpp"

#include "tests/unit/config/config_support.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

namespace microengine::config {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Find : public testing::Test {
protected:
    fs::path place_file(const fs::path& where) const {
        const fs::path file = root_.write(where, "");
        EXPECT_EQ(::chmod(file.c_str(), 0644), 0);
        EXPECT_EQ(::chmod(file.parent_path().c_str(), 0755), 0);
        return file;
    }
    SearchPlaces places(Variables variables = {}) const {
        variables.emplace("HOME", (root_.path() / "home").native());
        return {.environment = environment_of(std::move(variables)),
                .working_directory = root_.path() / "here",
                .system = root_.path() / "etc",
                .shipped = root_.path() / "shipped",
                .user = ::geteuid()};
    }
    /// The file that is passed over, and why.
    std::string passed_over(const SearchPlaces& where) const {
        const auto found = find(std::nullopt, where);
        if (!found) return "error: " + found.error().text();
        EXPECT_EQ(found->file, root_.path() / "shipped/microengine.toml");
        return to_text(found->warnings);
    }

    TemporaryDirectory root_;
};

TEST_F(Find, LooksInTheDocumentedOrder) {
    const SearchPlaces where = places();
    for (const fs::path place : {"shipped", "etc", "home/.config/microengine", "here"}) {
        const fs::path file = place_file(place / "microengine.toml");
        const auto found = find(std::nullopt, where);
        ASSERT_TRUE(found) << found.error().text();
        EXPECT_EQ(found->file, file);
        EXPECT_TRUE(found->warnings.empty()) << to_text(found->warnings);
    }
    const fs::path named = place_file("named.toml");
    EXPECT_EQ(find(std::nullopt, places({{"MICROENGINE_CONFIG", named.native()}}))->file, named);
    const fs::path given = place_file("given.toml");
    EXPECT_EQ(find(given, places({{"MICROENGINE_CONFIG", named.native()}}))->file, given);
}

TEST_F(Find, WhatIsNamedMustExist) {
    place_file("shipped/microengine.toml");
    EXPECT_EQ(find("/nowhere/a.toml", places()).error().text(), "/nowhere/a.toml: does not exist");
    EXPECT_EQ(find(std::nullopt, places({{"MICROENGINE_CONFIG", "/nowhere/b.toml"}})).error().text(),
              "/nowhere/b.toml: does not exist; MICROENGINE_CONFIG names it");
}

TEST_F(Find, AnEmptyVariableNamesNothing) {
    const fs::path shipped = place_file("shipped/microengine.toml");
    const auto found = find(std::nullopt, places({{"MICROENGINE_CONFIG", ""}, {"HOME", ""}}));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->file, shipped);
}

TEST_F(Find, NoneAtAllIsAnError) {
    EXPECT_THAT(find(std::nullopt, places()).error().text(), HasSubstr("name one with --config"));
}

TEST_F(Find, AFileOfTheWorkingDirectoryThatOthersCanWriteIsPassedOver) {
    const fs::path here = place_file("here/microengine.toml");
    place_file("shipped/microengine.toml");
    for (const mode_t mode : {0664U, 0646U, 0666U}) {
        ASSERT_EQ(::chmod(here.c_str(), mode), 0);
        EXPECT_EQ(passed_over(places()), here.native() +
                                             ": warning: not used: it is writable by others, and a config "
                                             "names code to run; make it and its "
                                             "directory yours alone, or name it with --config\n");
    }
    EXPECT_EQ(find(here, places())->file, here);
}

TEST_F(Find, AFileOfTheWorkingDirectoryOfSomebodyElseIsPassedOver) {
    const fs::path here = place_file("here/microengine.toml");
    place_file("shipped/microengine.toml");
    SearchPlaces where = places();
    if (::geteuid() == 0) {
        ASSERT_EQ(::chown(here.c_str(), 12'345, static_cast<gid_t>(-1)), 0);
    } else {
        where.user = ::geteuid() + 1;
    }
    EXPECT_THAT(passed_over(where), HasSubstr("not used: it belongs to somebody else (user "));
}

TEST_F(Find, ALinkOfSomebodyElseToOurOwnFileIsPassedOver) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give a link away";
    place_file("shipped/microengine.toml");
    const fs::path mine = place_file("mine.toml");
    fs::create_directories(root_.path() / "here");
    const fs::path link = root_.path() / "here/microengine.toml";
    fs::create_symlink(mine, link);
    ASSERT_EQ(::lchown(link.c_str(), 12'345, static_cast<gid_t>(-1)), 0);
    EXPECT_THAT(passed_over(places()), HasSubstr("belongs to somebody else (user 12345)"));
}

TEST_F(Find, ADirectoryInWhichOthersCanReplaceTheFileIsPassedOver) {
    const fs::path here = place_file("here/microengine.toml");
    place_file("shipped/microengine.toml");
    ASSERT_EQ(::chmod(here.parent_path().c_str(), 0777), 0);
    EXPECT_THAT(passed_over(places()), HasSubstr("it lies in a directory that is writable by others"));
    // As /tmp is: only the owner of a file can replace it.
    ASSERT_EQ(::chmod(here.parent_path().c_str(), 01777), 0);
    EXPECT_EQ(find(std::nullopt, places())->file, here);
}

}   // namespace
}   // namespace microengine::config
