// SPDX-License-Identifier: MIT
#include "host/broker/credentials.hpp"

#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

namespace microengine::broker {
namespace {

using testing::HasSubstr;

std::filesystem::path file_with(const support::TempDir& dir, const std::string& text, mode_t mode = 0600) {
    const std::filesystem::path path = dir / "secret";
    std::ofstream(path) << text;
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
}

TEST(CredentialsTest, AreTheFirstLine) {
    const support::TempDir dir;
    const auto read = read_credentials(file_with(dir, "me:pass:word\nmore\n", 0640));
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->user, "me");
    EXPECT_EQ(read->password, "pass:word");
}

TEST(CredentialsTest, OthersMustNotReadThem_AndTheyAreNotInTheMessage) {
    const support::TempDir dir;
    for (const mode_t mode : {0644U, 0602U, 0660U}) {
        const auto read = read_credentials(file_with(dir, "me:secret\n", mode));
        ASSERT_FALSE(read);
        EXPECT_THAT(read.error().text(), HasSubstr("chmod 0600"));
    }
    const auto read = read_credentials(file_with(dir, "secret\n"));
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, testing::Not(HasSubstr("secret")));
}

TEST(CredentialsTest, AFileThatIsNoneIsRefused) {
    const support::TempDir dir;
    EXPECT_FALSE(read_credentials(dir / "missing"));
    EXPECT_FALSE(read_credentials(dir / ""));
    EXPECT_FALSE(read_credentials(file_with(dir, "")));
    EXPECT_FALSE(read_credentials(file_with(dir, ":word\n")));
    EXPECT_FALSE(read_credentials(file_with(dir, std::string(10'000, 'x') + ":y")));
}

}   // namespace
}   // namespace microengine::broker
