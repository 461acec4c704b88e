// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/specimens.hpp"

#include "host/util/digest.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>

namespace microengine::ambassador {
namespace {

std::string digest(const std::string& text) {
    return util::hex(util::sha256({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}));
}

TEST(Specimens, EicarIsTheTestFile) {
    EXPECT_EQ(eicar().size(), 68U);
    EXPECT_EQ(digest(eicar()), "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f");
}

TEST(Specimens, EicarCountsAtTheStartWithBlanksBehindIt) {
    EXPECT_EQ(truth_of(eicar()), malicious());
    for (const char* more : {"\n", "\r\n", "\x1a", " \t "}) EXPECT_EQ(truth_of(eicar() + more), malicious());
    EXPECT_EQ(truth_of(eicar() + std::string(60, ' ')), malicious());
}

TEST(Specimens, EicarInOtherPlacesIsNotJudged) {
    for (const std::string& bytes :
         {" " + eicar(), eicar() + "x", eicar() + std::string(61, ' '), "a\n" + eicar()})
        EXPECT_EQ(truth_of(bytes), Truth{}) << bytes.size();
}

TEST(Specimens, NumberedOnesDifferAndStillCount) {
    std::set<std::string> seen;
    for (std::uint64_t number = 0; number < 300; ++number) {
        EXPECT_EQ(truth_of(eicar(number)), malicious());
        EXPECT_EQ(truth_of(benign_text(number)), benign());
        seen.insert(eicar(number));
        seen.insert(benign_text(number));
    }
    EXPECT_EQ(seen.size(), 600U);
    EXPECT_EQ(eicar(7).size(), 128U);
}

TEST(Specimens, NothingIsBenignOrUnknown) {
    EXPECT_EQ(to_text(truth_of("")), "benign or unknown");
    EXPECT_EQ(to_text(Truth{}), "any verdict");
}

TEST(Specimens, AGzipStreamOfStoredBlocks) {
    // printf abc | gzip -n, but stored: the last eight bytes are the CRC-32 and the size.
    EXPECT_EQ(gzipped("abc"), std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
                                          "\x01\x03\x00\xfc\xff"
                                          "abc"
                                          "\xc2\x41\x24\x35\x03\x00\x00\x00",
                                          26));
    const std::string large = gzipped(std::string(70'000, 'x'));
    EXPECT_EQ(large.size(), 10U + 2 * 5 + 70'000 + 8);
    EXPECT_EQ(large[10], '\x00') << "more follow";
    EXPECT_EQ(large[10 + 5 + 0xffff], '\x01') << "the last block";
    EXPECT_EQ(gzipped("").size(), 10U + 5 + 8);
}

}   // namespace
}   // namespace microengine::ambassador
