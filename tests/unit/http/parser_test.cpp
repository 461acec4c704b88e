// SPDX-License-Identifier: MIT
// Requests, cut at every byte: where the pieces end changes nothing.
#include "host/frontends/http/parser.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <utility>
#include <vector>

namespace microengine::http {
namespace {

struct Read {
    std::vector<std::string> bodies;   ///< of the requests that are complete
    std::string unfinished;
    std::string problem;
    std::string last_target;
    bool operator==(const Read&) const = default;
};
void PrintTo(const Read& read, std::ostream* out) {
    *out << read.bodies.size() << " requests, " << read.unfinished << ", " << read.problem;
}

/// As a connection reads: what is not used is given again, with more behind it.
Read read(const std::vector<std::string_view>& pieces) {
    Read read;
    std::string in;
    auto parser = std::make_unique<RequestParser>();
    for (const std::string_view piece : pieces) {
        in += piece;
        for (;;) {
            const RequestParser::Step step = parser->next(in);
            if (step.status == RequestParser::Status::body) read.unfinished += step.piece;
            if (step.status == RequestParser::Status::head) read.last_target = parser->head().target;
            in.erase(0, step.used);
            if (step.status == RequestParser::Status::bad) {
                read.problem = row_of(step.problem).code;
                return read;
            }
            if (step.status == RequestParser::Status::done) {
                read.bodies.push_back(std::exchange(read.unfinished, {}));
                parser = std::make_unique<RequestParser>();
                if (in.empty()) break;
            }
            if (step.status == RequestParser::Status::more) break;
        }
    }
    return read;
}

Read read_every_way(std::string_view bytes) {
    const Read whole = read({bytes});
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut)
        EXPECT_EQ(read({bytes.substr(0, cut), bytes.substr(cut)}), whole) << "cut at " << cut;
    std::vector<std::string_view> each;
    for (std::size_t i = 0; i < bytes.size(); ++i) each.push_back(bytes.substr(i, 1));
    EXPECT_EQ(read(each), whole) << "byte by byte";
    return whole;
}

TEST(RequestParserTest, RequestsOneBehindTheOther) {
    const Read got = read_every_way(
        "\r\n\r\nGET /a HTTP/1.1\r\nHost: x\r\n\r\n"
        "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
        "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3;x=\"y\"\r\nabc\r\n0002\r\nde\r\n0\r\nTrailer: 1\r\n\r\n"
        "POST /d HTTP/1.0\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(got.problem, "");
    EXPECT_EQ(got.bodies, (std::vector<std::string>{"", "hello", "abcde", ""}));
    EXPECT_EQ(got.last_target, "/d");
}

TEST(RequestParserTest, ReadsTheHead) {
    RequestParser parser;
    const std::string bytes =
        "PUT /x?y HTTP/1.0\r\nHOST: h\r\nConnection: close\r\nX-A:  b \r\nContent-Length: 3\r\n\r\n";
    ASSERT_EQ(parser.next(bytes).status, RequestParser::Status::head);
    const Head& head = parser.head();
    EXPECT_EQ(head.method, "PUT");
    EXPECT_EQ(head.target, "/x?y");
    EXPECT_EQ(head.minor, 0U);
    EXPECT_EQ(head.content_length, 3U);
    EXPECT_FALSE(head.chunked);
    EXPECT_FALSE(head.keep_alive);
    EXPECT_EQ(*head.find("x-a"), "b");
    EXPECT_EQ(head.count("host"), 1U);
}

struct Bad {
    std::string_view bytes;
    std::string_view problem;
};

TEST(RequestParserTest, WhatIsNoRequest_OrCouldBeReadInTwoWays) {
    using namespace std::literals;
    for (const auto& [bytes, problem] : {
             Bad{"\x16\x03\x01\x02\x00\x01\x00"sv, "malformed_request"},   // TLS where there is none
             Bad{"zINSTREAM\0"sv, "malformed_request"},
             Bad{"GET / HTTP/1.1\nHost: x\n\n", "malformed_request"},
             Bad{"GET / HTTP/2.0\r\n\r\n", "unsupported_version"},
             Bad{"GET / HTTP/1.1\r\n\r\n", "malformed_request"},
             Bad{"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "malformed_request"},
             Bad{"GET / HTTP/1.1\r\nHost : a\r\n\r\n", "malformed_request"},
             Bad{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                 "malformed_request"},
             Bad{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
                 "malformed_request"},
             Bad{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                 "malformed_request"},
             Bad{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", "malformed_request"},
             Bad{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
                 "malformed_request"},
             Bad{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", "unsupported_coding"},
             Bad{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
                 "unsupported_coding"},
             Bad{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
                 "unsupported_coding"},
             Bad{"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "malformed_request"},
             Bad{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "malformed_body"},
             Bad{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabcdef\r\n",
                 "malformed_body"},
         })
        EXPECT_EQ(read({bytes}).problem, problem) << bytes;
}

TEST(RequestParserTest, HeadsAndChunkLinesHaveAnEnd) {
    const std::string much(std::size_t{64} << 10, 'a');
    EXPECT_EQ(read({"GET /" + much}).problem, "head_too_large");
    EXPECT_EQ(read({"GET / HTTP/1.1\r\nHost: x\r\nA: " + much}).problem, "head_too_large");
    std::string fields = "GET / HTTP/1.1\r\nHost: x\r\n";
    for (std::size_t i = 0; i <= kMostFields; ++i) fields += "A: b\r\n";
    EXPECT_EQ(read({fields + "\r\n"}).problem, "head_too_large");
    EXPECT_EQ(read({"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;" + much}).problem,
              "malformed_body");
}

}   // namespace
}   // namespace microengine::http
