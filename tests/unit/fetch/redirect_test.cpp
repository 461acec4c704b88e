// SPDX-License-Identifier: MIT
#include "fetch_support.hpp"

namespace microengine::fetch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class RedirectTest : public testing::Test {
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
    const LocalServer inside(answering(ok("never")));
    const std::string port = ":" + std::to_string(inside.port()) + "/a";
    for (const std::string& target :
         {inside.url("/a"), "http://localhost" + port, "http://0x7f.1" + port, inside.url("/a").substr(5),
          std::string("http://169.254.169.254/latest/")}) {
        EXPECT_THAT(result_by({redirect(target), ok("never")}), StartsWith("address: ")) << target;
        EXPECT_EQ(lines_.size(), 1U);
    }
    EXPECT_EQ(inside.connections(), 0U);
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
