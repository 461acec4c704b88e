// SPDX-License-Identifier: MIT
#include "fetch_support.hpp"

namespace microengine::fetch {
namespace {

using testing::EndsWith;
using testing::StartsWith;

class TlsTest : public testing::Test {
protected:
    TlsTest() {
        write_certificate(dir_, "secure.example");
        Names::set("secure.example", {"127.0.0.1"});
        Names::set("other.example", {"127.0.0.1"});
    }
    ClientSettings trusting() const {
        ClientSettings settings = settings_for_tests();
        settings.ca_file = dir_ / "cert.pem";
        return settings;
    }
    static std::string url(const LocalServer& server, std::string_view host) {
        return "https://" + std::string(host) + ":" + std::to_string(server.port()) + "/a";
    }
    static std::string result(ClientSettings settings, const std::string& url) {
        Client client(std::move(settings), new_room());
        return result_of(fetch(client, get_of(url)));
    }

    TempDir dir_;
};

TEST_F(TlsTest, ACertificateMustBeTrustedAndHaveTheName) {
    const LocalServer server(answering(ok("x")), dir_);
    EXPECT_EQ(result(trusting(), url(server, "secure.example")), "none");
    for (const std::string& refused :
         {result(settings_for_tests(), url(server, "secure.example")),
          result(trusting(), url(server, "other.example")), result(trusting(), url(server, "127.0.0.1"))}) {
        EXPECT_THAT(refused, StartsWith("tls: the certificate of "));
        EXPECT_THAT(refused, EndsWith(" is not trusted"));
    }
    EXPECT_EQ(server.requests().size(), 1U);
    EXPECT_EQ(server.connections(), 4U);   // not tried again
}

TEST_F(TlsTest, WhoSpeaksNoTlsIsNotAsked) {
    const LocalServer server([](Peer& peer) {
        peer.send("HTTP/1.1 400 x\r\n\r\n");
        peer.wait_until_gone();
    });
    EXPECT_THAT(result(trusting(), url(server, "secure.example")), StartsWith("tls: no TLS connection to "));
}

TEST_F(TlsTest, NoRedirectLeadsFromHttpsToHttp) {
    const LocalServer plain(answering(ok("never")));
    const LocalServer server(
        answering("HTTP/1.1 302 x\r\nLocation: " + plain.url("/a") + "\r\nContent-Length: 0\r\n\r\n"), dir_);
    EXPECT_THAT(result(trusting(), url(server, "secure.example")), EndsWith(" redirects from https to http"));
    EXPECT_EQ(plain.connections(), 0U);
}

TEST_F(TlsTest, ARedirectMayLeadFromHttpToHttps) {
    const LocalServer server(answering(ok("x")), dir_);
    const LocalServer plain(
        in_turn({"HTTP/1.1 302 x\r\nLocation: " + url(server, "secure.example") + "\r\n\r\n"}));
    EXPECT_EQ(result(trusting(), plain.url("/a")), "none");
    EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(TlsTest, AnAnswerIsCutShortAlsoUnderTls) {
    const auto ending = [](bool said) {
        return [said](Peer& peer) {
            (void)peer.request();
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
            if (!said) peer.vanish();
        };
    };
    for (const bool said : {true, false}) {
        const LocalServer server(ending(said), dir_);
        EXPECT_THAT(result(trusting(), url(server, "secure.example")), EndsWith(" was cut short"));
    }
}

}   // namespace
}   // namespace microengine::fetch
