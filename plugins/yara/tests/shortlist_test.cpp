// SPDX-License-Identifier: MIT
// Evaluating only the shortlist gives what evaluating everything gives.

#include "plugins/yara/shortlist.hpp"

#include "plugins/yara/evaluation.hpp"
#include "plugins/yara/tests/conditions.hpp"
#include "plugins/yara/tests/loading.hpp"

#include <yara/exec.h>

#include <random>
#include <vector>

namespace microengine::yara {
namespace {

std::set<std::string> short_matches(const YR_RULES& rules, const Shortlist& shortlist,
                                    std::string_view artifact) {
    Evaluation evaluation(rules, shortlist);
    return matches_of(evaluation.rules(),
                      [&](YR_SCANNER* scanner) { return evaluation.scan(scanner, bytes_of(artifact)); });
}

std::size_t evaluated(const Shortlist& shortlist, const YR_RULES& rules, std::string_view artifact) {
    const std::vector<YR_MATCHES> none(rules.num_strings);
    std::vector<std::uint8_t> code(shortlist.capacity());
    Code rest(code.data(), shortlist.write(region_of(bytes_of(artifact)), none.data(), code));
    std::size_t conditions = 0;
    while (!rest.empty()) {
        conditions += rest[0] == OP_INIT_RULE ? 1 : 0;
        rest = rest.subspan(read_instruction(rest).size);
    }
    return conditions;
}

/// Random conditions over all that the analysis knows, and over what it does not.
class Conditions {
public:
    explicit Conditions(std::uint32_t seed) : random_(seed) {}

    std::string rules(int count) {
        std::string text = "import \"pe\" import \"elf\" import \"math\"\n";
        for (rule_ = 0; rule_ < count; ++rule_) {
            const std::string kind = one_in(80) ? "global " : one_in(8) ? "private " : "";
            text += kind + "rule r" + std::to_string(rule_) +
                    " { strings: $_a = \"aa\" $_b = \"bb\" $_c = /M.{1,3}Z/ " +
                    "condition: " + with_strings(condition(3)) + " }\n";
        }
        return text;
    }

private:
    bool one_in(unsigned n) { return random_() % n == 0; }
    std::string condition(int depth) {
        if (depth == 0 || one_in(4)) return atom();
        switch (random_() % 5) {
            case 0:
                return "not (" + condition(depth - 1) + ")";
            case 1:
            case 2:
                return "(" + condition(depth - 1) + " and " + condition(depth - 1) + ")";
            case 3:
                return "(" + condition(depth - 1) + " or " + condition(depth - 1) + ")";
            default:
                return "for " + std::string(one_in(2) ? "any" : "all") + " k in (1..3) : (" + condition(0) +
                       ")";
        }
    }
    std::string atom() {
        static const std::vector<std::string> atoms{
            "uint16(0) == 0x5A4D",
            "uint16(0) != 0x5A4D",
            "0x4D5A == uint16be(0)",
            "uint32be(0) == 0x7F454C46",
            "int8(0) == 0x61",
            "uint8(1) > 64",
            "filesize < 10",
            "filesize > 3",
            "16 >= filesize",
            "filesize == 2",
            "filesize != 2",
            "$_a",
            "not $_b",
            "#_a > 1",
            "#_a == 0",
            "#_b < 3",
            "2 <= #_a",
            "#_a > #_b",
            "@_a < 4",
            "@_b[2] > 2",
            "@_a + 1 == 1",
            "!_c > 3",
            "!_c[1] == 4",
            "$_a at 0",
            "$_b in (0..3)",
            "#_a in (0..4) == 0",
            "#_a in (0..4) > 0",
            "any of them",
            "all of them",
            "none of them",
            "2 of them",
            "50% of them",
            "any of ($_a, $_b) in (0..2)",
            "#_a",
            "@_a",
            "for any of them : (# > 1)",
            "for all of them : (# < 2)",
            "for 2 of them : ($ at 0)",
            "for any i in (1..#_a) : (@_a[i] > 2)",
            "for all i in (1, 2) : (uint8(i) > 1)",
            "pe.is_pe",
            "pe.is_pe == 0",
            "not pe.is_dll()",
            "pe.number_of_sections == 0",
            "pe.exports(\"x\")",
            "pe.machine == pe.MACHINE_I386",
            "pe.DLL == 0x2000",
            "defined pe.machine",
            "not defined pe.imphash()",
            "for any i in (0..pe.number_of_sections) : (pe.sections[i].name == \".x\")",
            "for all i in (0..pe.number_of_sections - 1) : (pe.sections[i].name != \".x\")",
            "for any s in pe.sections : (s.name == \".x\")",
            "pe.version_info[\"a\"] icontains \"b\"",
            "elf.type == elf.ET_EXEC",
            "elf.number_of_sections != 1",
            "math.entropy(0, filesize) > 1.5",
            "math.min(filesize, 4) == 4",
            "ext == 3",
            "ext + filesize > 5",
            "text == \"\"",
            "text matches /x?/",
            "1 \\ (filesize - filesize) == 1",
            "not (1 \\ (filesize - filesize) == 1)",
            "true",
            "false",
            "filesize \\ 2 == 1",
            "filesize & 1 == 1",
            "~filesize < 0",
            "entrypoint == 0",
            "uint16(uint8(0)) == 0",
            "uint8(filesize - 1) == 0x61"};
        if (rule_ > 0 && one_in(6)) return "r" + std::to_string(random_() % static_cast<unsigned>(rule_));
        if (rule_ > 2 && one_in(12)) return one_in(2) ? "any of (r0, r2)" : "none of (r0, r1)";
        return atoms[random_() % atoms.size()];
    }

    std::mt19937 random_;
    int rule_ = 0;
};

TEST(YaraShortlist, ChangesNoMatchOfAnyCondition) {
    const Library library;
    const std::vector<std::string> artifacts{"",
                                             "a",
                                             "aa",
                                             "aaa",
                                             "bb",
                                             "aabb",
                                             "M",
                                             "MZ",
                                             std::string("MZ\0\0aabb", 8),
                                             "MaaZ",
                                             "Mxx",
                                             "\x7f"
                                             "ELF",
                                             "\x7f"
                                             "ELF\x01\x01\x01",
                                             "ZM",
                                             "xxaaxxaaxxbb",
                                             std::string(70, 'a'),
                                             std::string("MZ") + std::string(300, 'b'),
                                             std::string(4, '\0'),
                                             std::string(1, '\xcd') + "aabb",
                                             "\xff\xff\xff\xff"};
    std::size_t total = 0, left_out = 0, matched = 0;
    for (std::uint32_t seed = 1; seed <= 60; ++seed) {
        const std::string text = Conditions(seed).rules(40);
        const Rules rules = rules_of(text);
        ASSERT_NE(rules, nullptr) << text;
        const auto shortlist = Shortlist::of(*rules);
        ASSERT_TRUE(shortlist);
        for (const std::string& artifact : artifacts) {
            const auto plain = plain_matches(rules.get(), artifact);
            ASSERT_EQ(short_matches(*rules, *shortlist, artifact), plain)
                << "seed " << seed << ", artifact '" << artifact << "'\n"
                << text;
            matched += plain.size();
            total += rules->num_rules;
            left_out += rules->num_rules - evaluated(*shortlist, *rules, artifact);
        }
    }
    EXPECT_GT(matched, total / 20);   // else equality would say little
    EXPECT_GT(left_out, total / 5);
}

TEST(YaraShortlist, LeavesOutWhatAnArtifactCannotMatchAndImportsOnlyWhatIsLeft) {
    const Library library;
    const Rules rules = rules_of(
        "import \"pe\" rule a { condition: uint16(0) == 0x5A4D } rule b { condition: pe.is_pe and filesize > "
        "1 } "
        "rule c { strings: $a = \"aa\" condition: $a } rule d { condition: false } "
        "global rule e { condition: filesize < 1000 } rule f { condition: filesize == 2 or not a }");
    ASSERT_NE(rules, nullptr);
    const auto shortlist = Shortlist::of(*rules);
    ASSERT_TRUE(shortlist);
    EXPECT_EQ(evaluated(*shortlist, *rules, "text"), 2U);   // e, f
    EXPECT_EQ(evaluated(*shortlist, *rules, "MZ"), 4U);     // and a, b
    EXPECT_EQ(short_matches(*rules, *shortlist, "aa"), (std::set<std::string>{"c", "e", "f"}));
    EXPECT_EQ(short_matches(*rules, *shortlist, "MZ"), (std::set<std::string>{"a", "e", "f"}));
    EXPECT_EQ(short_matches(*rules, *shortlist, std::string(2000, 'a')), (std::set<std::string>{}));
}

TEST(YaraShortlist, OneScannerScansManyArtifacts) {
    const Library library;
    const Rules rules =
        rules_of("rule a { condition: uint8(0) == 0x61 } rule b { condition: uint8(0) == 0x62 }");
    const auto shortlist = Shortlist::of(*rules);
    ASSERT_TRUE(shortlist);
    Evaluation evaluation(*rules, *shortlist);
    for (const auto& [artifact, name] :
         {std::pair("a", "a"), {"b", "b"}, {"a", "a"}, {"c", ""}, {"b", "b"}}) {
        const auto found = matches_of(evaluation.rules(), [&](YR_SCANNER* scanner) {
            return evaluation.scan(scanner, bytes_of(artifact));
        });
        EXPECT_EQ(found, *name == '\0' ? std::set<std::string>{} : std::set<std::string>{name}) << artifact;
    }
}

TEST(YaraShortlist, IsTheSameWhenSavedAndLoaded) {
    const Library library;
    const Rules rules = rules_of(Conditions(7).rules(40));
    ASSERT_NE(rules, nullptr);
    const auto made = Shortlist::of(*rules);
    ASSERT_TRUE(made);
    std::string bytes;
    made->save(bytes);
    const auto loaded = Shortlist::load(bytes, *rules);
    ASSERT_TRUE(loaded);
    for (const char* artifact : {"", "aa", "MZ", "text"})
        EXPECT_EQ(evaluated(*loaded, *rules, artifact), evaluated(*made, *rules, artifact));
    std::string again;
    loaded->save(again);
    EXPECT_EQ(again, bytes);
}

TEST(YaraShortlist, IsNotLoadedForOtherRules) {
    const Library library;
    const Rules rules = rules_of(Conditions(7).rules(40)), other = rules_of("rule a { condition: true }");
    std::string bytes;
    Shortlist::of(*rules)->save(bytes);
    EXPECT_FALSE(Shortlist::load(bytes, *other));
    for (std::size_t size = 0; size < bytes.size(); size += 7) {
        EXPECT_FALSE(Shortlist::load(std::string_view(bytes).substr(0, size), *rules)) << size;
    }
    EXPECT_FALSE(Shortlist::load(bytes + "x", *rules));
}

struct YaraShortlistSetting : YaraLoading, testing::WithParamInterface<bool> {};

TEST_P(YaraShortlistSetting, ChangesNoVerdict) {
    folder.write("rules/a.yar", rule("a", "evil") + "rule mz { condition: uint16(0) == 0x5A4D }");
    harness.set("shortlist", GetParam());
    EXPECT_EQ(found("evil"), (std::set<std::string>{"a.yar:a"}));
    EXPECT_EQ(found("MZ evil"), (std::set<std::string>{"a.yar:a", "a.yar:mz"}));
    EXPECT_EQ(harness.scan("nothing").verdict, ME_BENIGN);
}
INSTANTIATE_TEST_SUITE_P(OnAndOff, YaraShortlistSetting, testing::Bool());

}   // namespace
}   // namespace microengine::yara
