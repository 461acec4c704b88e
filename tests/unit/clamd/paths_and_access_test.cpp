// SPDX-License-Identifier: MIT
// Paths that clients name, and what a client may do by where it comes from.
#include "tests/unit/clamd/clamd_fixture.hpp"

#include <set>
#include <sstream>

namespace microengine::clamd {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> all;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
}

TEST_F(ClamdTest, AFileByItsPath) {
    start();
    const std::string bad = write("bad file", "malicious");
    const std::string good = write("good", "fine");
    const std::string broken = write("broken", "unknown");
    for (const char* const name : {"SCAN", "CONTSCAN", "MULTISCAN"}) {
        const std::string word(name);
        EXPECT_EQ(ask("n" + word + " " + bad + "\n"), bad + ": a.Bad_Thing___1_ FOUND\n") << word;
        EXPECT_EQ(ask("n" + word + " " + good + "\n"), good + ": OK\n") << word;
        EXPECT_EQ(ask("n" + word + " " + broken + "\n"), broken + ": Backend failed ERROR\n") << word;
    }
    EXPECT_EQ(ask("zSCAN " + bad + "\0"s), bad + ": a.Bad_Thing___1_ FOUND\0"s);
    const Client old = connect();
    old.send("SCAN " + bad);
    EXPECT_EQ(old.rest(), bad + ": a.Bad_Thing___1_ FOUND\n")
        << "without any line end, as the npm package does";
}

TEST_F(ClamdTest, AllMatchesAreALineEach) {
    start();
    const std::string bad = write("bad", "malicious twice");
    EXPECT_THAT(lines(ask("nALLMATCHSCAN " + bad + "\n")),
                UnorderedElementsAre(bad + ": a.Bad_Thing___1_ FOUND", bad + ": a.Other FOUND"));
}

TEST_F(ClamdTest, ADirectoryHasALineForEachFindOrOneOk) {
    start();
    const std::string first = write("tree/a/bad", "malicious");
    const std::string second = write("tree/b/bad", "malicious too");
    write("tree/good", "fine");
    write("clean/good", "fine");
    const std::string tree = (here / "tree").native();
    EXPECT_THAT(
        lines(ask("nCONTSCAN " + tree + "\n")),
        UnorderedElementsAre(first + ": a.Bad_Thing___1_ FOUND", second + ": a.Bad_Thing___1_ FOUND"));
    EXPECT_THAT(
        lines(ask("nMULTISCAN " + tree + "\n")),
        UnorderedElementsAre(first + ": a.Bad_Thing___1_ FOUND", second + ": a.Bad_Thing___1_ FOUND"));
    EXPECT_EQ(lines(ask("nSCAN " + tree + "\n")).size(), 1U) << "it ends at the first find";
    const std::string clean = (here / "clean").native();
    EXPECT_EQ(ask("nCONTSCAN " + clean + "\n"), clean + ": OK\n");
}

TEST_F(ClamdTest, ADirectoryWithSomethingThatCouldNotBeJudgedIsNotOk) {
    start();
    write("tree/good", "fine");
    const std::string broken = write("tree/broken", "unknown");
    EXPECT_EQ(ask("nCONTSCAN " + (here / "tree").native() + "\n"), broken + ": Backend failed ERROR\n");
}

TEST_F(ClamdTest, OnlyWhatLiesBelowARootIsOpened) {
    std::filesystem::create_directories(here / "root/below");
    settings.roots = {here / "root"};
    start();
    const std::string secret = write("secret", "malicious");
    const std::string inside = write("root/inside", "malicious");
    std::filesystem::create_symlink(secret, here / "root/link_out");
    std::filesystem::create_symlink(here, here / "root/folder_out");
    std::filesystem::create_symlink("../inside", here / "root/below/link_in");
    const auto denied = [&](const std::string& path) {
        EXPECT_THAT(ask("nSCAN " + path + "\n"), EndsWith("ERROR\n")) << path;
        EXPECT_THAT(ask("nSCAN " + path + "\n"), Not(HasSubstr("FOUND"))) << path;
        EXPECT_THAT(ask("nSCAN " + path + "\n"), Not(HasSubstr("OK"))) << path;
    };
    const std::string root = (here / "root").native();
    EXPECT_THAT(ask("nSCAN " + inside + "\n"), EndsWith("FOUND\n"));
    EXPECT_THAT(ask("nSCAN " + root + "/below/link_in\n"), EndsWith("FOUND\n"))
        << "links that stay below are followed";
    denied(secret);
    denied(root + "/../secret");
    denied(root + "/link_out");
    denied(root + "/folder_out/secret");
    denied("/etc/passwd");
    denied("relative");
    denied(root + "x/inside");
    EXPECT_THAT(ask("nCONTSCAN " + root + "\n"), Not(HasSubstr("secret"))) << "nor in a walk";
}

TEST_F(ClamdTest, SpecialFilesAndMissingOnesAreErrors) {
    start();
    const std::string fifo = (here / "fifo").native();
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    EXPECT_THAT(ask("nSCAN " + fifo + "\n"), EndsWith("ERROR\n"));
    EXPECT_EQ(ask("nSCAN " + (here / "none").native() + "\n"),
              (here / "none").native() + ": File path check failure: No such file or directory. ERROR\n");
}

TEST_F(ClamdTest, PathsCanBeSwitchedOff) {
    settings.paths = core::PathCommands::off;
    start();
    const std::string bad = write("bad", "malicious");
    EXPECT_EQ(ask("nSCAN " + bad + "\n"), bad + ": Access denied. ERROR\n");
}

TEST_F(ClamdTest, OverTcpThereAreStreamsAndNoMore) {
    start();
    const std::string bad = write("bad", "malicious");
    EXPECT_EQ(ask_tcp(stream({"malicious"})), "stream: a.Bad_Thing___1_ FOUND\0"s);
    EXPECT_EQ(ask_tcp("nPING\n"), "PONG\n");
    EXPECT_EQ(ask_tcp("nSCAN " + bad + "\n"), bad + ": Access denied. ERROR\n");
    EXPECT_EQ(ask_tcp("nSHUTDOWN\n"), "COMMAND UNAVAILABLE\n");
    EXPECT_EQ(ask_tcp("nRELOAD\n"), "COMMAND UNAVAILABLE\n");
    EXPECT_THAT(operations.asked(), IsEmpty());
}

TEST_F(ClamdTest, ShutdownNeedsToBeAllowed) {
    start();
    EXPECT_EQ(ask("nSHUTDOWN\n"), "COMMAND UNAVAILABLE\n");
    EXPECT_THAT(operations.asked(), IsEmpty());
}

TEST_F(ClamdTest, TheOwnerMayReloadAndEndIt) {
    settings.allow_shutdown = true;
    start();
    EXPECT_EQ(ask("nRELOAD\n"), "RELOADING\n");
    EXPECT_EQ(ask("nSHUTDOWN\n"), "");
    const std::string me = "clamd uid " + std::to_string(::getuid());
    EXPECT_THAT(operations.asked(), ElementsAre("reload by " + me, "shutdown by " + me));
}

TEST_F(ClamdTest, AUserThatDoesNotExistIsNoServer) {
    start();
    settings.allow_users = {"no-such-user"};
    EXPECT_FALSE(ClamdServer::start(
                     {.settings = settings, .service = *service, .operations = operations, .room = room}, {})
                     .has_value());
}

}   // namespace
}   // namespace microengine::clamd
