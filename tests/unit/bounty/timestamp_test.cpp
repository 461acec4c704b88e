// SPDX-License-Identifier: MIT
#include "host/bounty/timestamp.hpp"

#include "vectors.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace microengine::bounty {
namespace {

TEST(Timestamp, VectorsAreReadWhateverTheLocalTime) {
    for (const auto& vector : vectors("expiration")) {
        const auto ms = parse_timestamp(vector.at("text").get<std::string>());
        if (vector.at("epoch_ms").is_null())
            EXPECT_FALSE(ms) << vector;
        else
            EXPECT_EQ(ms, vector.at("epoch_ms").get<std::int64_t>()) << vector;
    }
}

TEST(Timestamp, OddButReadable) {
    struct Row {
        const char* text;
        std::int64_t ms;
    };
    for (const Row& row : {
             Row{"1969-12-31T23:59:59.999Z", -1},
             Row{"1970-01-01t00:00z", 0},
             Row{"1970-01-01T00:00:60Z", 60'000},   // a leap second
             Row{"1970-01-01T00:00:00.0019Z", 1},
             Row{"1970-01-01T00:00:00.1", 100},
             Row{"1970-01-01T00:00-23:59", 86'340'000},
             Row{"1970-01-01T01:00+01", 0},
             Row{"2024-02-29T00:00:00Z", 1'709'164'800'000},
         })
        EXPECT_EQ(parse_timestamp(row.text), row.ms) << row.text;
}

TEST(Timestamp, Unreadable) {
    for (const auto* const text : {"2121-06-24",
                                   "2121-06-24T",
                                   "2121-06-24T10",
                                   "2121-06-24T10:3",
                                   "2121-06-24T10:03:",
                                   "2121-06-24T10:03:28.",
                                   "2121-06-24T10:03:28.Z",
                                   "2121-06-24T10:03.5Z",
                                   "2121-06-24T10:03:28+",
                                   "2121-06-24T10:03:28+1",
                                   "2121-06-24T10:03:28+01:",
                                   "2121-06-24T10:03:28+01:0",
                                   "2121-06-24T10:03:28+010",
                                   "2121-06-24T10:03:28ZZ",
                                   "2121-06-24T10:03:28Z ",
                                   " 2121-06-24T10:03:28Z",
                                   "2121-06-24T24:00:00Z",
                                   "2121-06-24T10:60:00Z",
                                   "2121-06-24T10:03:61Z",
                                   "2121-06-24T10:03:28+24:00",
                                   "2121-06-24T10:03:28+01:60",
                                   "2121-02-29T10:03:28Z",
                                   "2121-00-24T10:03:28Z",
                                   "2121-06-31T10:03:28Z",
                                   "2121-06-00T10:03:28Z",
                                   "+121-06-24T10:03:28Z",
                                   "2121/06/24 10:03:28",
                                   "2121-06-24_10:03:28",
                                   "1624528800",
                                   "2121-06-24T10:03:28 Z"})
        EXPECT_FALSE(parse_timestamp(text)) << text;
}

}   // namespace
}   // namespace microengine::bounty
