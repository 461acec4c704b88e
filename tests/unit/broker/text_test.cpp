// SPDX-License-Identifier: MIT
#include "host/broker/job_text.hpp"
#include "host/broker/result_text.hpp"

#include <gmock/gmock.h>

namespace microengine::broker {
namespace {

using testing::HasSubstr;

JobText some_job() {
    JobText job;
    job.id = "0123-abc_DEF";
    job.urgency = Class::bulk;
    job.artifact.name = "letter \xff.txt";
    job.artifact.size = 3;
    job.artifact.sha256 = util::parse_sha256(std::string(64, 'a'));
    job.where = InlineBytes{std::string("a\0b", 3)};
    job.sent_unix_ms = 1;
    job.deadline_unix_ms = 2;
    job.timeout = std::chrono::milliseconds(3);
    job.backends = {"yara", "clamav"};
    job.all_matches = false;
    job.detail = 2;
    job.generation = "0123456789abcdef";
    job.request = "r";
    return job;
}

TEST(JobTextTest, IsReadAsItWasWritten) {
    const JobText job = some_job();
    const auto read = job_from_json(to_json(job));
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(to_json(*read), to_json(job));
    EXPECT_EQ(read->urgency, Class::bulk);
    EXPECT_EQ(std::get<InlineBytes>(read->where).bytes, std::string("a\0b", 3));
    EXPECT_EQ(read->artifact.name, "letter \xef\xbf\xbd.txt");
    EXPECT_EQ(read->deadline_unix_ms, 2);
    EXPECT_FALSE(read->all_matches);
}

TEST(JobTextTest, AFileAndAUrlAreReadAsTheyWereWritten) {
    JobText job = some_job();
    for (const decltype(job.where)& where :
         {decltype(job.where)(SharedFile{"id-0"}),
          decltype(job.where)(RemoteFile{"https://store.example/a?x=1"})}) {
        job.where = where;
        const auto read = job_from_json(to_json(job));
        ASSERT_TRUE(read) << read.error().text();
        EXPECT_EQ(to_json(*read), to_json(job));
    }
}

std::string refusal(std::string text) {
    const auto read = job_from_json(text);
    EXPECT_FALSE(read) << text;
    return read ? "taken" : read.error().text();
}

std::string with_artifact(const std::string& artifact, const std::string& more = "") {
    return R"({"schema":"microengine.job/1","id":"a","class":"bulk","artifact":)" + artifact + more + "}";
}

TEST(JobTextTest, WhatIsNoJobIsRefusedWithItsKey) {
    const std::string good = R"({"name":"","type":"file","size":1,"bytes":"YQ=="})";
    ASSERT_TRUE(job_from_json(with_artifact(good)));
    EXPECT_THAT(refusal(""), HasSubstr("no JSON"));
    EXPECT_THAT(refusal("[]"), HasSubstr("must be an object"));
    EXPECT_THAT(refusal(std::string(100'000, '[')), HasSubstr("deeper"));
    EXPECT_THAT(refusal(R"({"schema":"microengine.job/2"})"), HasSubstr("newer version"));
    EXPECT_THAT(refusal(with_artifact(good, R"(,"id":"../x")")), HasSubstr("id: "));
    EXPECT_THAT(refusal(with_artifact(good, R"(,"class":"urgent")")), HasSubstr("class: "));
    EXPECT_THAT(refusal(with_artifact(good, R"(,"detail":3)")), HasSubstr("detail: "));
    EXPECT_THAT(refusal(with_artifact(good, R"(,"timeout_ms":-1)")), HasSubstr("timeout_ms: "));
    EXPECT_THAT(refusal(with_artifact(R"({"name":"","type":"file","size":2,"bytes":"YQ=="})")),
                HasSubstr("size"));
    EXPECT_THAT(refusal(with_artifact(R"({"name":"","type":"file","size":1})")), HasSubstr("exactly one"));
    EXPECT_THAT(refusal(with_artifact(R"({"name":"","type":"file","size":1,"bytes":"YQ==","file":"a"})")),
                HasSubstr("exactly one"));
    const std::string digest = R"("sha256":")" + std::string(64, '0') + R"(")";
    for (const std::string file : {"", "../a", "a/b", ".", "a.b"})
        EXPECT_THAT(refusal(with_artifact(R"({"name":"","type":"file","size":1,)" + digest + R"(,"file":")" +
                                          file + R"("})")),
                    HasSubstr("file: "))
            << file;
    EXPECT_THAT(refusal(with_artifact(R"({"name":"","type":"file","size":1,)" + digest +
                                      R"(,"url":"file:///etc/passwd"})")),
                HasSubstr("url: "));
    EXPECT_THAT(refusal(with_artifact(R"({"name":"","type":"file","size":1,"file":"a"})")),
                HasSubstr("sha256"));
}

TEST(Base64Test, IsExact) {
    for (const std::string text : {"", "a", "ab", "abc", "abcd"})
        EXPECT_EQ(from_base64(to_base64(text)), text);
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    EXPECT_EQ(from_base64(to_base64(all)), all);
    for (const std::string text :
         {"a", "ab", "abc", "====", "a===", "YQ=a", " YQ=", "YQ==\n", "Y-==", "=YQ="})
        EXPECT_FALSE(from_base64(text)) << text;
}

TEST(ResultTextTest, WithoutAReportItSaysWhy) {
    ResultText result;
    result.id = "a";
    result.worker = "host-1";
    result.deliveries = 4;
    result.undone = Undone::poison;
    result.message = "quoted \"\n\xff";
    const auto read = result_from_json(to_json(result));
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->undone, Undone::poison);
    EXPECT_EQ(read->deliveries, 4U);
    EXPECT_EQ(read->message, "quoted \"\n\xef\xbf\xbd");
    EXPECT_FALSE(read->report);
}

TEST(ResultTextTest, ThatIsNoneIsRefused) {
    const auto refused = [](std::string_view text) { return !result_from_json(text); };
    EXPECT_TRUE(refused(""));
    EXPECT_TRUE(refused(R"({"schema":"microengine.result/1","id":"a"})"));
    EXPECT_TRUE(refused(R"({"schema":"microengine.result/1","id":"a","undone":"none"})"));
    EXPECT_TRUE(refused(R"({"schema":"microengine.result/1","id":"a","undone":"fine"})"));
    EXPECT_TRUE(refused(R"({"schema":"microengine.result/1","id":"a","report":{}})"));
    EXPECT_TRUE(refused(std::string(200'000, '{')));
}

}   // namespace
}   // namespace microengine::broker
