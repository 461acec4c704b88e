// SPDX-License-Identifier: MIT
#include "host/app/plugin_new/next_steps.hpp"
#include "host/app/plugin_new/project.hpp"
#include "host/app/plugin_new/render.hpp"
#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace microengine::app {
namespace {

namespace fs = std::filesystem;
using testing::AllOf, testing::HasSubstr, testing::Not;

std::string refusal(std::string_view name) {
    const auto checked = check_plugin_name(name);
    return checked ? "" : checked.error().message;
}

TEST(PluginName, OneThatIsAFileATargetAndAnIdIsTaken) {
    for (const char* name : {"my_engine", "a", "z9", "class", "a__b", "a_"})
        EXPECT_EQ(refusal(name), "") << name;
    EXPECT_EQ(refusal(std::string(40, 'a')), "");
}

TEST(PluginName, WhatWasProbablyMeantIsSaid) {
    const std::vector<std::pair<std::string, std::string>> meant{{"My-Engine", "my_engine"},
                                                                 {"my engine", "my_engine"},
                                                                 {"9lives", "lives"},
                                                                 {"../../etc", "etc"},
                                                                 {"_x", "x"},
                                                                 {"a.b/c", "a_b_c"},
                                                                 {"engine.so", "engine_so"},
                                                                 {"Ängine", "ngine"}};
    for (const auto& [name, near] : meant)
        EXPECT_THAT(refusal(name), HasSubstr("did you mean '" + near + "'?")) << name;
    for (const char* name : {"", "_", "123", "…"})
        EXPECT_THAT(refusal(name),
                    AllOf(HasSubstr("for example 'my_engine'"), Not(HasSubstr("did you mean"))));
}

TEST(PluginName, ALongOneIsRefusedWithItsLength) {
    EXPECT_THAT(refusal(std::string(41, 'a')), HasSubstr("at most 40 bytes, got 41"));
}

TEST(PluginName, ANameOfSomebodyElseIsRefused) {
    EXPECT_THAT(refusal("test"), HasSubstr("CMake keeps for itself; take another one, such as 'my_test'"));
    for (const char* shipped : {"clamav", "clamd", "command", "eicar", "hashlist", "python", "yara"})
        EXPECT_THAT(refusal(shipped), HasSubstr("comes with Microengine")) << shipped;
}

TEST(PluginName, ATerminalIsNotSteeredByIt) {
    EXPECT_THAT(refusal("a\x1b[2J"), AllOf(HasSubstr("\\x1b"), Not(HasSubstr("\x1b"))));
}

TEST(ArtifactTypes, AreReadOrRefused) {
    PluginWish wish;
    ASSERT_TRUE(read_artifact_types("url", wish));
    EXPECT_TRUE(!wish.files && wish.urls);
    ASSERT_TRUE(read_artifact_types("url,file", wish));
    EXPECT_TRUE(wish.files && wish.urls);
    for (const char* text : {"", ",", "file,", "files", "file url", "FILE"})
        EXPECT_FALSE(read_artifact_types(text, wish)) << text;
}

std::string rendered(std::string_view text, const PluginWish& wish = {.name = "my_engine", .into = ""}) {
    const auto made = render(text, words_of(wish), "template");
    return made ? *made : "error: " + made.error().text();
}

TEST(Render, WordsBecomeTheirValues) {
    EXPECT_EQ(rendered("@NAME@ @ID@ '@TITLE@' @TYPES@\n"),
              "my_engine org.example.my-engine 'My engine' ME_ARTIFACT_FILE\n");
    EXPECT_EQ(rendered("@TYPES@",
                       {.name = "x", .language = Language::rust, .files = true, .urls = true, .into = ""}),
              "microengine::ARTIFACT_FILE | microengine::ARTIFACT_URL");
}

TEST(Render, OtherAtSignsStay) {
    EXPECT_EQ(rendered("uses: actions/checkout@v4 a@b.c @ @@ @x@ @NAME"),
              "uses: actions/checkout@v4 a@b.c @ @@ @x@ @NAME");
}

TEST(Render, PartsThatAreNotWantedAreLeftOut) {
    EXPECT_EQ(rendered("a\n  @IF url@\nb @NOTHING@\n@END@\n@IF file@\nc\n@END@\nd"), "a\nc\nd");
}

TEST(Render, ABrokenTemplateIsAnErrorWithItsLine) {
    EXPECT_EQ(rendered("\n@WHAT@\n"), "error: template:2: there is no value for @WHAT@");
    EXPECT_EQ(rendered("@END@\n"), "error: template:1: @END@ without an @IF@");
    EXPECT_EQ(rendered("@IF url@\n@IF file@\n"), "error: template:2: @IF@ inside of another");
    EXPECT_EQ(rendered("@IF url@\n"), "error: template: an @IF@ without its @END@");
}

/// Every language with every choice of artifacts.
std::vector<PluginWish> all_wishes() {
    std::vector<PluginWish> all;
    for (const Language language : {Language::cpp, Language::c, Language::rust})
        for (const int types : {1, 2, 3})
            all.push_back({.name = "my_engine",
                           .language = language,
                           .files = (types & 1) != 0,
                           .urls = (types & 2) != 0,
                           .into = ""});
    return all;
}

TEST(Templates, HaveNoWordWithoutAValueAndNoWholeTestFile) {
    for (const PluginWish& wish : all_wishes()) {
        const auto files = project_files(TEMPLATE_DIR, wish);
        ASSERT_TRUE(files) << files.error().text();
        EXPECT_GE(files->size(), 10U);
        for (const ProjectFile& file : *files) {
            EXPECT_THAT(file.text, Not(HasSubstr(std::string("EICAR-") + "STANDARD"))) << file.path;
            EXPECT_THAT(file.path.native(), Not(testing::EndsWith(".in")));
            EXPECT_FALSE(file.path.is_absolute());
        }
    }
}

TEST(Templates, AMissingFolderSaysWhereTheyComeFrom) {
    const auto files = project_files("/nonexistent", {.name = "x", .into = ""});
    ASSERT_FALSE(files);
    EXPECT_THAT(files.error().text(), HasSubstr("microengine-sdk"));
}

class Folder : public testing::Test {
protected:
    support::TempDir temp;
    fs::path root = fs::canonical(temp / ".");
    [[nodiscard]] std::string refused(const fs::path& into) const {
        const auto folder = project_folder({.name = "my_engine", .into = into.native()});
        return folder ? "" : folder.error().message;
    }
    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (const auto& entry : fs::recursive_directory_iterator(root))
            all.push_back(entry.path().lexically_relative(root).native());
        std::ranges::sort(all);
        return all;
    }
};

TEST_F(Folder, NewOrEmptyWillDo) {
    fs::create_directory(root / "empty");
    EXPECT_EQ(refused(root / "new"), "");
    EXPECT_EQ(refused(root / "new/"), "");
    EXPECT_EQ(refused(root / "empty"), "");
    EXPECT_EQ(project_folder({.name = "x", .into = (root / "a/../b/").native()}).value(), root / "b");
}

TEST_F(Folder, WhatIsThereIsNotWrittenOver) {
    std::ofstream(root / "file") << "mine";
    fs::create_directory_symlink(root, root / "link");
    EXPECT_THAT(refused(root), HasSubstr("is not empty"));
    EXPECT_THAT(refused(root / "file"), HasSubstr("is no folder"));
    EXPECT_THAT(refused(root / "link"), HasSubstr("is no folder"));
    EXPECT_THAT(refused(root / "no/where"), HasSubstr("does not exist"));
    EXPECT_NE(refused("/"), "");
}

TEST_F(Folder, IsWrittenWhole) {
    ASSERT_TRUE(write_project(root / "p", {{.path = "a", .text = "1"}, {.path = "b/c", .text = "2"}}));
    EXPECT_THAT(names(), testing::ElementsAre("p", "p/a", "p/b", "p/b/c"));
}

TEST_F(Folder, AnEmptyOneIsFilled) {
    fs::create_directory(root / "p");
    ASSERT_TRUE(write_project(root / "p", {{.path = "a", .text = "1"}}));
    EXPECT_THAT(names(), testing::ElementsAre("p", "p/a"));
}

TEST_F(Folder, OneThatFilledInTheMeantimeStaysAsItIs) {
    fs::create_directory(root / "p");
    std::ofstream(root / "p/mine") << "mine";
    EXPECT_FALSE(write_project(root / "p", {{.path = "a", .text = "1"}}));
    EXPECT_THAT(names(), testing::ElementsAre("p", "p/mine"));
}

TEST_F(Folder, NothingIsLeftOfAFailure) {
    EXPECT_FALSE(write_project(root / "p", {{.path = "a", .text = "1"}, {.path = "a/b", .text = "2"}}));
    EXPECT_THAT(names(), testing::IsEmpty());
}

TEST(NextSteps, OfAProgramOnThePathAreThreeShortLines) {
    EXPECT_EQ(next_steps({.name = "x", .into = ""}, 12,
                         {.folder = "/home/me/x",
                          .here = "/home/me",
                          .program = "/usr/bin/microengine",
                          .path = "/bin:/usr/bin"}),
              "made x: 12 files; what to look for goes into src/detect.cpp. Next:\n"
              "  cd x && cmake -B build && cmake --build build\n"
              "  ctest --test-dir build --output-on-failure\n"
              "  microengine scan --explain --plugin build/x.so FILE\n");
}

TEST(NextSteps, OfAnyOtherSayWhereItIs) {
    const std::string steps = next_steps({.name = "x", .into = ""}, 12,
                                         {.folder = "/srv/it's x",
                                          .here = "/",
                                          .program = "/opt/me/bin/microengine",
                                          .path = "/opt/me/binary"});
    EXPECT_THAT(steps, HasSubstr("cd '/srv/it'\\''s x' && cmake -B build -DCMAKE_PREFIX_PATH=/opt/me && "));
    EXPECT_THAT(steps, HasSubstr("  /opt/me/bin/microengine scan"));
}

}   // namespace
}   // namespace microengine::app
