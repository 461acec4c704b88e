// SPDX-License-Identifier: MIT
#include "host/fetch/web_address.hpp"

#include <gmock/gmock.h>

namespace microengine::fetch {
namespace {

/// "https host place", or the failure.
std::string parsed(std::string_view url) {
    const auto address = WebAddress::parse(url);
    if (!address) return std::string(to_text(address.error().failure));
    return (address->secure() ? "https " : "http ") + address->host() + " " + address->place();
}

std::string whole(const WebAddress& address) {
    char* text = nullptr;
    if (::curl_url_get(address.handle(), CURLUPART_URL, &text, 0) != CURLUE_OK) return "none";
    std::string copied(text);
    ::curl_free(text);
    return copied;
}

std::string followed(std::string_view from, std::string_view location) {
    const auto address = WebAddress::parse(from);
    const auto target = address->follow(location);
    return target ? whole(*target) : std::string(to_text(target.error().failure)) + ": " + target.error().why;
}

TEST(WebAddress, HasAHostAndAPlace) {
    EXPECT_EQ(parsed("http://store.example/a?b"), "http store.example store.example");
    EXPECT_EQ(parsed("HTTPS://store.example:9000"), "https store.example store.example:9000");
    EXPECT_EQ(parsed("http://[2001:db8::1]:81/"), "http 2001:db8::1 [2001:db8::1]:81");
    EXPECT_EQ(parsed("http://0x7f.1/"), "http 127.0.0.1 127.0.0.1");
    EXPECT_EQ(parsed("http://good.example\\@evil.example/"), "http evil.example evil.example");
    EXPECT_EQ(parsed("http://good.example@evil.example/"), "http evil.example evil.example");
}

TEST(WebAddress, IsShownEscapedAndCut) {
    EXPECT_EQ(parsed("http://a\xE2\x80\xAE.example/"), "http a\xE2\x80\xAE.example a\\u{202e}.example");
    const std::string name(300, 'a');
    EXPECT_EQ(parsed("http://" + name + "/"), "http " + name + " " + std::string(100, 'a'));
}

TEST(WebAddress, LosesUserInfoAndFragment) {
    EXPECT_EQ(whole(*WebAddress::parse("http://user:secret@store.example/a?b#c")),
              "http://store.example/a?b");
    EXPECT_EQ(followed("http://store.example/", "http://user:secret@other.example/#c"),
              "http://other.example/");
}

TEST(WebAddress, FollowsAsRfc3986Says) {
    EXPECT_EQ(followed("http://store.example/a/b?c", "d"), "http://store.example/a/d");
    EXPECT_EQ(followed("http://store.example/a/b?c", "../../../d"), "http://store.example/d");
    EXPECT_EQ(followed("http://store.example/a/b?c", "?d"), "http://store.example/a/b?d");
    EXPECT_EQ(followed("https://store.example:81/a", "//other.example/d"), "https://other.example/d");
    EXPECT_EQ(followed("http://store.example/a", "https://other.example"), "https://other.example/");
}

TEST(WebAddress, IsNotFollowedOutOfHttp) {
    EXPECT_EQ(followed("https://store.example/a", "http://store.example/a"),
              "redirects: store.example redirects from https to http");
    EXPECT_EQ(followed("http://store.example/a", "file:///etc/passwd"),
              "scheme: store.example redirects to what is no http or https URL");
}

}   // namespace
}   // namespace microengine::fetch
