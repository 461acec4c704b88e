// SPDX-License-Identifier: MIT
// Artifacts that are URLs, in both conventions.
#include "market_support.hpp"

namespace microengine::polyswarm {

namespace {

using bounty::UrlConvention;
using testing::IsEmpty;

constexpr std::string_view kBenign = "benign 62500000000000000";
constexpr std::string_view kCannotFetch = "unknown 0 SKIPPED:CANNOT-FETCH";

class MarketUrlTest : public MarketTest {
protected:
    /// What the engine was given: "url http://…", or the gist of the reply if it was given nothing.
    std::string judged(const Wish& wish) {
        const std::size_t before = service.seen().size();
        EXPECT_EQ(post(wish), 202);
        std::string id = wish.id;
        std::erase(id, '"');
        const std::string gist = gist_of(id);
        const auto seen = service.seen();
        if (seen.size() == before) return gist;
        EXPECT_EQ(gist, kBenign);
        return (seen.back().type == core::ArtifactType::url ? "url " : "file ") + seen.back().bytes;
    }
};

TEST_F(MarketUrlTest, WhereTheUriIsTheUrl_NothingIsFetched) {
    start();
    EXPECT_EQ(judged({.uri = "http://malware.example/landing?nonce=n0nce", .type = "url"}),
              "url http://malware.example/landing?nonce=n0nce");
    EXPECT_EQ(judged({.id = "2", .uri = "custom:anything", .type = "URL"}), "url custom:anything");
    EXPECT_EQ(service.seen()[0].name, "http://malware.example/landing?redacted");
    EXPECT_THAT(marketplace.order(), IsEmpty());
}

TEST_F(MarketUrlTest, TheNameOfAUrlHoldsNoSecret_NorDoesItsReport) {
    std::string name;
    service.revise([&name](const auto&, core::Report& report) { name = report.artifact.name; });
    start();
    (void)judged({.uri = "http://user:n0nce@malware.example/landing?nonce=n0nce", .type = "url"});
    EXPECT_EQ(name, "http://malware.example/landing?redacted");
}

TEST_F(MarketUrlTest, WhereTheUriIsADownload_ItsBodyIsTheUrl) {
    marketplace.serve("/list",
                      support::ok("# a comment\r\n  http://bad.example/?q=n0nce \r\nhttp://second/\r\n"));
    start();
    EXPECT_EQ(
        judged({.uri = marketplace.url("/list"), .type = "url", .extra = R"("mimetype":"text/uri-list")"}),
        "url http://bad.example/?q=n0nce");
}

TEST_F(MarketUrlTest, ADataUrlIsADownload) {
    start();
    EXPECT_EQ(
        judged({.uri = "data:text/uri-list;base64,aHR0cDovL21hbHdhcmUuZXhhbXBsZS9sYW5kaW5n", .type = "url"}),
        "url http://malware.example/landing");
    EXPECT_EQ(judged({.id = "2", .uri = "data:,fine%20bytes"}), "file fine bytes");
}

TEST_F(MarketUrlTest, TheOperatorMayKnowBetter) {
    marketplace.serve("/list", support::ok("http://bad.example/"));
    settings.url_artifacts = UrlConvention::fetch;
    start();
    EXPECT_EQ(judged({.uri = marketplace.url("/list"), .type = "url"}), "url http://bad.example/");
    stop();
    settings.url_artifacts = UrlConvention::inline_text;
    start();
    const std::string uri = marketplace.url("/list");
    EXPECT_EQ(judged({.id = "2", .uri = uri, .type = "url", .extra = R"("mimetype":"text/uri-list")"}),
              "url " + uri);
}

TEST_F(MarketUrlTest, ADownloadWithoutAUrl_CannotBeJudged) {
    settings.url_artifacts = UrlConvention::fetch;
    marketplace.serve("/empty", support::ok(""));
    marketplace.serve("/comment", support::ok("# http://bad.example/"));
    marketplace.serve("/words", support::ok("two words"));
    marketplace.serve("/bytes", support::ok("http://\xff\xfe"));
    marketplace.serve("/long", support::ok("http://" + std::string(9'000, 'a')));
    marketplace.serve("/huge", support::ok("http://bad.example/\n" + std::string(70'000, '#')));
    start();
    int id = 0;
    for (const std::string path : {"/empty", "/comment", "/words", "/bytes", "/long", "/huge", "/missing"})
        EXPECT_EQ(judged({.id = std::to_string(++id), .uri = marketplace.url(path), .type = "url"}),
                  kCannotFetch)
            << path;
}

TEST_F(MarketUrlTest, AUrlThatIsNone_CannotBeJudged) {
    start();
    EXPECT_EQ(judged({.uri = "no url at all", .type = "url"}), kCannotFetch);
    EXPECT_EQ(judged({.id = "2", .uri = "http://" + std::string(9'000, 'a'), .type = "url"}), kCannotFetch);
    stop();
    EXPECT_EQ(rows()["1"].note, "URL has no scheme; write https://… or http://…");
}

TEST_F(MarketUrlTest, TheHashOfADownload_IsThatOfItsBytes) {
    marketplace.serve("/list", support::ok("http://bad.example/"));
    start();
    const std::string wrong(64, 'a');
    EXPECT_EQ(judged({.uri = marketplace.url("/list"),
                      .type = "url",
                      .extra = R"("mimetype":"text/uri-list","sha256":")" + wrong + "\""}),
              kCannotFetch);
}

}   // namespace
}   // namespace microengine::polyswarm
