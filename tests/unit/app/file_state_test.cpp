// SPDX-License-Identifier: MIT
// What counts as a change of files, and what does not.
#include "host/app/serve/file_state.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace microengine::app {
namespace {

namespace fs = std::filesystem;

class FileStateTest : public testing::Test {
protected:
    FileStateTest() {
        std::string name = (fs::temp_directory_path() / "microengine-files-XXXXXX").native();
        here = ::mkdtemp(name.data());
    }
    ~FileStateTest() override { fs::remove_all(here); }
    FileStateTest(const FileStateTest&) = delete;
    FileStateTest& operator=(const FileStateTest&) = delete;

    void write(const std::string& name, const std::string& text) const {
        fs::create_directories((here / name).parent_path());
        std::ofstream(here / name) << text;
    }
    [[nodiscard]] FileState state(const std::string& name = "") const {
        const fs::path path = name.empty() ? here : here / name;
        return file_state(std::span(&path, 1));
    }
    fs::path here;
};

TEST_F(FileStateTest, ContentsNamesAndPlacesCount) {
    write("rules/a.yar", "one");
    const FileState before = state();
    EXPECT_EQ(before, state());
    EXPECT_EQ(before.bytes(), 3U);
    write("rules/a.yar", "three");
    const FileState longer = state();
    EXPECT_NE(longer, before);
    fs::rename(here / "rules/a.yar", here / "rules/b.yar");
    EXPECT_NE(state(), longer);
    write("rules/deep/c.yar", "");
    EXPECT_EQ(state().files.size(), 2U);
    fs::remove(here / "rules/b.yar");
    EXPECT_EQ(state().files.size(), 1U);
}

TEST_F(FileStateTest, AFileOfTheSameSizePutInPlaceOfAnotherCounts) {
    write("main.hdb", "aaaa");
    const FileState before = state("main.hdb");
    write("new", "bbbb");
    fs::last_write_time(here / "new", fs::last_write_time(here / "main.hdb"));
    fs::rename(here / "new", here / "main.hdb");
    EXPECT_NE(state("main.hdb"), before);
}

TEST_F(FileStateTest, WhatIsUnfinishedOrHiddenDoesNot) {
    write("main.cvd", "x");
    const FileState before = state();
    for (const char* name : {".a.yar.swp", "a.yar~", "x.tmp", "tmp.1a2b/daily.cvd", "freshclam.dat"}) {
        write(name, "x");
        EXPECT_EQ(state(), before) << name;
    }
}

TEST_F(FileStateTest, AFileThatComesOrGoesCounts) {
    const FileState before = state("later.yar");
    EXPECT_EQ(before.files.size(), 1U);
    write("later.yar", "x");
    EXPECT_NE(state("later.yar"), before);
    fs::remove(here / "later.yar");
    EXPECT_EQ(state("later.yar"), before);
}

TEST_F(FileStateTest, OfAPatternAllBelowItsStartCounts) {
    write("rules/a/x.yar", "x");
    const FileState before = state("rules/*/x.yar");
    EXPECT_EQ(before.files.size(), 1U);
    write("rules/b/x.yar", "x");
    EXPECT_NE(state("rules/*/x.yar"), before);
}

TEST_F(FileStateTest, ACircleOfLinksEnds) {
    write("a", "x");
    fs::create_directory_symlink(here, here / "round");
    EXPECT_EQ(state().files.size(), 2U);
}

}   // namespace
}   // namespace microengine::app
