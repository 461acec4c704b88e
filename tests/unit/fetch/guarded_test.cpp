// SPDX-License-Identifier: MIT
// Whom a client connects to, whatever the URL, the resolver and the environment say.
#include "fetch_support.hpp"

#include <cstdlib>

namespace microengine::fetch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class GuardedTest : public testing::Test {
protected:
    std::string at_port(std::string_view host) const {
        return "http://" + std::string(host) + ":" + std::to_string(server_.port()) + "/a";
    }
    ClientSettings allowing(std::vector<std::string> allow_hosts) const {
        ClientSettings settings;
        settings.guard = *AddressGuard::make(allow_hosts);
        return settings;
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

class RedirectTest : public GuardedTest {
protected:
    static std::string redirect(std::string_view to, std::string_view status = "302") {
        return "HTTP/1.1 " + std::string(status) + " x\r\nLocation: " + std::string(to) +
               "\r\nContent-Length: 0\r\n\r\n";
    }
    std::string result_by(std::vector<std::string> answers, std::uint32_t redirects = 3) {
        const LocalServer server(in_turn(std::move(answers)));
        Client client(allowing({"127.0.0.1:" + std::to_string(server.port()),
                                "127.0.0.2:" + std::to_string(server.port())}),
                      new_room());
        Get request = get_of(server.url("/first/a?b"));
        request.redirects = redirects;
        std::string result = result_of(fetch(client, std::move(request)));
        lines_.clear();
        for (const std::string& each : server.requests())
            lines_.push_back(each.substr(0, each.find(" HTTP/")));
        return result;
    }

    std::vector<std::string> lines_;
};

TEST_F(RedirectTest, LeadsOnWithEachOfItsStatuses) {
    for (const std::string_view status : {"301", "302", "303", "307", "308"}) {
        EXPECT_EQ(result_by({redirect("/second", status), ok("there")}), "none") << status;
        EXPECT_THAT(lines_, ElementsAre("GET /first/a?b", "GET /second"));
    }
    EXPECT_THAT(result_by({redirect("/second", "300"), ok("there")}), StartsWith("status: "));
    EXPECT_THAT(result_by({redirect("/second", "305"), ok("there")}), StartsWith("status: "));
}

TEST_F(RedirectTest, IsReadAsAnAddressBesideTheFirst) {
    EXPECT_EQ(result_by({redirect("c d?e#f"), redirect("../g"), redirect("?h"), ok("there")}), "none");
    EXPECT_THAT(lines_, ElementsAre("GET /first/a?b", "GET /first/c%20d?e", "GET /g", "GET /g?h"));
}

TEST_F(RedirectTest, IsCounted) {
    EXPECT_THAT(result_by({redirect("/1"), redirect("/2"), ok("there")}, 1),
                testing::EndsWith(" redirects once more than the 1 times that are followed"));
    EXPECT_EQ(lines_.size(), 2U);
    EXPECT_THAT(result_by({redirect("/1"), ok("there")}, 0), StartsWith("redirects: "));
    EXPECT_EQ(lines_.size(), 1U);
}

TEST_F(RedirectTest, EachAttemptBeginsFromTheStart) {
    EXPECT_EQ(
        result_by({redirect("/1"), "", redirect("/2"), "HTTP/1.1 500 x\r\n\r\n", redirect("/3"), ok("there")},
                  1),
        "none");
    EXPECT_THAT(lines_, ElementsAre("GET /first/a?b", "GET /1", "GET /first/a?b", "GET /2", "GET /first/a?b",
                                    "GET /3"));
}

TEST_F(RedirectTest, WithoutATargetLeadsNowhere) {
    EXPECT_THAT(result_by({"HTTP/1.1 302 x\r\nContent-Length: 0\r\n\r\n"}),
                testing::EndsWith(" redirects nowhere"));
    EXPECT_THAT(result_by({redirect("")}), StartsWith("redirects: "));
}

TEST_F(RedirectTest, LeadsNowhereInside) {
    for (const std::string& target :
         {at_port("127.0.0.1"), at_port("localhost"), at_port("0x7f.1"), at_port("127.0.0.1").substr(5),
          std::string("http://169.254.169.254/latest/")}) {
        EXPECT_THAT(result_by({redirect(target), ok("never")}), StartsWith("address: ")) << target;
        EXPECT_EQ(lines_.size(), 1U);
    }
    EXPECT_EQ(server_.connections(), 0U);
}

TEST_F(RedirectTest, LeadsToNoOtherScheme) {
    for (const std::string_view target :
         {"file:///etc/passwd", "ftp://127.0.0.1/a", "data:,never", "javascript:x", "gopher://127.0.0.1/",
          "http://", "http://127.0.0.1:99999/"}) {
        EXPECT_THAT(result_by({redirect(target), ok("never")}), StartsWith("scheme: ")) << target;
        EXPECT_EQ(lines_.size(), 1U);
    }
}

TEST_F(RedirectTest, SendsNoUserInfoOn) {
    const LocalServer other(answering(ok("there")));
    const LocalServer server(
        in_turn({redirect("http://user:secret@127.0.0.1:" + std::to_string(other.port()) + "/second")}));
    Client client(allowing({"127.0.0.1"}), new_room());
    EXPECT_EQ(result_of(fetch(client, get_of(server.url("/a")))), "none");
    ASSERT_EQ(other.requests().size(), 1U);
    EXPECT_THAT(other.requests()[0], testing::Not(HasSubstr("Authorization")));
    EXPECT_THAT(other.requests()[0], testing::Not(HasSubstr("Referer")));
}

}   // namespace
}   // namespace microengine::fetch
