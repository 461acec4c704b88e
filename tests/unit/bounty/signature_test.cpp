// SPDX-License-Identifier: MIT
#include "host/bounty/signature.hpp"

#include "host/util/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

namespace microengine::bounty {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Secrets secrets(const std::string& current) { return {.current = Secret(current), .previous = std::nullopt}; }

TEST(Signature, BothSecretsAreTakenWhileOneIsChanged) {
    const Secrets both{.current = Secret("new"), .previous = Secret("old")};
    EXPECT_EQ(check_signature("body", sign("body", Secret("new")), both), Signed::current);
    EXPECT_EQ(check_signature("body", sign("body", Secret("old")), both), Signed::previous);
    EXPECT_EQ(check_signature("body", sign("body", Secret("third")), both), Signed::no);
    EXPECT_EQ(check_signature("body", sign("body", Secret("old")), secrets("new")), Signed::no);
}

TEST(Signature, TheSameSecretTwiceIsTheCurrentOne) {
    const Secrets both{.current = Secret("same"), .previous = Secret("same")};
    EXPECT_EQ(check_signature("", sign("", Secret("same")), both), Signed::current);
}

TEST(Signature, OfAnotherFormIsMalformed) {
    const std::string right = sign("body", Secret("secret"));
    for (const std::string& header :
         {std::string(), right.substr(1), right + "0", " " + right.substr(1), std::string(64, 'A'),
          std::string(64, '\0'), std::string(64, 'g'), "\xc3\xa9" + right.substr(2), "0x" + right.substr(2)})
        EXPECT_EQ(check_signature("body", header, secrets("secret")), Signed::malformed) << header;
    EXPECT_EQ(check_signature("body", std::string(64, '0'), secrets("secret")), Signed::no);
}

TEST(Signature, IsOverEveryByte) {
    const std::string body("{\0\r\n}", 5);
    const std::string right = sign(body, Secret("secret"));
    EXPECT_EQ(check_signature(body, right, secrets("secret")), Signed::current);
    for (std::size_t i = 0; i < body.size(); ++i) {
        std::string other = body;
        other[i] = static_cast<char>(other[i] ^ 1);
        EXPECT_EQ(check_signature(other, right, secrets("secret")), Signed::no) << i;
    }
}

TEST(Signature, ASecretOutlivesItsCopies) {
    Secret first("a secret, neither short nor very long");
    {
        Secret second = first;
        second = Secret("another");
        EXPECT_EQ(second.bytes(), "another");
    }
    EXPECT_EQ(first.bytes(), "a secret, neither short nor very long");
    const Secret third = std::move(first);
    EXPECT_EQ(third.bytes(), "a secret, neither short nor very long");
}

class SecretFile : public testing::Test {
protected:
    SecretFile() {
        std::string pattern = fs::temp_directory_path() / "secret_test_XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
        util::set_log_sink(
            [this](util::Level, std::string_view event, const util::LogField* fields, std::size_t count) {
                events_.emplace_back(event);
                for (const util::LogField& field : std::span(fields, count)) told_ += field.value + "\n";
            });
    }
    ~SecretFile() override {
        util::set_log_sink({});
        fs::remove_all(folder_);
    }
    SecretFile(const SecretFile&) = delete;
    SecretFile& operator=(const SecretFile&) = delete;

    fs::path write(const std::string& text, mode_t mode = 0600) const {
        const fs::path file = folder_ / "secret";
        std::ofstream(file, std::ios::binary) << text;
        ::chmod(file.c_str(), mode);
        return file;
    }
    static std::string refusal(const fs::path& file) {
        const auto secret = read_secret(file);
        EXPECT_FALSE(secret);
        if (secret) return "taken";
        EXPECT_EQ(secret.error().code, util::Errc::config);
        EXPECT_EQ(secret.error().place, file.native());
        return secret.error().message;
    }

    fs::path folder_;
    std::vector<std::string> events_;
    std::string told_;
};

TEST_F(SecretFile, OneFinalLineEndIsNotPartOfIt) {
    const std::string text = "0123456789abcdef";
    for (const auto* const end : {"", "\n", "\r\n"}) {
        const auto secret = read_secret(write(text + end));
        ASSERT_TRUE(secret) << secret.error().text();
        EXPECT_EQ(secret->bytes(), text);
    }
    EXPECT_EQ(read_secret(write(text + "\n\n"))->bytes(), text + "\n");
    EXPECT_EQ(read_secret(write(" " + text + "\r"))->bytes(), " " + text + "\r");
    EXPECT_THAT(events_, IsEmpty());
}

TEST_F(SecretFile, WithoutASecretIsAnErrorOfTheConfiguration) {
    EXPECT_THAT(refusal(write("")), HasSubstr("is empty"));
    EXPECT_THAT(refusal(write("\n")), HasSubstr("is empty"));
    EXPECT_THAT(refusal(write(std::string(4097, 's'))), HasSubstr("4096"));
    EXPECT_THAT(refusal(folder_ / "none"), HasSubstr("No such file"));
    EXPECT_THAT(refusal(folder_), HasSubstr("is a directory"));
    ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
    EXPECT_THAT(refusal(folder_ / "pipe"), HasSubstr("regular file"));
    EXPECT_TRUE(read_secret(write(std::string(4096, 's'))));
}

TEST_F(SecretFile, WhatIsOnlyUnwiseIsLogged) {
    EXPECT_TRUE(read_secret(write("qwertyuiop")));
    EXPECT_THAT(events_, ElementsAre("secret_short"));
    EXPECT_TRUE(read_secret(write("0123456789abcdef", 0644)));
    EXPECT_THAT(events_, ElementsAre("secret_short", "secret_exposed"));
    EXPECT_THAT(told_, testing::Not(HasSubstr("qwerty")));
    EXPECT_THAT(told_, testing::Not(HasSubstr("0123")));
}

}   // namespace
}   // namespace microengine::bounty
