// SPDX-License-Identifier: MIT
#include "host/intake/url.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace microengine::intake {
namespace {

using testing::HasSubstr;

TEST(Url, IsItsOwnText) {
    const std::string url = "https://example.com/a?b=\xC3\xA9";
    core::ArtifactBuffer buffer;
    const auto loaded = url_loader(url)(buffer);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(std::string(loaded->bytes.begin(), loaded->bytes.end()), url);
    EXPECT_EQ(loaded->facts.type, core::ArtifactType::url);
    EXPECT_EQ(loaded->facts.name, url);
    EXPECT_EQ(loaded->facts.size, url.size());
    EXPECT_EQ(loaded->facts.sha256, util::sha256(loaded->bytes));
}

TEST(Url, NeedsASchemeThatIsNoHost) {
    for (const char* good : {"http://a", "HTTPS://a/", "data:text/html,x", "mailto:a@b", "git+ssh://h/p"})
        EXPECT_TRUE(check_url(good)) << good;
    for (const char* bad :
         {"", "example.com", "example.com:80", "//a/b", ":x", "http:", "1http://a", "a b://c"})
        EXPECT_THAT(check_url(bad).error().message, HasSubstr("no scheme")) << bad;
}

TEST(Url, RefusesWhatNoUrlHas) {
    EXPECT_THAT(check_url("http://a/\n").error().message, HasSubstr("control character"));
    EXPECT_THAT(check_url("http://a/\x7F").error().message, HasSubstr("control character"));
    EXPECT_THAT(check_url("http://a/\xFF").error().message, HasSubstr("not UTF-8"));
    EXPECT_TRUE(check_url("http://" + std::string(kMaxUrlBytes - 7, 'a')));
    EXPECT_EQ(check_url("http://" + std::string(kMaxUrlBytes - 6, 'a')).error().code, util::Errc::limit);
}

TEST(Url, ARefusedOneIsAFailureThatKeepsItsName) {
    core::ArtifactBuffer buffer;
    const auto loaded = url_loader("no url")(buffer);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().facts.name, "no url");
    EXPECT_EQ(loaded.error().facts.type, core::ArtifactType::url);
}

}   // namespace
}   // namespace microengine::intake
