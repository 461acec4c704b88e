// SPDX-License-Identifier: MIT
// What the server asks of the engine, and that nothing is asked for nobody.
#include "tests/unit/clamd/scripted_fixture.hpp"

#include <fcntl.h>

#include <thread>

namespace microengine::clamd {
namespace {

using core::Verdict;
using testing::EndsWith;
using testing::StartsWith;

TEST_F(ScriptedTest, AJobSaysWhereItCameFromAndHowLongItMayTake) {
    settings.scan_timeout = std::chrono::milliseconds(1234);
    start();
    const Client client = connect();
    client.send(stream({"some ", "bytes"}));
    service.await(1);
    service.answer(0, report(Verdict::benign));
    EXPECT_EQ(client.rest(), "stream: OK\0"s);
    const auto seen = service.seen(0);
    EXPECT_EQ(seen.name, "stream");
    EXPECT_EQ(seen.frontend, "clamd");
    EXPECT_THAT(seen.request, StartsWith("clamd-"));
    EXPECT_EQ(seen.bytes, "some bytes");
    EXPECT_EQ(seen.timeout, std::chrono::milliseconds(1234));
    EXPECT_EQ(seen.urgency, engine::Urgency::interactive);
    EXPECT_FALSE(seen.all_matches) << "the first is enough";
    EXPECT_EQ(seen.detail, engine::Detail::verdict);
}

TEST_F(ScriptedTest, WhoScansMuchWaitsBehindWhoWaits) {
    const std::string path = write("file", "text");
    start();
    const std::vector<std::pair<std::string, engine::Urgency>> commands{
        {"SCAN", engine::Urgency::interactive},
        {"CONTSCAN", engine::Urgency::bulk},
        {"MULTISCAN", engine::Urgency::bulk},
        {"ALLMATCHSCAN", engine::Urgency::interactive}};
    for (std::size_t i = 0; i < commands.size(); ++i) {
        const Client client = connect();
        client.send("z" + commands[i].first + " " + path + "\0"s);
        service.await(i + 1);
        service.answer(i, report(Verdict::benign));
        EXPECT_EQ(client.rest(), path + ": OK\0"s);
        EXPECT_EQ(service.seen(i).urgency, commands[i].second) << commands[i].first;
        EXPECT_EQ(service.seen(i).all_matches, commands[i].first == "ALLMATCHSCAN");
        EXPECT_EQ(service.seen(i).bytes, "text");
        EXPECT_EQ(service.seen(i).client, service.seen(0).client) << "one user, one share of the queue";
    }
}

TEST_F(ScriptedTest, WhatIsNotTakenOnIsAnErrorNotOk) {
    const std::string path = write("file", "text");
    const util::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    start();
    for (const auto& [offer, reason] : {std::pair(engine::Offer::full, "Queue full"s),
                                        std::pair(engine::Offer::closed, "Shutting down"s)}) {
        service.say(offer);
        EXPECT_EQ(ask(stream({"text"})), "stream: " + reason + " ERROR\0"s);
        EXPECT_EQ(ask("nSCAN " + path + "\n"), path + ": " + reason + " ERROR\n");
        EXPECT_EQ(ask("nIDSESSION\n" + stream({"text"}, 'n') + "nEND\n"),
                  "1: stream: " + reason + " ERROR\n");
        const Client client = connect();
        client.send_with("nFILDES\n\0"s, {file.get()});
        EXPECT_THAT(client.rest(), EndsWith("]: " + reason + " ERROR\n"));
    }
    EXPECT_EQ(service.taken(), 0U);
    EXPECT_EQ(room->used(), 0U);
}

TEST_F(ScriptedTest, ADirectoryWaitsForItsTurnInAFullQueue) {
    const std::string bad = write("tree/bad", "text");
    settings.scan_timeout = std::chrono::minutes(10);
    service.say(engine::Offer::full);
    start();
    const Client client = connect();
    client.send("nCONTSCAN " + (here / "tree").native() + "\n");
    settle();
    service.say(engine::Offer::accepted);
    service.await(1);
    service.answer(0, found("Bad"));
    EXPECT_EQ(client.rest(), bad + ": acme.Bad FOUND\n");
}

TEST_F(ScriptedTest, ADirectoryDoesNotWaitForEver) {
    const std::string bad = write("tree/bad", "text");
    settings.scan_timeout = std::chrono::milliseconds(1);
    service.say(engine::Offer::full);
    start();
    EXPECT_EQ(ask("nCONTSCAN " + (here / "tree").native() + "\n"), bad + ": Queue full ERROR\n");
}

TEST_F(ScriptedTest, AStreamThatIsCutOffIsNeverOffered) {
    start();
    for (const std::string& cut : {"zINSTREAM\0"s, "zINSTREAM\0\0\0"s, "zINSTREAM\0"s + chunk("text"),
                                   "zINSTREAM\0"s + chunk("text").substr(0, 7), "zIDSESSION\0zINSTREAM\0"s}) {
        EXPECT_EQ(ask(cut), "") << cut;
        const Client gone = connect();
        gone.send(cut);
    }
    EXPECT_EQ(ask("nPING\n"), "PONG\n");
    while (room->used() != 0) std::this_thread::yield();
    EXPECT_EQ(service.taken(), 0U);
}

TEST_F(ScriptedTest, TheRoomOfAStreamIsGivenBackWhenItIsScanned) {
    start();
    const Client client = connect();
    client.send(stream({std::string(5000, 'x')}));
    service.await(1);
    EXPECT_EQ(room->used(), 5000U);
    service.answer(0, report(Verdict::benign));
    EXPECT_EQ(client.rest(), "stream: OK\0"s);
    EXPECT_EQ(room->used(), 0U);
}

TEST_F(ScriptedTest, AStreamThatFoundNoRoomTakesNoneWhileItsRestIsRead) {
    room = std::make_shared<intake::SpoolRoom>(1000, "");
    start();
    const Client client = connect();
    client.send("zINSTREAM\0"s + chunk(std::string(600, 'x')) + chunk(std::string(600, 'x')));
    settle();
    EXPECT_EQ(room->used(), 0U);
    const Client other = connect();
    other.send(stream({std::string(1000, 'x')}));
    service.await(1);
    client.send(chunk("and the end") + chunk(""));
    EXPECT_EQ(client.rest(), "stream: Can't create temporary file ERROR\0"s);
    service.finish();
    EXPECT_EQ(service.taken(), 1U);
}

TEST_F(ScriptedTest, WhatAClientThatIsGoneSentIsNotRead) {
    start();
    {
        const Client gone = connect();
        gone.send(stream({"text"}));
        service.await(1);
    }
    settle();
    service.answer(0, report(Verdict::benign));
    EXPECT_EQ(service.seen(0).failure, "its client is gone");
    EXPECT_EQ(room->used(), 0U);
}

TEST_F(ScriptedTest, AHalfCloseIsNotGoingAway) {
    start();
    for (const bool tcp : {false, true}) {
        const Client client = tcp ? connect_tcp() : connect();
        client.send(stream({"text"}));
        client.half_close();
        const std::size_t job = tcp ? 1 : 0;
        service.await(job + 1);
        settle();
        service.answer(job, found("Bad"));
        EXPECT_EQ(client.rest(), "stream: acme.Bad FOUND\0"s);
        EXPECT_EQ(service.seen(job).bytes, "text");
    }
}

}   // namespace
}   // namespace microengine::clamd
