// SPDX-License-Identifier: MIT
// Directories by path: what is walked, in which order, and that one ERROR is never followed by an OK.
#include "tests/unit/clamd/scripted_fixture.hpp"
#include "tests/unit/intake/temp_tree.hpp"

#include <sys/stat.h>

#include <sstream>

namespace microengine::clamd {
namespace {

using core::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

class TreesTest : public ScriptedTest {
protected:
    [[nodiscard]] std::string tree(const std::string& name = "") const {
        return (here / "tree").native() + (name.empty() ? "" : "/" + name);
    }
    /// Lines, whichever way they end.
    static std::vector<std::string> lines(const std::string& text, char end) {
        std::vector<std::string> all;
        std::istringstream in(text);
        for (std::string line; std::getline(in, line, end);) all.push_back(line);
        return all;
    }
    /// Answers every job as its artifact's bytes want it, until the client is through.
    std::string through(const Client& client, std::size_t jobs) {
        for (std::size_t job = 0; job < jobs; ++job) {
            service.await(job + 1);
            const std::string& name = service.seen(job).name;
            service.answer(job, name.contains("bad")      ? found("Bad")
                                : name.contains("broken") ? report(Verdict::unknown)
                                                          : report(Verdict::benign));
        }
        return client.rest();
    }
    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (std::size_t job = 0; job < service.taken(); ++job) all.push_back(service.seen(job).name);
        return all;
    }
};

TEST_F(TreesTest, InTheOrderOfNamesOneAfterTheOther) {
    for (const char* const name : {"tree/b", "tree/a/2 bad", "tree/a/1", "tree/c bad", "tree/C"})
        write(name, "text");
    start();
    const Client client = connect();
    client.send("zCONTSCAN " + tree() + "\0"s);
    service.await(1);
    settle();
    EXPECT_EQ(service.taken(), 1U);
    EXPECT_THAT(lines(through(client, 5), '\0'),
                ElementsAre(tree("a/2 bad: acme.Bad FOUND"), tree("c bad: acme.Bad FOUND")));
    EXPECT_THAT(names(), ElementsAre(tree("C"), tree("a/1"), tree("a/2 bad"), tree("b"), tree("c bad")));
}

TEST_F(TreesTest, ScanEndsAtItsFirstFindOthersGoOn) {
    for (const char* const name : {"tree/1", "tree/2 bad", "tree/3 bad"}) write(name, "text");
    start();
    const Client scan = connect();
    scan.send("nSCAN " + tree() + "\n");
    EXPECT_EQ(through(scan, 2), tree("2 bad: acme.Bad FOUND\n"));
    EXPECT_EQ(service.taken(), 2U);
}

TEST_F(TreesTest, SeveralAtOnceButNotAll) {
    for (char name = 'a'; name <= 'z'; ++name) write("tree/"s + name, "text");
    service.set_load({.slots = 3, .running = 0, .waiting = 0});
    start();
    const Client client = connect();
    client.send("zMULTISCAN " + tree() + "\0"s);
    service.await(6);
    settle();
    EXPECT_EQ(service.taken(), 6U) << "twice the slots";
    EXPECT_EQ(through(client, 26), tree() + ": OK\0"s);
}

TEST_F(TreesTest, AnEmptyOneIsOkAndSoIsOneOfSpecialFiles) {
    std::filesystem::create_directories(tree("deeper/still"));
    std::filesystem::create_symlink("/etc/passwd", tree("link"));
    std::filesystem::create_directory_symlink("/etc", tree("folder"));
    ASSERT_EQ(::mkfifo(tree("fifo").c_str(), 0600), 0);
    start();
    for (const std::string word : {"SCAN", "CONTSCAN", "MULTISCAN", "ALLMATCHSCAN"})
        EXPECT_EQ(ask("n" + word + " " + tree() + "\n"), tree() + ": OK\n") << word;
    EXPECT_EQ(service.taken(), 0U) << "links are not followed where nobody named them";
}

TEST_F(TreesTest, WhatMayNotBeReadIsAnErrorAndNothingAboveItIsOk) {
    std::filesystem::permissions(here, std::filesystem::perms(0755));
    write("tree/file", "text");
    write("tree/folder/file", "text");
    write("tree/last", "text");
    std::filesystem::permissions(tree("file"), std::filesystem::perms::none);
    std::filesystem::permissions(tree("folder"), std::filesystem::perms::none);
    start();
    const Client client = connect();
    {
        const support::AsNobody nobody;   // the server's threads too
        client.send("nCONTSCAN " + tree() + "\n");
        EXPECT_THAT(lines(through(client, 1), '\n'),
                    ElementsAre(tree("file: Access denied. ERROR"), tree("folder: Access denied. ERROR")));
        EXPECT_EQ(service.seen(0).name, tree("last"));
    }
    std::filesystem::permissions(tree("folder"), std::filesystem::perms(0755));
}

TEST_F(TreesTest, UnknownIsAnErrorLineAndNoOkFollows) {
    for (const char* const name : {"tree/1", "tree/broken", "tree/x"}) write(name, "text");
    start();
    for (const std::string word : {"SCAN", "CONTSCAN", "MULTISCAN", "ALLMATCHSCAN"}) {
        const std::size_t before = service.taken();
        const Client client = connect();
        client.send("n" + word + " " + tree() + "\n");
        for (std::size_t job = before; job < before + 3; ++job) {
            service.await(job + 1);
            service.answer(
                job, report(service.seen(job).name.contains("broken") ? Verdict::unknown : Verdict::benign));
        }
        EXPECT_EQ(client.rest(), tree("broken: Not enough backends answered ERROR\n")) << word;
    }
}

TEST_F(TreesTest, DeeperThanFifteenDirectoriesIsAnErrorLine) {
    std::string deep = "tree";
    for (int i = 0; i < 15; ++i) deep += "/d";
    write(deep + "/bad", "text");
    write(deep + "/d/bad", "text");
    start();
    const Client client = connect();
    client.send("nCONTSCAN " + tree() + "\n");
    EXPECT_THAT(lines(through(client, 1), '\n'),
                ElementsAre((here / deep / "bad").native() + ": acme.Bad FOUND",
                            (here / deep / "d").native() + ": Access denied. ERROR"));
}

TEST_F(TreesTest, ANameCannotForgeALine) {
    const std::string forged = "a\n" + tree() + ": OK\nbad";
    write("tree/" + forged.substr(0, 1) + "\nx: OK\nbad", "text");
    start();
    const Client client = connect();
    client.send("nCONTSCAN " + tree() + "\n");
    EXPECT_EQ(through(client, 1), tree("a_x: OK_bad: acme.Bad FOUND\n"));
}

TEST_F(TreesTest, WhoIsGoneIsNotWalkedFor) {
    for (char name = 'a'; name <= 'z'; ++name) write("tree/"s + name, "text");
    start();
    {
        const Client gone = connect();
        gone.send("zCONTSCAN " + tree() + "\0"s);
        service.await(1);
    }
    settle();
    service.answer(0, report(Verdict::benign));
    EXPECT_TRUE(server->drain(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
    EXPECT_EQ(service.taken(), 1U);
    EXPECT_EQ(service.seen(0).failure, "its client is gone");
}

TEST_F(TreesTest, WhatIsReplacedByALinkMeanwhileIsNotFollowed) {
    write("secret", "text");
    write("tree/file", "text");
    write("tree/other", "text");
    settings.roots = {here / "tree"};
    start();
    const Client client = connect();
    client.send("nCONTSCAN " + tree() + "\n");
    service.await(1);
    std::filesystem::remove(tree("other"));
    std::filesystem::create_symlink(here / "secret", tree("other"));
    service.answer(0, report(Verdict::benign));
    EXPECT_EQ(client.rest(), tree("other: Access denied. ERROR\n"));
    EXPECT_EQ(service.taken(), 1U);
}

TEST_F(TreesTest, RepliesThatNobodyTakesDoNotPileUp) {
    for (int i = 0; i < 3000; ++i) write("tree/bad " + std::string(150, 'x') + std::to_string(i), "text");
    service.say(engine::Offer::closed);   // each is answered at once, with an ERROR
    start();
    const Client client = connect();
    client.send("nCONTSCAN " + tree() + "\n");
    settle();
    EXPECT_EQ(lines(client.rest(), '\n').size(), 3000U);
}

}   // namespace
}   // namespace microengine::clamd
