// SPDX-License-Identifier: MIT
// Names of finds that no client stumbles over, whatever a backend calls them.
#include "host/frontends/clamd/replies.hpp"
#include "tests/unit/clamd/scripted_fixture.hpp"

#include <algorithm>

namespace microengine::clamd {
namespace {

using core::Verdict;

std::string shown(const std::string& backend, const std::string& name, bool suspicious = false) {
    const core::ScanResult result = row(backend, Verdict::malicious, {name});
    return name_of(result.detections[0], result, suspicious);
}

TEST(Names, ClamAvsStayYaraHasClamAvsFormOthersTheirBackendsName) {
    EXPECT_EQ(shown("clamav", "Eicar-Test-Signature"), "Eicar-Test-Signature");
    EXPECT_EQ(shown("clamav", "Mine.UNOFFICIAL"), "Mine.UNOFFICIAL");
    EXPECT_EQ(shown("clamav", "Heuristics.OLE2.ContainsMacros.VBA"), "Heuristics.OLE2.ContainsMacros.VBA");
    EXPECT_EQ(shown("yara", "eicar_file"), "YARA.eicar_file.UNOFFICIAL");
    EXPECT_EQ(shown("acme", "Trojan"), "acme.Trojan");
    EXPECT_EQ(shown("clamav", "Odd", true), "Suspicious.Odd");
    EXPECT_EQ(shown("acme", "Odd", true), "Suspicious.acme.Odd");
}

TEST(Names, OnlyLettersThatClientsTake) {
    EXPECT_EQ(shown("clamav", "a b:c(d)e\tf\ng\0h"s), "a_b_c_d_e_f_g_h");
    EXPECT_EQ(shown("clamav", "../x%s;`$\"'<>|&*?#~^=,@\\"), "../x_s__________________");
    EXPECT_EQ(shown("clamav", "W32/A!B.C_D-E+F{G}"), "W32/A!B.C_D-E+F{G}");
    EXPECT_EQ(shown("clamav", "\xc3\xa9\xff"), "___");
    EXPECT_EQ(shown("clamav", "WasFOUNDFOUND"), "WasFoundFound") << "clients search the line for it";
    EXPECT_EQ(shown("clamav", "FOUND"), "Found");
    EXPECT_EQ(shown("clamav", ""), "Unnamed");
    for (int byte = 0; byte < 256; ++byte)
        for (const char c : shown("a c", std::string(1, static_cast<char>(byte))))
            EXPECT_FALSE(std::string_view(" :()\n\r\0\t\x7f", 9).contains(c)) << byte;
}

TEST(Names, NoLongerThanTheSmallestBufferThatTakesThem) {
    EXPECT_EQ(shown("clamav", std::string(62, 'x')), std::string(62, 'x'));
    const std::string cut = shown("clamav", std::string(63, 'x'));
    EXPECT_EQ(cut.size(), 62U);
    EXPECT_EQ(cut.substr(0, 54), std::string(53, 'x') + ".");
    EXPECT_NE(shown("clamav", std::string(63, 'x') + "y"), shown("clamav", std::string(63, 'x') + "z"))
        << "two long names stay two";
    for (std::size_t size = 0; size < 300; ++size)
        for (const char* const backend : {"clamav", "yara", "acme"})
            EXPECT_LE(shown(backend, std::string(size, 'N'), true).size(), 62U) << size;
}

core::Report judged(std::vector<core::ScanResult> rows, const std::string& name,
                    Verdict verdict = Verdict::malicious) {
    core::Report out = report(verdict, std::move(rows));
    out.combined.name = name;
    return out;
}

core::ScanResult weighing(core::ScanResult result, std::uint32_t weight, core::BasisPoints confidence) {
    auto facts = std::make_shared<core::BackendFacts>(*result.backend);
    facts->policy.weight = weight;
    result.backend = std::move(facts);
    result.confidence = confidence;
    return result;
}

TEST(Names, TheStrongestAccuserGivesIt) {
    const auto weak = weighing(row("weak", Verdict::malicious, {"Same"}), 10'000, 5'000);
    const auto strong = weighing(row("strong", Verdict::malicious, {"Same"}), 10'000, 9'000);
    const auto observer = weighing(row("observer", Verdict::malicious, {"Same"}), 0, 10'000);
    const auto mild = weighing(row("mild", Verdict::suspicious, {"Same"}), 90'000, 10'000);
    EXPECT_EQ(answer_of(judged({weak, strong}, "Same"), {}).text, "strong.Same FOUND")
        << "both have that name; the verdict is the strong one's";
    EXPECT_EQ(answer_of(judged({observer, weak}, "Same"), {}).text, "weak.Same FOUND");
    EXPECT_EQ(answer_of(judged({mild, weak}, "Same"), {}).text, "weak.Same FOUND");
    EXPECT_EQ(answer_of(judged({strong, strong}, "Same"), {}).text, "strong.Same FOUND");
}

TEST(Names, ADetectionStandsAlthoughItsBackendCrashedAfterIt) {
    core::ScanResult crashed = row("acme", Verdict::unknown);
    crashed.outcome = core::Outcome::crashed;
    crashed.detections = row("acme", Verdict::malicious, {"Bad"}).detections;
    EXPECT_EQ(answer_of(judged({crashed}, "Bad"), {}).text, "acme.Bad FOUND");
}

TEST(Names, WhereNoBackendGivesOne) {
    EXPECT_EQ(answer_of(judged({row("acme", Verdict::malicious)}, ""), {}).text, "Unnamed FOUND");
    EXPECT_EQ(answer_of(judged({row("acme", Verdict::suspicious)}, "", Verdict::suspicious), {}).text,
              "Suspicious.Unnamed FOUND");
    core::Report listed = judged({row("acme", Verdict::benign)}, "");
    listed.combined.decided_by =
        core::Override{.kind = core::Override::Kind::block_list, .place = "block.sha256:1"};
    EXPECT_EQ(answer_of(listed, {}).text, "Listed FOUND");
    core::Report vetoed = judged({row("acme", Verdict::malicious)}, "");
    vetoed.combined.decided_by = core::Override{.kind = core::Override::Kind::veto, .place = "acme"};
    EXPECT_EQ(answer_of(vetoed, {}).text, "Unnamed FOUND");
}

}   // namespace
}   // namespace microengine::clamd
