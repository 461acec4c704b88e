// SPDX-License-Identifier: MIT
// The server's end, and whether it is alive: what has begun is answered, and nothing hangs.
#include "tests/unit/clamd/scripted_fixture.hpp"

#include <fcntl.h>

namespace microengine::clamd {
namespace {

using core::Verdict;
using std::chrono::minutes;
using std::chrono::steady_clock;
using testing::AnyOf;

class LifeTest : public ScriptedTest {
protected:
    /// The server has been told, and has done what that means at once.
    void stop() const {
        server->stop_accepting();
        EXPECT_TRUE(server->answers(steady_clock::now() + minutes(1)));
    }
    [[nodiscard]] bool drain() const { return server->drain(steady_clock::now() + minutes(1)); }
};

TEST_F(LifeTest, AThreadThatHangsDoesNotAnswerAndOneThatGoesOnDoes) {
    start();
    EXPECT_TRUE(server->answers(steady_clock::now() + minutes(1)));
    service.hang(true);
    const Client client = connect();
    client.send(stream({"text"}));
    service.await_hanging();
    EXPECT_FALSE(server->answers(steady_clock::now()));
    EXPECT_FALSE(server->answers(steady_clock::now() + std::chrono::milliseconds(5)));
    service.hang(false);
    EXPECT_TRUE(server->answers(steady_clock::now() + minutes(1)));
}

TEST_F(LifeTest, ItAnswersWhenNobodyIsConnectedAnyMoreAndAfterTheEnd) {
    start();
    EXPECT_EQ(ask("nPING\n"), "PONG\n");
    EXPECT_TRUE(drain());
    EXPECT_TRUE(server->answers(steady_clock::now() + minutes(1))) << "its thread has not run dry";
}

TEST_F(LifeTest, ItEndsWithoutHavingBeenDrained) {
    start();
    const Client idle = connect();
    const Client half = connect();
    half.send("zINSTREAM\0"s + chunk("text"));
    const Client waits = connect();
    waits.send("nFILDES\n");
    settle();
    server.reset();
    EXPECT_EQ(idle.rest(), "");
}

TEST_F(LifeTest, NobodyIsLetInAfterIt) {
    start();
    EXPECT_TRUE(drain());
    EXPECT_FALSE(std::filesystem::exists(settings.listen.front()));
    EXPECT_TRUE(drain()) << "once more is no harm";
}

TEST_F(LifeTest, EverythingInWorkIsAnsweredHoweverItCame) {
    const std::string path = write("tree/file", "text");
    const util::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    start();
    const Client streams = connect();
    streams.send(stream({"text"}));
    service.await(1);
    const Client descriptor = connect();
    descriptor.send_with("nFILDES\n\0"s, {file.get()});
    service.await(2);
    const Client tree = connect();
    tree.send("zMULTISCAN " + (here / "tree").native() + "\0"s);
    service.await(3);
    const Client session = connect_tcp();
    session.send("zIDSESSION\0"s + stream({"1"}) + stream({"2"}));
    service.await(5);
    stop();
    for (std::size_t job = 5; job-- > 0;) service.answer(job, found("Bad"));
    EXPECT_EQ(streams.rest(), "stream: acme.Bad FOUND\0"s);
    EXPECT_THAT(descriptor.rest(), testing::EndsWith("]: acme.Bad FOUND\n"));
    EXPECT_EQ(tree.rest(), path + ": acme.Bad FOUND\0"s);
    EXPECT_EQ(session.rest(),
              "2: stream: acme.Bad FOUND\0"
              "1: stream: acme.Bad FOUND\0"s);
    EXPECT_TRUE(drain());
}

TEST_F(LifeTest, AStreamThatHasBegunMayBeFinished) {
    start();
    const Client client = connect();
    client.send("zINSTREAM\0"s + chunk("half, "));
    settle();
    stop();
    client.send(chunk("and half") + chunk(""));
    service.await(1);
    service.answer(0, found("Bad"));
    EXPECT_EQ(client.rest(), "stream: acme.Bad FOUND\0"s);
    EXPECT_EQ(service.seen(0).bytes, "half, and half");
    EXPECT_TRUE(drain());
}

TEST_F(LifeTest, WhoHasBegunNothingIsNotWaitedFor) {
    start();
    const Client silent = connect();
    const Client half = connect();
    half.send("zPIN");
    const Client old = connect();
    old.send("SC");
    const Client session = connect();
    session.send("zIDSESSION\0"s);
    const Client descriptor = connect();
    descriptor.send("nFILDES\n");
    settle();
    EXPECT_TRUE(drain());
    EXPECT_EQ(silent.rest(), "");
    EXPECT_EQ(half.rest(), "");
    EXPECT_THAT(old.rest(), AnyOf("", "UNKNOWN COMMAND\n"));
    EXPECT_EQ(session.rest(), "");
    EXPECT_EQ(descriptor.rest(), "");
}

TEST_F(LifeTest, AClientThatStillSendsGetsItsReplyAllTheSame) {
    settings.max_artifact_bytes = 4;
    settings.linger = settings.oversize_linger = minutes(10);
    start();
    for (const bool tcp : {false, true}) {
        const Client client = tcp ? connect_tcp() : connect();
        client.send("zINSTREAM\0"s + chunk("five5"));
        EXPECT_EQ(client.take(36), "INSTREAM size limit exceeded. ERROR\0"s);
        if (tcp) stop();
        const std::string much(1'000'000, 'x');
        std::size_t sent = 0;
        while (sent < much.size()) {
            const ssize_t now = ::send(client.fd(), much.data(), much.size() - sent, MSG_NOSIGNAL);
            ASSERT_GT(now, 0) << "it is read on until the client has finished";
            sent += static_cast<std::size_t>(now);
        }
        client.half_close();
        EXPECT_EQ(client.rest(), "");
    }
    EXPECT_TRUE(drain());
}

}   // namespace
}   // namespace microengine::clamd
