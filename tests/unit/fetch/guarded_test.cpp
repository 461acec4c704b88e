// SPDX-License-Identifier: MIT
// Whom a client connects to, whatever the URL, the resolver and the environment say.
#include "fetch_support.hpp"

#include <cstdlib>

namespace microengine::fetch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class GuardedTest : public testing::Test {
protected:
    std::string at_port(std::string_view host) const {
        return "http://" + std::string(host) + ":" + std::to_string(server_.port()) + "/a";
    }
    std::string result(ClientSettings settings, const std::string& url) {
        Client client(std::move(settings), new_room());
        return result_of(fetch(client, get_of(url)));
    }

    LocalServer server_{answering(ok("inside"))};
};

TEST_F(GuardedTest, HoweverAClosedAddressIsWrittenNobodyConnects) {
    Names::set("127.0.0.1.", {"127.0.0.1"});
    Names::set("inside.example", {"127.0.0.1"});
    Names::set("inside.example.", {"127.0.0.1"});
    Names::set("six.example", {"::1", "::ffff:127.0.0.1"});
    Names::set("1.0.0.127.in-addr.example", {"127.0.0.1"});
    for (const std::string_view host :
         {"127.0.0.1",
          "127.1",
          "127.0.1",
          "0x7f.1",
          "0x7f000001",
          "2130706433",
          "017700000001",
          "0177.0.0.1",
          "127.0.0.1.",
          "0",
          "0.0.0.0",
          "%31%32%37.0.0.1",
          "localhost",
          "LOCALHOST",
          "localhost.",
          "a.localhost",
          "[::1]",
          "[::]",
          "[::ffff:127.0.0.1]",
          "[::ffff:7f00:1]",
          "[0:0:0:0:0:ffff:7f00:0001]",
          "[::127.0.0.1]",
          "[64:ff9b::7f00:1]",
          "inside.example",
          "inside.example.",
          "six.example",
          "1.0.0.127.in-addr.example",
          "store.example@127.0.0.1",
          "store.example:80@127.0.0.1",
          "\xE2\x91\xA0\xE2\x91\xA1\xE2\x91\xA6\xE3\x80\x82\xE2\x93\xAA.\xE2\x93\xAA.\xE2\x91\xA0"}) {
        EXPECT_THAT(result(ClientSettings(), at_port(host)), testing::Not("none")) << host;
    }
    EXPECT_EQ(server_.connections(), 0U);
}

TEST_F(GuardedTest, TheSentenceSaysWhichAddressWasRefused) {
    Names::set("inside.example", {"10.0.0.1"});
    const std::string port = std::to_string(server_.port());
    EXPECT_EQ(result(ClientSettings(), at_port("inside.example")),
              "address: inside.example:" + port + " is at 10.0.0.1, which is neither public nor allowed");
    EXPECT_THAT(result(ClientSettings(), at_port("2130706433")), HasSubstr(" is at 127.0.0.1, which "));
    EXPECT_EQ(Names::asked("inside.example"), 1U);
}

TEST_F(GuardedTest, EachAddressOfANameIsJudged) {
    Names::set("both.example", {"10.0.0.1", "127.0.0.1"});
    EXPECT_EQ(result(allowing({"127.0.0.1"}), at_port("both.example")), "none");
    EXPECT_EQ(server_.connections(), 1U);
}

TEST_F(GuardedTest, AnAllowedNameMayBeAnywhere) {
    Names::set("store.example", {"127.0.0.1"});
    EXPECT_EQ(result(allowing({"store.example"}), at_port("Store.Example")), "none");
    EXPECT_THAT(result(allowing({"store.example"}), at_port("127.0.0.1")), StartsWith("address: "));
    EXPECT_THAT(result(allowing({"store.example:1"}), at_port("store.example")), StartsWith("address: "));
    EXPECT_THAT(result(allowing({"store.example"}), at_port("store.example@127.0.0.1")),
                StartsWith("address: "));
    EXPECT_EQ(server_.connections(), 1U);
}

TEST_F(GuardedTest, AConnectionIsNotUsedAgainUnderAnotherName) {
    Names::set("store.example", {"127.0.0.1"});
    Names::set("other.example", {"127.0.0.1"});
    Client client(allowing({"store.example"}), new_room());
    EXPECT_EQ(result_of(fetch(client, get_of(at_port("store.example")))), "none");
    EXPECT_THAT(result_of(fetch(client, get_of(at_port("other.example")))), StartsWith("address: "));
    EXPECT_THAT(result_of(fetch(client, get_of(at_port("127.0.0.1")))), StartsWith("address: "));
    EXPECT_EQ(result_of(fetch(client, get_of(at_port("store.example")))), "none");
    EXPECT_EQ(server_.connections(), 1U);
    EXPECT_EQ(server_.requests().size(), 2U);
}

TEST_F(GuardedTest, PostsAreGuardedToo) {
    Client client(ClientSettings(), new_room());
    const PostAnswer answer =
        fetch(client,
              Post{.url = at_port("127.0.0.1"), .body = "{}", .deadline = core::Deadline::after(kPatience)});
    EXPECT_EQ(answer.failure, Failure::address);
    EXPECT_EQ(server_.connections(), 0U);
}

TEST_F(GuardedTest, ANameThatDoesNotResolveIsAskedForAgain) {
    Names::set("late.example", {"127.0.0.1"});
    Names::fail_first("late.example", 1);
    EXPECT_EQ(result(allowing({"127.0.0.1"}), at_port("late.example")), "none");
    EXPECT_EQ(Names::asked("late.example"), 2U);
    Names::set("none.example", {});
    EXPECT_EQ(result(allowing({}), "http://none.example/?token"),
              "resolve: the name of none.example does not resolve");
    EXPECT_EQ(Names::asked("none.example"), 3U);
}

/// Set for the life of one test; no other thread is there when it changes.
class Environment {
public:
    explicit Environment(std::vector<std::pair<std::string, std::string>> variables)
        : variables_(std::move(variables)) {
        for (const auto& [name, value] : variables_) ::setenv(name.c_str(), value.c_str(), 1);
    }
    ~Environment() {
        for (const auto& [name, value] : variables_) ::unsetenv(name.c_str());
    }
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;

private:
    std::vector<std::pair<std::string, std::string>> variables_;
};

TEST_F(GuardedTest, TheProxiesOfTheEnvironmentAreIgnored) {
    const std::string nobody = "http://127.0.0.1:1";
    const Environment environment(
        {{"http_proxy", nobody}, {"https_proxy", nobody}, {"all_proxy", nobody}, {"ALL_PROXY", nobody}});
    EXPECT_EQ(result(allowing({"127.0.0.1"}), at_port("127.0.0.1")), "none");
}

TEST_F(GuardedTest, AProxyThatIsConfiguredGetsEverything) {
    const Environment environment({{"no_proxy", "*"}, {"NO_PROXY", "*"}});
    ClientSettings settings;
    settings.proxy = "127.0.0.1:" + std::to_string(server_.port());
    EXPECT_EQ(result(std::move(settings), "http://store.example/a"), "none");
    EXPECT_THAT(server_.requests(), ElementsAre(StartsWith("GET http://store.example/a HTTP/1.1\r\n")));
}

TEST_F(GuardedTest, AProxyThatRefusesIsSaidToDoSo) {
    const LocalServer proxy(answering("HTTP/1.1 403 x\r\nContent-Length: 0\r\n\r\n"));
    ClientSettings settings;
    settings.proxy = "127.0.0.1:" + std::to_string(proxy.port());
    EXPECT_EQ(result(std::move(settings), "https://store.example/a?secret"),
              "connect: the proxy answered 403 for store.example");
    EXPECT_THAT(proxy.requests(), ElementsAre(StartsWith("CONNECT store.example:443 HTTP/1.1\r\n")));
}

}   // namespace
}   // namespace microengine::fetch
