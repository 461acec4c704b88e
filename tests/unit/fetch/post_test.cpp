// SPDX-License-Identifier: MIT
#include "fetch_support.hpp"

namespace microengine::fetch {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class PostTest : public testing::Test {
protected:
    static Post post_to(std::string url, std::string body = "{}") {
        return {.url = std::move(url), .body = std::move(body), .deadline = core::Deadline::after(kPatience)};
    }
    PostAnswer answer(const Script& script) {
        const LocalServer server(script);
        return fetch(client_, post_to(server.url("/r?nonce=1")));
    }

    Client client_{settings_for_tests(), new_room()};
};

TEST_F(PostTest, SendsJsonOverOneConnection) {
    const LocalServer server(answering(ok("accepted")));
    const PostAnswer first = fetch(client_, post_to(server.url("/r?nonce=1"), R"({"verdict":"benign"})"));
    EXPECT_EQ(first.failure, Failure::none);
    EXPECT_EQ(first.status, 200U);
    EXPECT_EQ(first.head, "accepted");
    EXPECT_EQ(first.why, "");
    EXPECT_EQ(first.retry_after, milliseconds(0));
    EXPECT_EQ(fetch(client_, post_to(server.url("/r?nonce=2"), "")).status, 200U);
    const std::string host = "Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n";
    EXPECT_THAT(
        server.requests(),
        ElementsAre("POST /r?nonce=1 HTTP/1.1\r\n" + host +
                        "Accept: */*\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n" +
                        R"({"verdict":"benign"})",
                    "POST /r?nonce=2 HTTP/1.1\r\n" + host +
                        "Accept: */*\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n"));
    EXPECT_EQ(server.connections(), 1U);
}

TEST_F(PostTest, ALargeBodyIsSentWithoutAskingForLeave) {
    const LocalServer server(answering(ok("")));
    const std::string body(3'000'000, 'x');
    EXPECT_EQ(fetch(client_, post_to(server.url("/r"), body)).status, 200U);
    ASSERT_EQ(server.requests().size(), 1U);
    EXPECT_THAT(server.requests()[0].substr(0, 500), Not(HasSubstr("Expect")));
    EXPECT_TRUE(server.requests()[0].ends_with(body));
}

TEST_F(PostTest, EveryStatusIsAnAnswer) {
    for (const unsigned status : {201U, 204U, 301U, 302U, 307U, 400U, 409U, 429U, 500U, 503U}) {
        const LocalServer server(answering("HTTP/1.1 " + std::to_string(status) +
                                           " x\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"));
        const PostAnswer answer = fetch(client_, post_to(server.url("/r")));
        EXPECT_EQ(result_of(answer), "none");
        EXPECT_EQ(answer.status, status);
        EXPECT_EQ(server.requests().size(), 1U);
    }
}

TEST_F(PostTest, SaysWhenToAskAgain) {
    EXPECT_EQ(answer(answering("HTTP/1.1 429 x\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n")).retry_after,
              milliseconds(7'000));
    EXPECT_EQ(answer(answering("HTTP/1.1 503 x\r\nRetry-After: Fri, 31 Dec 2100 23:59:59 GMT\r\n"
                               "Content-Length: 0\r\n\r\n"))
                  .retry_after,
              std::chrono::hours(24));
}

TEST_F(PostTest, TheAnswersBodyIsReadOnlySoFar) {
    EXPECT_EQ(answer(answering(ok(std::string(600, 'x')))).head, std::string(512, 'x'));
    const PostAnswer endless = answer([](Peer& peer) {
        (void)peer.request();
        peer.send("HTTP/1.1 202 x\r\n\r\n");
        while (peer.send("0123456789abcdef")) {
        }
    });
    EXPECT_EQ(result_of(endless), "none");
    EXPECT_EQ(endless.status, 202U);
    EXPECT_THAT(endless.head, StartsWith("0123456789abcdef0123"));
    EXPECT_EQ(endless.head.size(), 512U);
}

TEST_F(PostTest, AStatusCountsAlsoWhenTheBodyBehindItIsCutShortOrLate) {
    const PostAnswer cut = answer(in_turn({"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"}));
    EXPECT_EQ(result_of(cut), "none");
    EXPECT_EQ(cut.status, 200U);
    EXPECT_EQ(cut.head, "abc");

    const LocalServer server([](Peer& peer) {
        (void)peer.request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
        peer.wait_until_gone();
    });
    Post request = post_to(server.url("/r"));
    request.deadline = core::Deadline::after(milliseconds(1'000));
    const PostAnswer late = fetch(client_, std::move(request));
    EXPECT_EQ(result_of(late), "none");
    EXPECT_EQ(late.status, 200U);
}

TEST_F(PostTest, WithoutAStatusThereIsNoAnswerAndNoSecondAttempt) {
    const LocalServer server(in_turn({"HTTP/1.1 200 OK\r\nContent-Le", ok("never")}));
    EXPECT_THAT(result_of(fetch(client_, post_to(server.url("/r?nonce=1")))), StartsWith("broken: "));
    EXPECT_EQ(server.connections(), 1U);

    const LocalServer silent([](Peer& peer) { peer.wait_until_gone(); });
    Post request = post_to(silent.url("/r?nonce=1"));
    request.deadline = core::Deadline::after(milliseconds(40));
    const PostAnswer late = fetch(client_, std::move(request));
    EXPECT_THAT(result_of(late), StartsWith("timeout: "));
    EXPECT_EQ(late.status, 0U);
}

TEST_F(PostTest, OnlyHttpIsPostedTo) {
    for (const std::string_view url : {"data:,x", "file:///tmp/x", "ftp://127.0.0.1/", ""})
        EXPECT_EQ(result_of(fetch(client_, post_to(std::string(url)))), "scheme: it is no http or https URL")
            << url;
}

}   // namespace
}   // namespace microengine::fetch
