// SPDX-License-Identifier: MIT
#include "host/bounty/url.hpp"

#include "host/bounty/bounty.hpp"

#include <gtest/gtest.h>

#include <string>

namespace microengine::bounty {
namespace {

TEST(Url, IsShownWithoutWhatMayBeSecret) {
    struct Row {
        std::string url;
        std::string shown;
    };
    for (const Row& row : {
             Row{"https://store.example/a/1?X-Amz-Signature=secret", "https://store.example/a/1?redacted"},
             Row{"HTTPS://user:secret@store.example:8443/a", "https://store.example:8443/a"},
             Row{"http://a@secret@host/", "http://host/"},
             Row{"http://user:secret\\@host/", "http://host/"},
             Row{"http:///user:secret@host/a", "http://host/a"},
             Row{"http://host", "http://host"},
             Row{"http://host?secret", "http://host?redacted"},
             Row{"http://host#secret", "http://host"},
             Row{"http://host/a#secret?b", "http://host/a"},
             Row{"http://host/?", "http://host/?redacted"},
             Row{"http:secret", "http:"},
             Row{"data:text/plain;base64,c2VjcmV0", "data:"},
             Row{"DATA:secret?x", "data:"},
             Row{"mailto:secret@host", "mailto:"},
             Row{"file:///etc/passwd", "file:///etc/passwd"},
             Row{"secret@host/a?b", "host/a?redacted"},
             Row{"//user:secret@host/a", "host/a"},
             Row{"/a/b?secret", "/a/b?redacted"},
             Row{"", ""},
             Row{"http://h\xc3\xb6st/\x1b[31m", "http://h\xc3\xb6st/\\x1b[31m"},
             Row{"http://host/\xff\n", "http://host/\\xff\\x0a"},
         })
        EXPECT_EQ(redacted(row.url), row.shown) << row.url;
}

TEST(Url, ShownItIsAtMost512Bytes) {
    const std::string shown = redacted("https://host/" + std::string(10'000, 'a') + "?secret");
    EXPECT_EQ(shown.size(), 512U);
    EXPECT_LE(redacted("http://" + std::string(10'000, '\x01')).size(), 512U);
}

TEST(Url, AReplyGoesToHttpOrHttpsWithAHost) {
    for (const auto* const url :
         {"http://h", "https://h/", "HTTP://h:1/x?y#z", "http://u@h", "http://[::1]:80/"})
        EXPECT_TRUE(is_web_url(url)) << url;
    for (const auto* const url :
         {"", "http", "http:", "http:/h", "http://", "http:///h", "http://:80/", "http://u@/", "ftp://h",
          "//h/", "h/", "file:///h", "http://h/ x", "http://h/\n", " http://h"})
        EXPECT_FALSE(is_web_url(url)) << url;
}

TEST(Url, InAListItIsTheFirstLineThatIsNoComment) {
    EXPECT_EQ(url_in("http://a.example/"), "http://a.example/");
    EXPECT_EQ(url_in("# from\r\n# a list\r\n\t http://a.example/ \r\nhttp://b.example/\r\n"),
              "http://a.example/");
    EXPECT_EQ(url_in("http://m\xc3\xbcnchen.example/"), "http://m\xc3\xbcnchen.example/");
    EXPECT_EQ(url_in(std::string(8192, 'a') + "\n"), std::string(8192, 'a'));
}

TEST(Url, AListMayHoldNone) {
    for (const std::string& text :
         {std::string(), std::string("\n"), std::string(" \t\r\n"), std::string("#"), std::string("# a\n# b"),
          std::string("# a\n"), std::string("\nhttp://a.example/"), std::string("http://a\x01"),
          std::string("http://a\rb"), std::string("http://a\xff"), std::string("http://a\xc2\x85"),
          std::string("http://a\0b", 10), std::string("\x7f"), std::string(8193, 'a')})
        EXPECT_FALSE(url_in(text)) << text.substr(0, 20);
}

}   // namespace
}   // namespace microengine::bounty
