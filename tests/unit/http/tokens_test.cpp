// SPDX-License-Identifier: MIT
#include "host/frontends/http/tokens.hpp"

#include "http_support.hpp"

#include <sys/stat.h>

namespace microengine::http {
namespace {

constexpr std::string_view kFile =
    "# who may do what\n"
    "0123456789abcdef scan mail-gate   # the gate\n"
    "\n"
    "fedcba9876543210== scan,admin operator\r\n"
    "metrics-token-0001\tmetrics\tprometheus\n";

TEST(TokensTest, EachMayDoWhatItsLineSays) {
    const auto tokens = Tokens::parse(kFile, "tokens");
    ASSERT_TRUE(tokens) << tokens.error().text();
    const auto gate = tokens->find("0123456789abcdef");
    ASSERT_TRUE(gate);
    EXPECT_EQ(gate->name, "mail-gate");
    EXPECT_TRUE(gate->may(Scope::scan));
    EXPECT_FALSE(gate->may(Scope::admin));
    EXPECT_FALSE(gate->may(Scope::metrics));
    EXPECT_TRUE(gate->may(Scope::open));
    const auto operator_ = tokens->find("fedcba9876543210==");
    ASSERT_TRUE(operator_);
    EXPECT_TRUE(operator_->may(Scope::scan) && operator_->may(Scope::admin));
    EXPECT_TRUE(tokens->find("metrics-token-0001")->may(Scope::metrics));
    for (const auto* const wrong : {"", "0123456789abcdeF", "0123456789abcde", "mail-gate"})
        EXPECT_FALSE(tokens->find(wrong)) << wrong;
}

TEST(TokensTest, AllProblemsAtOnce_AndNoTokenInThem) {
    const auto tokens = Tokens::parse(
        "short scan a\n0123456789abcdef scan\n0123456789abcdef write b\n0123456789abcdef scan c\n"
        "0123456789abcdef scan d\n0123456789abcde\xff scan e\nfedcba9876543210 scan a/b\n",
        "/etc/tokens");
    ASSERT_FALSE(tokens);
    const std::string text = tokens.error().text();
    for (const auto* const line : {"line 1:", "line 2:", "line 3:", "line 5:", "line 6:", "line 7:"})
        EXPECT_TRUE(text.contains(line)) << text;
    EXPECT_FALSE(text.contains("line 4:")) << text;
    EXPECT_FALSE(text.contains("0123456789")) << text;
}

TEST(TokensTest, AFileThatEverybodyMayRead_IsRefused) {
    const TempDir dir;
    const auto file = dir / "tokens";
    for (const unsigned mode : {0604U, 0602U, 0660U, 0777U}) {
        write_file(file, kFile, mode);
        EXPECT_FALSE(Tokens::load(file)) << std::oct << mode;
    }
    for (const unsigned mode : {0600U, 0400U, 0640U, 0440U}) {
        write_file(file, "");
        ::chmod(file.c_str(), 0600);
        write_file(file, kFile, mode);
        EXPECT_TRUE(Tokens::load(file)) << std::oct << mode;
    }
    EXPECT_FALSE(Tokens::load(dir / "none"));
    EXPECT_FALSE(Tokens::load("/dev/null")) << "no regular file";
}

TEST(Bearer, IsTheOnlyScheme) {
    EXPECT_EQ(bearer_of("Bearer  abc "), "abc");
    EXPECT_EQ(bearer_of("bearer abc"), "abc");
    EXPECT_FALSE(bearer_of("Basic abc"));
    EXPECT_FALSE(bearer_of("Bearerabc"));
    EXPECT_FALSE(bearer_of(""));
}

}   // namespace
}   // namespace microengine::http
