// SPDX-License-Identifier: MIT
// Limits, timeouts and the end: everybody gets an answer, nobody keeps another out.
#include "tests/unit/clamd/clamd_fixture.hpp"

#include <thread>

namespace microengine::clamd {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::AnyOf;
using testing::EndsWith;
using testing::StartsWith;

TEST_F(ClamdTest, AClientThatSaysNothingIsToldSo) {
    settings.command_timeout = milliseconds(20);
    start();
    EXPECT_EQ(connect().rest(), "COMMAND READ TIMED OUT\n");
    const Client half = connect();
    half.send("zPIN");
    EXPECT_EQ(half.rest(), "COMMAND READ TIMED OUT\n");
}

TEST_F(ClamdTest, AStreamThatStallsIsToldSo) {
    settings.read_timeout = milliseconds(20);
    start();
    const Client client = connect();
    client.send("zINSTREAM\0"s + chunk("half of it").substr(0, 8));
    EXPECT_EQ(client.rest(), "COMMAND READ TIMED OUT\n");
    EXPECT_EQ(room->used(), 0U);
}

TEST_F(ClamdTest, WaitingForADescriptorHasATimeOfItsOwn) {
    settings.command_timeout = milliseconds(1000);
    settings.fd_wait_timeout = milliseconds(20);
    start();
    const Client client = connect();
    client.send("nFILDES\n");
    EXPECT_EQ(client.rest(), "COMMAND READ TIMED OUT\n");
}

TEST_F(ClamdTest, AFullQueueIsAnErrorNotOk) {
    slots = 1;
    queue = 2;
    start();
    const Client first = connect();
    first.send(stream({"hold"}));
    gate.until_waiting(1);
    std::vector<Client> more;
    std::string answer;
    while (answer.empty()) {   // until one is not taken on
        const Client client = connect();
        client.send(stream({"fine"}));
        client.half_close();
        std::array<char, 100> text{};
        if (more.size() < 2) {
            more.push_back(connect());
            more.back().send(stream({"waits"}));
            continue;
        }
        answer.assign(text.data(), static_cast<std::size_t>(std::max<ssize_t>(
                                       ::recv(client.fd(), text.data(), text.size(), 0), 0)));
    }
    EXPECT_EQ(answer, "stream: Queue full ERROR\0"s);
    gate.open();
    EXPECT_EQ(first.rest(), "stream: OK\0"s);
}

TEST_F(ClamdTest, AtTheEndWhatIsInWorkIsAnswered) {
    start();
    const Client busy = connect();
    busy.send(stream({"hold malicious"}));
    const Client session = connect();
    session.send("zIDSESSION\0"s + stream({"hold malicious"}));
    const Client idle = connect();
    idle.send("zIDSESSION\0zPING\0"s);
    EXPECT_EQ(idle.take(8), "1: PONG\0"s);
    gate.until_waiting(2);
    server->stop_accepting();
    EXPECT_EQ(idle.rest(), "") << "idle clients are not waited for";
    gate.open();
    EXPECT_EQ(busy.rest(), "stream: a.Bad_Thing___1_ FOUND\0"s);
    EXPECT_EQ(session.rest(), "1: stream: a.Bad_Thing___1_ FOUND\0"s);
    EXPECT_TRUE(server->drain(steady_clock::now() + std::chrono::minutes(1)));
    EXPECT_FALSE(std::filesystem::exists(settings.listen.front()));
}

TEST_F(ClamdTest, DrainingHasAnEndEvenIfAScanHasNone) {
    start();
    const Client busy = connect();
    busy.send(stream({"hold"}));
    gate.until_waiting(1);
    EXPECT_FALSE(server->drain(steady_clock::now() + milliseconds(1)));
    EXPECT_EQ(busy.rest(), "");
}

TEST_F(ClamdTest, TheScanOfAClientThatIsGoneIsNotBegun) {
    slots = 1;
    start();
    const Client first = connect();
    first.send(stream({"hold"}));
    gate.until_waiting(1);
    {
        const Client gone = connect();
        gone.send(stream({std::string(1000, 'x')}));
        while (service->load().waiting == 0) std::this_thread::yield();
    }
    EXPECT_EQ(ask("nPING\n"), "PONG\n");   // by now it has been seen to be gone
    gate.open();
    service->drain();
    while (room->used() != 0) std::this_thread::yield();   // its room is given back
    EXPECT_EQ(scanned, 1);
}

TEST_F(ClamdTest, MoreConnectionsThanAllowedWait) {
    settings.max_connections = 1;
    start();
    const Client first = connect();
    first.send("zIDSESSION\0zPING\0"s);
    EXPECT_EQ(first.take(8), "1: PONG\0"s);
    const Client second = connect();
    second.send("nPING\n");
    first.send("zEND\0"s);
    EXPECT_EQ(first.rest(), "");
    EXPECT_EQ(second.rest(), "PONG\n");
}

TEST_F(ClamdTest, AClientThatTakesNoAnswersIsGivenUp) {
    settings.send_timeout = milliseconds(50);
    start();
    const Client client = connect();
    client.send("zIDSESSION\0"s);
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "zVERSIONCOMMANDS\0"s;
    while (::send(client.fd(), many.data(), many.size(), MSG_NOSIGNAL) > 0) {
    }
    EXPECT_THAT(errno, AnyOf(EPIPE, ECONNRESET));
    EXPECT_EQ(ask("nPING\n"), "PONG\n");
}

}   // namespace
}   // namespace microengine::clamd
