// SPDX-License-Identifier: GPL-2.0-only
// What libclamav leaves out without even a message. One row is one way to hide something from it.
#include "fixture.hpp"

namespace microengine::support {
namespace {

constexpr std::size_t kRuns = 500, kUnpacked = 1 + 258 * kRuns;

/// kUnpacked times 'x', by bzip2.
std::string bzipped_run() {
    constexpr std::string_view kHex =
        "425a683931415926535912885cce0000fc8082804000010008200030cc09aa69940daa40f17724538509012885cce0";
    std::string bytes;
    for (std::size_t i = 0; i < kHex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(std::string(kHex.substr(i, 2)), nullptr, 16));
    return bytes;
}

TEST_F(ClamAv, AZippedMemberOverTheSizeLimitIsPartialWhateverItsHeadersSay) {
    harness.set("max_file_bytes", std::int64_t{20'000});
    const std::string packed = deflated_run('x', kRuns);
    const std::pair<const char*, Member> cases[] = {
        {"deflate", {"m", packed, false, 8, kUnpacked}},
        {"deflate, streamed", {"m", packed, false, 8, kUnpacked, true}},
        {"deflate, forged size", {"m", packed, false, 8, 100}},
        {"deflate, forged size, streamed", {"m", packed, false, 8, 100, true}},
        {"bzip2", {"m", bzipped_run(), false, 12, kUnpacked}},
        {"bzip2, forged size", {"m", bzipped_run(), false, 12, 100}},
        {"said to be stored", {"m", packed, false, 0, kUnpacked}},
    };
    for (const auto& [what, member] : cases) {
        SCOPED_TRACE(what);
        expect_partial(harness.scan(zip_of({member})), ME_PARTIAL_TOO_LARGE);
        expect_partial(harness.scan(zip_of({{"inner.zip", zip_of({member})}})), ME_PARTIAL_TOO_LARGE);
    }
}

TEST_F(ClamAv, TheSizeLimitOfAMemberIsExact) {
    for (const std::int64_t limit :
         {1 + 258 * 64, 1 + 258 * 4}) {   // the second below any buffer of libclamav
        Harness own(PLUGIN_FILE);
        own.temp_dir = temporary;
        own.set("database", database.string()).set("max_file_bytes", limit);
        const auto runs = static_cast<std::size_t>(limit / 258);
        EXPECT_EQ(own.scan(zip_of({{"m", deflated_run('x', runs), false, 8, 1}})).verdict, ME_BENIGN)
            << limit;
        for (const std::size_t more : {1U, 31U, 32U, 33U, 64U})
            expect_partial(own.scan(zip_of({{"m", deflated_run('x', runs + more), false, 8, 1}})),
                           ME_PARTIAL_TOO_LARGE);
    }
}

TEST_F(ClamAv, AZippedMemberOfAMethodThatLibclamavCannotUnpackIsPartial) {
    for (const unsigned method : {1U, 14U, 93U, 95U, 98U, 0x1234U}) {
        SCOPED_TRACE(method);
        const std::string zip =
            zip_of({{"a", "harmless text"}, {"m", "0123456789abcdef", false, method, 100}});
        expect_partial(harness.scan(zip), ME_PARTIAL_OTHER);
        expect_partial(harness.scan(zip_of({{"inner.zip", zip}})), ME_PARTIAL_OTHER);
        expect_partial(harness.scan(gzip_of(zip)), ME_PARTIAL_OTHER);
        expect_partial(harness.scan(mail_of({"m.zip", zip})), ME_PARTIAL_OTHER);
    }
}

TEST_F(ClamAv, AMemberWithTheSizesOfZip64IsPartial) {
    // As an archiver writes it that packs its standard input.
    const std::string zip = zip_of({{"e", eicar()}}).replace(18, 8, std::string(8, '\xFF'));
    expect_partial(harness.scan(zip), ME_PARTIAL_OTHER);
    expect_partial(harness.scan(gzip_of(zip)), ME_PARTIAL_OTHER);
}

TEST_F(ClamAv, WhatIsFoundBesideAMemberThatCannotBeUnpackedCounts) {
    const Seen seen = harness.scan(zip_of({{"m", "0123456789abcdef", false, 14, 100}, {"e", eicar()}}));
    EXPECT_EQ(seen.verdict, ME_MALICIOUS);
}

TEST_F(ClamAv, WithTheArchiveParserOffNothingOfAZipIsPartial) {
    harness.set("disable_parsers", "archive");
    EXPECT_EQ(harness.scan(zip_of({{"m", "0123456789abcdef", false, 14, 100}})).verdict, ME_BENIGN);
}

TEST_F(ClamAv, ManyPartitionsAreAllLookedInto) {
    for (const std::size_t others : {5U, 60U, 127U}) {
        std::vector<std::string> partitions(others, std::string(512, 'x'));
        partitions.push_back(eicar());   // a signature of the beginning of a file
        EXPECT_EQ(harness.scan(apm_of(partitions)).verdict, ME_MALICIOUS) << others;
    }
}

TEST_F(ClamAv, MorePartitionsThanMembersMayBeIsPartial) {
    harness.set("max_files", std::int64_t{150});
    std::vector<std::string> partitions(200, std::string(512, 'x'));
    expect_partial(harness.scan(apm_of(partitions)), ME_PARTIAL_TOO_MANY);
}

TEST_F(ClamAv, TheLargestSizeLimitOpens) {
    harness.set("max_file_bytes", std::int64_t{2147483647});
    EXPECT_EQ(harness.scan(gzip_of(eicar())).verdict, ME_MALICIOUS);
    EXPECT_EQ(harness.scan(gzip_of("harmless text")).verdict, ME_BENIGN);
}

}   // namespace
}   // namespace microengine::support
