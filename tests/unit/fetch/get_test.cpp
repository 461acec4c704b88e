// SPDX-License-Identifier: MIT
// What a get brings, of a server that answers as it should or not.
#include "fetch_support.hpp"

namespace microengine::fetch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kChunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

class GetTest : public testing::Test {
protected:
    std::string result(const Script& script, std::uint64_t most_bytes = 1'000, std::uint32_t attempts = 1) {
        const LocalServer server(script);
        Client client(settings_for_tests(), room_);
        Get request = get_of(server.url("/a"), most_bytes);
        request.attempts = attempts;
        const GetAnswer answer = fetch(client, std::move(request));
        EXPECT_EQ(answer.failure == Failure::none, answer.got != nullptr);
        std::string result = result_of(answer);
        const std::string place = "127.0.0.1:" + std::to_string(server.port());
        if (const std::size_t at = result.find(place); at != std::string::npos)
            result.replace(at, place.size(), "HERE");
        return result;
    }

    std::shared_ptr<intake::SpoolRoom> room_ = new_room();
};

TEST_F(GetTest, TheBytesTheirDigestAndTheirType) {
    const LocalServer server(answering(ok("an artifact", "Content-Type: Text/Plain; x=y\r\n")));
    Client client(settings_for_tests(), room_);
    GetAnswer answer = fetch(client, get_of(server.url("/a?token=1")));
    ASSERT_TRUE(answer.got != nullptr) << answer.why;
    EXPECT_EQ(answer.got->type, "Text/Plain; x=y");
    EXPECT_EQ(room_->used(), 11U);
    EXPECT_EQ(bytes_of(std::move(answer)), "an artifact");
    EXPECT_EQ(room_->used(), 0U);
    EXPECT_THAT(server.requests(), ElementsAre(StartsWith("GET /a?token=1 HTTP/1.1\r\n")));
}

TEST_F(GetTest, NothingIsSentThatNobodyNeeds) {
    const LocalServer server(answering(ok("", "Set-Cookie: a=b\r\n")));
    ClientSettings settings = settings_for_tests();
    settings.user_agent = "microengine/1";
    Client client(settings, room_);
    const std::string url =
        "http://user:secret@127.0.0.1:" + std::to_string(server.port()) + "/a b\xC3\xA9?q#fragment";
    EXPECT_EQ(result_of(fetch(client, get_of(url))), "none");
    EXPECT_EQ(result_of(fetch(client, get_of(url))), "none");
    const std::string expected =
        "GET /a%20b%c3%a9?q HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
        "\r\nUser-Agent: microengine/1\r\nAccept: */*\r\n\r\n";
    EXPECT_THAT(server.requests(), ElementsAre(expected, expected));
    EXPECT_EQ(server.connections(), 1U);
}

TEST_F(GetTest, AnEmptyBodyIsAnEmptyArtifact) {
    const LocalServer server(answering(ok("")));
    Client client(settings_for_tests(), room_);
    EXPECT_EQ(bytes_of(fetch(client, get_of(server.url("/a")))), "");
}

TEST_F(GetTest, ALargeArtifactIsWhole) {
    std::string body(3'000'000, '\0');
    for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 7 % 251);
    const LocalServer server(answering(ok(body)));
    Client client(settings_for_tests(), room_);
    EXPECT_TRUE(bytes_of(fetch(client, get_of(server.url("/a"), body.size()))) == body);
    EXPECT_EQ(result_of(fetch(client, get_of(server.url("/a"), body.size()))), "none");
}

TEST_F(GetTest, ChunksAndTheEndOfTheConnectionEndABody) {
    for (const std::string& answer :
         {std::string(kChunked) + "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: x\r\n\r\n",
          std::string("HTTP/1.1 200 OK\r\nContent-Encoding: \r\n\r\nabcde"),
          std::string("HTTP/1.0 200 OK\r\nContent-Encoding: Identity\r\n\r\nabcde"),
          "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nA: b\r\n\r\n" + ok("abcde")}) {
        const LocalServer server(in_turn({answer}));
        Client client(settings_for_tests(), room_);
        EXPECT_EQ(bytes_of(fetch(client, get_of(server.url("/a")))), "abcde") << answer;
    }
}

TEST_F(GetTest, OnlyStatus200IsGood) {
    for (const std::string status :
         {"201", "202", "204", "206", "226", "304", "400", "401", "404", "416", "500"}) {
        EXPECT_EQ(result(in_turn({"HTTP/1.1 " + status + " x\r\nContent-Length: 1\r\n\r\na"})),
                  "status: HERE answered " + status);
    }
}

TEST_F(GetTest, ACompressedAnswerIsRefused) {
    for (const std::string field :
         {"Content-Encoding: gzip", "content-encoding: br", "Content-Encoding: identity, gzip",
          "Content-Encoding: identity\r\nContent-Encoding: gzip", "Content-Encoding:\r\n gzip",
          "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: gzip", "Transfer-Encoding: unheard-of"}) {
        EXPECT_THAT(result(in_turn({ok("a", field + "\r\n")})), StartsWith("encoded: HERE sent ")) << field;
    }
}

TEST_F(GetTest, WhatAnnouncesToBeTooLargeIsNotRead) {
    // The body never comes: if it were waited for, this test would not end.
    for (const std::string length : {"1001", "99999999999999999999999"}) {
        const auto script = [&](Peer& peer) {
            (void)peer.request();
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n");
            peer.wait_until_gone();
        };
        EXPECT_EQ(result(script), "too_large: HERE announces more than the 1 kB that are taken");
    }
}

TEST_F(GetTest, WhatIsTooLargeIsReadNoFurther) {
    const auto endless = [](Peer& peer) {
        (void)peer.request();
        peer.send(kChunked);
        while (peer.send("10\r\n0123456789abcdef\r\n")) {
        }
    };
    EXPECT_EQ(result(endless), "too_large: HERE sent more than the 1 kB that are taken");
    EXPECT_EQ(room_->used(), 0U);
    EXPECT_EQ(result(in_turn({ok(std::string(1'000, 'x'))})), "none");
    EXPECT_THAT(result(in_turn({ok("x")}), 0), StartsWith("too_large: "));
    EXPECT_EQ(result(in_turn({ok("")}), 0), "none");
}

TEST_F(GetTest, AnEndlessHeadIsReadNoFurther) {
    const auto fields = [](Peer& peer) {
        (void)peer.request();
        peer.send("HTTP/1.1 200 OK\r\n");
        while (peer.send("X-Field: 0123456789abcdef0123456789abcdef\r\n")) {
        }
    };
    const auto heads = [](Peer& peer) {
        (void)peer.request();
        while (peer.send("HTTP/1.1 100 Continue\r\n\r\n")) {
        }
    };
    const auto line = [](Peer& peer) {
        (void)peer.request();
        peer.send("HTTP/1.1 200 OK\r\nX-Field: ");
        while (peer.send("0123456789abcdef0123456789abcdef")) {
        }
    };
    const auto trailer = [](Peer& peer) {
        (void)peer.request();
        peer.send(std::string(kChunked) + "0\r\n");
        while (peer.send("X-Field: 0123456789abcdef0123456789abcdef\r\n")) {
        }
    };
    EXPECT_EQ(result(fields), "broken: the head of the answer of HERE has more than 65.5 kB");
    EXPECT_THAT(result(heads), StartsWith("broken: the head of "));
    EXPECT_THAT(result(line), StartsWith("broken: "));
    EXPECT_THAT(result(trailer), StartsWith("broken: the head of "));
}

TEST_F(GetTest, AnAnswerThatIsCutShortIsBroken) {
    for (const std::string& answer :
         {std::string("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
          std::string(kChunked) + "10\r\nabc", std::string(kChunked) + "3\r\nabc\r\n",
          std::string("HTTP/1.1 200 OK\r\nContent-Le"), std::string(),
          std::string(kChunked) + "x\r\nabc\r\n0\r\n\r\n"})
        EXPECT_EQ(result(in_turn({answer})), "broken: the answer of HERE was cut short") << answer;
    EXPECT_EQ(room_->used(), 0U);
}

TEST_F(GetTest, AnAnswerThatIsNoHttpIsBroken) {
    for (const std::string answer :
         {"SSH-2.0-OpenSSH_9.2\r\n", "220 mail.example ESMTP\r\n", "ICY 200 OK\r\n\r\nabc"})
        EXPECT_THAT(result(in_turn({answer})), StartsWith("broken: the answer of HERE")) << answer;
}

TEST_F(GetTest, WithoutRoomThereIsNoArtifact) {
    room_ = new_room(10);
    EXPECT_EQ(result(in_turn({ok("0123456789a")})), "room: serve.spool_bytes: no room for more artifacts");
    EXPECT_EQ(room_->used(), 0U);
    EXPECT_EQ(result(in_turn({ok("0123456789")})), "none");
}

TEST_F(GetTest, ATroubleThatMayPassIsTriedAgainFromNothing) {
    const std::string cut = "HTTP/1.1 200 OK\r\nContent-Type: text/cut\r\nContent-Length: 10\r\n\r\nabc";
    const LocalServer server(in_turn({"HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n", cut, ok("whole")}));
    Client client(settings_for_tests(), room_);
    GetAnswer answer = fetch(client, get_of(server.url("/a")));
    ASSERT_TRUE(answer.got != nullptr) << answer.why;
    EXPECT_EQ(answer.got->type, "");
    EXPECT_EQ(room_->used(), 5U);
    EXPECT_EQ(bytes_of(std::move(answer)), "whole");
    EXPECT_EQ(server.connections(), 3U);
}

TEST_F(GetTest, AttemptsAreCounted) {
    const LocalServer server(answering("HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n"));
    Client client(settings_for_tests(), room_);
    Get request = get_of(server.url("/a"));
    request.attempts = 2;
    EXPECT_THAT(result_of(fetch(client, std::move(request))), StartsWith("status: "));
    EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(GetTest, WhatWillNotPassIsNotTriedAgain) {
    for (const std::string& answer :
         {std::string("HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n"), ok("abc", "Content-Encoding: gzip\r\n"),
          ok(std::string(2'000, 'x')), std::string("HTTP/1.1 302 x\r\nContent-Length: 0\r\n\r\n")}) {
        const LocalServer server(answering(answer));
        Client client(settings_for_tests(), room_);
        EXPECT_NE(fetch(client, get_of(server.url("/a"), 1'000)).failure, Failure::none);
        EXPECT_EQ(server.requests().size(), 1U) << answer;
    }
}

TEST_F(GetTest, NoAttemptIsMadeThatWouldBeginBehindTheDeadline) {
    const LocalServer server(answering("HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n"));
    Client client(settings_for_tests(), room_);
    Get request = get_of(server.url("/a"));
    request.attempts = 1'000;
    request.deadline = core::Deadline::after(std::chrono::milliseconds(400));
    // 100 + 200 + 400 ms and more: the last status is the answer, not the deadline.
    EXPECT_THAT(result_of(fetch(client, std::move(request))), StartsWith("status: "));
    EXPECT_LE(server.requests().size(), 4U);
}

TEST_F(GetTest, WhereNobodyListensThereIsNoConnection) {
    const std::uint16_t port = LocalServer(answering("")).port();
    Client client(settings_for_tests(), room_);
    Get request = get_of("http://127.0.0.1:" + std::to_string(port) + "/secret?token=1");
    request.attempts = 2;
    const std::string result = result_of(fetch(client, std::move(request)));
    EXPECT_EQ(result,
              "connect: cannot connect to 127.0.0.1:" + std::to_string(port) + ": Connection refused");
}

TEST_F(GetTest, ADataUrlNeedsNoNetwork) {
    Client client(settings_for_tests(), room_);
    GetAnswer answer = fetch(client, get_of("data:text/uri-list;base64,YWJj"));
    ASSERT_TRUE(answer.got != nullptr) << answer.why;
    EXPECT_EQ(answer.got->type, "text/uri-list");
    EXPECT_EQ(bytes_of(std::move(answer)), "abc");
    EXPECT_EQ(result_of(fetch(client, get_of("data:,abc", 2))),
              "too_large: data: has 3 bytes, at most 2 are taken");
    EXPECT_EQ(result_of(fetch(client, get_of("data:abc"))), "broken: data: there is no comma in it");
    Client crowded(settings_for_tests(), new_room(2));
    EXPECT_THAT(result_of(fetch(crowded, get_of("data:,abc"))), StartsWith("room: "));
}

TEST_F(GetTest, OtherSchemesAreRefused) {
    Client client(settings_for_tests(), room_);
    using namespace std::string_literals;
    for (const std::string& url :
         {"file:///etc/passwd"s, "ftp://127.0.0.1/a"s, "gopher://127.0.0.1/"s, "store.example/a"s,
          "/etc/passwd"s, ""s, "http://"s, "http:"s, "javascript:alert(1)"s, " http://127.0.0.1/"s,
          "http://127.0.0.1:99999/"s, "http://127.0.0.1/\r\nX: y"s, "http://127.0.0.1\0.example/"s,
          "unix:///run/docker.sock"s, "dict://127.0.0.1/"s, "ipfs://127.0.0.1/"s})
        EXPECT_EQ(result_of(fetch(client, get_of(url))), "scheme: it is no http, https or data: URL") << url;
}

TEST_F(GetTest, SentencesHaveNothingOfTheUrlButTheHost) {
    const LocalServer server(
        answering("HTTP/1.1 404 secret-reason\r\nX: secret-field\r\nContent-Length: 0\r\n\r\n"));
    Client client(settings_for_tests(), room_);
    const GetAnswer answer = fetch(
        client,
        get_of("http://secret:secret@127.0.0.1:" + std::to_string(server.port()) + "/secret?secret#secret"));
    EXPECT_EQ(answer.failure, Failure::status);
    EXPECT_THAT(answer.why, Not(HasSubstr("secret")));
}

}   // namespace
}   // namespace microengine::fetch
