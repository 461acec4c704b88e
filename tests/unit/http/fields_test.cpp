// SPDX-License-Identifier: MIT
// Targets and the values of fields, as clients write them and as nobody should.
#include "host/frontends/http/fields.hpp"

#include "host/frontends/http/target.hpp"

#include <gtest/gtest.h>

namespace microengine::http {
namespace {

TEST(ParseTarget, SplitsThePathFromTheParameters) {
    const auto target = parse_target("/v1/scan?name=a%20b+c&class=bulk&flag");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, "/v1/scan");
    EXPECT_EQ(target->query, (std::vector<Parameter>{{"name", "a b c"}, {"class", "bulk"}, {"flag", ""}}));
}

TEST(ParseTarget, TakesTheFormThatProxiesGet) {
    EXPECT_EQ(parse_target("http://host:80/healthz?a=b")->path, "/healthz");
    EXPECT_EQ(parse_target("https://host")->path, "/");
    EXPECT_EQ(parse_target("http://host?a=b")->path, "/") << "and its parameters";
}

TEST(ParseTarget, RefusesWhatIsNoPath_AndEscapesThatAreNone) {
    for (const auto* const text :
         {"", "*", "healthz", "ftp://host/x", "/?a=%", "/?a=%2", "/?a=%zz", "/?%g0=a"})
        EXPECT_FALSE(parse_target(text)) << text;
}

TEST(Parametrised, ReadsTokensAndQuotedStrings) {
    const auto type = parse_parametrised(" Multipart/Form-Data ; Boundary=\"a;b\\\"c\" ; x = ");
    EXPECT_FALSE(type) << "no space around =, and a value";
    const auto good = parse_parametrised("Multipart/Form-Data; Boundary=\"a;b\\\"c\";; charset=utf-8 ;");
    ASSERT_TRUE(good);
    EXPECT_EQ(good->value, "multipart/form-data");
    EXPECT_EQ(*good->find("boundary"), "a;b\"c");
    EXPECT_EQ(*good->find("charset"), "utf-8");
    EXPECT_EQ(good->find("none"), nullptr);
}

TEST(Parametrised, RefusesWhatCouldBeReadInTwoWays) {
    for (const auto* const text : {"a; b=\"c", "a; b", "a; b=c; B=d", "a; =c", "a; b=\"c\" d"})
        EXPECT_FALSE(parse_parametrised(text)) << text;
}

TEST(FileName, OfEveryBrowserAndTool) {
    const auto name = [](std::string_view text) { return file_name_of(*parse_parametrised(text)); };
    EXPECT_EQ(name("form-data; name=\"f\"; filename=\"a b.exe\""), "a b.exe");
    EXPECT_EQ(name("form-data; filename=\"C:\\dir\\a.exe\""), "C:\\dir\\a.exe") << "as browsers write it";
    EXPECT_EQ(name("form-data; filename=\"a\\\\b\\\"c\""), "a\\b\"c") << "as curl writes it";
    EXPECT_EQ(name("attachment; filename=x; filename*=UTF-8''%e2%82%ac%20+.txt"), "\xE2\x82\xAC +.txt");
    EXPECT_EQ(name("attachment; filename=x; filename*=iso-8859-1''%a4"), "x") << "UTF-8 only";
    EXPECT_EQ(name("attachment; filename=x; filename*=UTF-8''%ff"), "x");
    EXPECT_EQ(name("form-data; name=\"f\""), std::nullopt);
}

TEST(Lists, FindsAWordWhateverItsCaseAndParameters) {
    EXPECT_TRUE(lists("wait=5, Respond-Async ; x=y", "respond-async"));
    EXPECT_TRUE(lists("respond-async", "respond-async"));
    EXPECT_FALSE(lists("respond-asynchronous", "respond-async"));
    EXPECT_FALSE(lists("", "respond-async"));
}

}   // namespace
}   // namespace microengine::http
