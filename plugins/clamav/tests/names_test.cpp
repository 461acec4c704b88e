// SPDX-License-Identifier: GPL-2.0-only
#include "names.hpp"

#include <microengine/plugin.h>

#include <gtest/gtest.h>

namespace microengine::clamav {
namespace {

constexpr Policy kAsShipped{ME_SUSPICIOUS, ME_SUSPICIOUS, false};

struct Case {
    std::string_view name;
    std::int32_t verdict;
    std::optional<std::uint32_t> partial;
};

TEST(Names, SayWhatAMatchStandsFor) {
    const Case cases[] = {
        {"Eicar-Test-Signature", ME_MALICIOUS, {}},
        {"Win.Trojan.Agent-1234-0", ME_MALICIOUS, {}},
        {"Own.Rule.UNOFFICIAL", ME_MALICIOUS, {}},
        {"PUA.Win.Packer.Upx-48", ME_SUSPICIOUS, {}},
        {"Heuristics.Phishing.Email.SpoofedDomain", ME_SUSPICIOUS, {}},
        {"BC.Heuristics.Trojan.X", ME_SUSPICIOUS, {}},
        {"Heuristics.Broken.Executable", ME_SUSPICIOUS, {}},
        {"Heuristics.Encrypted.Zip", ME_UNKNOWN, ME_PARTIAL_ENCRYPTED},
        {"Heuristics.Encrypted.PDF", ME_UNKNOWN, ME_PARTIAL_ENCRYPTED},
        {"Heuristics.Zip.OverlappingFiles", ME_SUSPICIOUS, ME_PARTIAL_DECOMPRESSION_UNSAFE},
        {"Heuristics.XZ.DicSizeLimit", ME_SUSPICIOUS, ME_PARTIAL_DECOMPRESSION_UNSAFE},
        {"Heuristics.Limits.Exceeded.MaxFileSize", ME_UNKNOWN, ME_PARTIAL_TOO_LARGE},
        {"Heuristics.Limits.Exceeded.MaxScanSize", ME_UNKNOWN, ME_PARTIAL_TOO_LARGE},
        {"Heuristics.Limits.Exceeded.MaxRecursion", ME_UNKNOWN, ME_PARTIAL_TOO_DEEP},
        {"Heuristics.Limits.Exceeded.MaxFiles", ME_UNKNOWN, ME_PARTIAL_TOO_MANY},
        {"Heuristics.Limits.Exceeded.MaxScanTime", ME_UNKNOWN, ME_PARTIAL_TIME_LIMIT},
        {"Heuristics.Limits.Exceeded.EmailHeaders", ME_UNKNOWN, ME_PARTIAL_TOO_MANY},
        {"Heuristics.Limits.Exceeded.EmailHeaderBytes", ME_UNKNOWN, ME_PARTIAL_TOO_LARGE},
        {"Heuristics.Limits.Exceeded.OfALaterRelease", ME_UNKNOWN, ME_PARTIAL_OTHER},
        {"Heuristics.Limits.Exceeded", ME_UNKNOWN, ME_PARTIAL_OTHER},
    };
    for (const Case& c : cases) {
        const Meaning meaning = meaning_of(c.name, kAsShipped);
        EXPECT_EQ(meaning.verdict, c.verdict) << c.name;
        EXPECT_EQ(meaning.partial, c.partial) << c.name;
    }
}

TEST(Names, TheOperatorMayTakeWeakSignsForMore) {
    const Policy strict{ME_MALICIOUS, ME_MALICIOUS, true};
    EXPECT_EQ(meaning_of("PUA.Win.Packer.Upx-48", strict).verdict, ME_MALICIOUS);
    EXPECT_EQ(meaning_of("Heuristics.Phishing.URL.Blocked", strict).verdict, ME_MALICIOUS);
    EXPECT_EQ(meaning_of("Heuristics.Encrypted.Zip", strict).verdict, ME_MALICIOUS);
    EXPECT_EQ(meaning_of("Heuristics.Encrypted.Zip", strict).partial, ME_PARTIAL_ENCRYPTED);
    EXPECT_EQ(meaning_of("Heuristics.Limits.Exceeded.MaxFiles", strict).verdict, ME_UNKNOWN);
}

TEST(Names, TheFamilyIsThePartBetweenCategoryAndNumber) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"Win.Trojan.Agent-1234-0", "Agent"},
        {"Win.Trojan.Agent-1234-0.UNOFFICIAL", "Agent"},
        {"Win.Ransomware.Wanna-Cry-6313787-0", "Wanna-Cry"},
        {"Andr.Malware.Two.Parts-5-1", "Two.Parts"},
        {"PUA.Win.Packer.Upx-48", "Upx"},
        {"Eicar-Test-Signature", "Eicar-Test-Signature"},
        {"Eicar-Test-Signature.UNOFFICIAL", "Eicar-Test-Signature"},
        {"Heuristics.Phishing.Email.SpoofedDomain", ""},
        {"Own.Rule.UNOFFICIAL", ""},
        {"Win.Trojan.Agent", ""},
        {"Win.Trojan.-1", ""},
        {"...", ""},
        {".UNOFFICIAL", ""},
        {"", ""},
    };
    for (const auto& [name, family] : cases) EXPECT_EQ(family_of(name), family) << name;
}

}   // namespace
}   // namespace microengine::clamav
