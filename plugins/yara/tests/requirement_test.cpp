// SPDX-License-Identifier: MIT
// Which artifacts a condition leaves open.

#include "plugins/yara/requirement.hpp"

#include "plugins/yara/tests/conditions.hpp"

#include <yara/exec.h>

#include <array>
#include <ostream>
#include <vector>

namespace microengine::yara {
namespace {

struct Case {
    const char* condition;
    std::string artifact;
    bool may_hold;   ///< whatever was found
    bool may_hold_without_strings;
};
std::ostream& operator<<(std::ostream& out, const Case& of) { return out << of.condition; }

struct YaraRequirement : testing::TestWithParam<Case> {
    Library library;
};

std::string rule_with(const std::string& condition) {
    return "import \"pe\" import \"elf\" import \"math\" "
           "rule r { strings: $_a = \"aa\" $_b = \"bb\" condition: " +
           with_strings(condition) + " }";
}

TEST_P(YaraRequirement, LeavesOpen) {
    const Case& of = GetParam();
    const Rules rules = rules_of(rule_with(of.condition));
    ASSERT_NE(rules, nullptr);
    const auto program = take_apart(*rules);
    ASSERT_TRUE(program);
    ASSERT_EQ(program->conditions.size(), 1U);
    const Requirement requirement = requirement_of(program->conditions[0].code);
    const Region artifact = region_of(bytes_of(of.artifact));
    EXPECT_EQ(artifact.meets(requirement.any), of.may_hold);
    EXPECT_EQ(artifact.meets(requirement.without_strings), of.may_hold_without_strings);
}

const std::string kText = "some text", kMz = "MZ\x90",
                  kElf =
                      "\x7f"
                      "ELF",
                  kLarge(5000, 't');

INSTANTIATE_TEST_SUITE_P(
    Beginnings, YaraRequirement,
    testing::Values(
        Case{"uint16(0) == 0x5A4D", kText, false, false}, Case{"uint16(0) == 0x5A4D", kMz, true, true},
        Case{"0x5A4D == uint16(0)", kText, false, false}, Case{"uint16be(0) == 0x4D5A", kText, false, false},
        Case{"uint32be(0) == 0x7F454C46", kElf, true, true},
        Case{"uint32be(0) == 0x7F454C46", kMz, false, false}, Case{"int8(0) == 0x4D", kMz, true, true},
        Case{"int32(0) == -1", "\xff\xff\xff\xff", true, true}, Case{"int32(0) == -1", kText, false, false},
        Case{"uint16(0) == 0x5A4D", "", true, true},   // has no first byte: not told apart
        Case{"uint16(0) != 0x5A4D", kText, true, true}, Case{"not uint16(0) == 0x5A4D", kText, true, true},
        Case{"uint16(2) == 0x5A4D", kText, true, true},
        Case{"uint32(uint32(0x3C)) == 0x4550", kText, true, true},
        Case{"uint16(0) == 0x5A4D and uint32(uint32(0x3C)) == 0x4550", kText, false, false},
        Case{"uint16(0) == 0x5A4D or uint32be(0) == 0x7F454C46", kElf, true, true},
        Case{"uint16(0) == 0x5A4D or uint32be(0) == 0x7F454C46", kText, false, false}));

INSTANTIATE_TEST_SUITE_P(
    Sizes, YaraRequirement,
    testing::Values(Case{"filesize < 1KB", kText, true, true}, Case{"filesize < 1KB", kLarge, false, false},
                    Case{"filesize > 4*1024 - 1", kText, false, false},
                    Case{"filesize > 4*1024 - 1", kLarge, true, true},
                    Case{"1KB >= filesize", kLarge, false, false}, Case{"filesize == 9", kText, true, true},
                    Case{"filesize == 100", kText, false, false}, Case{"filesize != 9", kText, true, true},
                    Case{"filesize == 0", "", true, true}, Case{"filesize > 0", "", false, false},
                    Case{"filesize < -1", kText, false, false},
                    Case{"filesize < 1KB and uint16(0) == 0x5A4D", kMz, true, true}));

INSTANTIATE_TEST_SUITE_P(
    Strings, YaraRequirement,
    testing::Values(Case{"$_a", kText, true, false}, Case{"not $_a", kText, true, true},
                    Case{"any of them", kText, true, false}, Case{"all of them", kText, true, false},
                    Case{"2 of them", kText, true, false}, Case{"none of them", kText, true, true},
                    Case{"0 of them", kText, true, true}, Case{"50% of them", kText, true, false},
                    Case{"any of them in (0..10)", kText, true, false}, Case{"#_a > 0", kText, true, false},
                    Case{"#_a == 0", kText, true, true}, Case{"#_a < 2", kText, true, true},
                    Case{"3 < #_a", kText, true, false}, Case{"#_a in (0..9) > 1", kText, true, false},
                    Case{"#_a in (0..9) == 0", kText, true, true}, Case{"@_a < 100", kText, true, false},
                    Case{"@_a + 4 > 0", kText, true, false}, Case{"not @_a > 3", kText, true, true},
                    Case{"!_a > 1", kText, true, false}, Case{"$_a at 0", kText, true, false},
                    Case{"$_a in (0..9)", kText, true, false},
                    Case{"$_a or filesize > 1KB", kText, true, false},
                    Case{"$_a or filesize > 1KB", kLarge, true, true},
                    Case{"$_a and filesize > 1KB", kText, false, false},
                    Case{"for any i in (1..3) : ($_a at i)", kText, true, false},
                    Case{"for all i in (1..3) : (not $_a at i)", kText, true, true},
                    Case{"for any of them : (# > 2)", kText, true, true},
                    Case{"for any of them : (# < 2)", kText, true, true}));

INSTANTIATE_TEST_SUITE_P(
    Modules, YaraRequirement,
    testing::Values(
        Case{"pe.is_pe", kText, false, false}, Case{"not pe.is_pe", kText, true, true},
        Case{"pe.is_pe == 0", kText, true, true}, Case{"pe.number_of_sections == 0", kText, false, false},
        Case{"pe.MACHINE_I386 > 0", kText, true, true},
        Case{"pe.machine == pe.MACHINE_I386", kText, false, false},
        Case{"pe.machine == pe.MACHINE_I386", kMz, true, true}, Case{"not pe.is_dll()", kText, false, false},
        Case{"defined pe.machine", kText, false, false}, Case{"not defined pe.machine", kText, true, true},
        Case{"pe.imphash() == \"x\"", kText, false, false}, Case{"pe.exports(\"x\")", kText, false, false},
        Case{"pe.version_info[\"a\"] contains \"b\"", kText, false, false},
        Case{"pe.sections[0].name == \"a\" or $_a", kText, true, false},
        Case{"pe.characteristics & pe.DLL", kText, false, false},
        Case{"for any i in (0..pe.number_of_sections) : (pe.sections[i].name == \".x\")", kText, false,
             false},
        Case{"for any s in pe.sections : (s.name == \".x\")", kText, true, true},
        Case{"elf.type == elf.ET_EXEC", kText, false, false}, Case{"elf.type == 2", kElf, true, true},
        Case{"math.entropy(0, filesize) > 2.0", kText, true, true},
        Case{"math.entropy(pe.sections[0].raw_data_offset, 4) > 2.0", kText, false, false}));

INSTANTIATE_TEST_SUITE_P(Rest, YaraRequirement,
                         testing::Values(Case{"true", kText, true, true}, Case{"false", kText, false, false},
                                         Case{"ext == 3", kText, true, true},
                                         Case{"text == \"\"", kText, true, true},
                                         Case{"1 \\ (filesize - filesize) == 1", kText, true, true}));

/// What these modules give is undefined for files of another type. The analysis relies on it; this asks
/// libyara.
TEST(YaraModules, GiveNothingDefinedForOtherFiles) {
    const Library library;
    const std::vector<std::string> expressions{"pe.is_dll()",
                                               "pe.is_32bit()",
                                               "pe.is_64bit()",
                                               "pe.imphash()",
                                               "pe.exports(\"x\")",
                                               "pe.exports(1)",
                                               "pe.exports(/x/)",
                                               "pe.exports_index(\"x\")",
                                               "pe.exports_index(1)",
                                               "pe.exports_index(/x/)",
                                               "pe.imports(\"x\", \"y\")",
                                               "pe.imports(\"x\", 1)",
                                               "pe.imports(\"x\")",
                                               "pe.imports(/x/, /y/)",
                                               "pe.imports(pe.IMPORT_ANY, \"x\", \"y\")",
                                               "pe.imports(pe.IMPORT_ANY, \"x\", 1)",
                                               "pe.imports(pe.IMPORT_ANY, \"x\")",
                                               "pe.imports(pe.IMPORT_ANY, /x/, /y/)",
                                               "pe.section_index(\"x\")",
                                               "pe.section_index(1)",
                                               "pe.rva_to_offset(1)",
                                               "pe.calculate_checksum()",
                                               "pe.locale(1)",
                                               "pe.language(1)",
                                               "pe.rich_signature.version(1)",
                                               "pe.rich_signature.version(1, 2)",
                                               "pe.rich_signature.toolid(1)",
                                               "pe.rich_signature.toolid(1, 2)",
                                               "pe.rich_signature.key",
                                               "pe.rich_signature.clear_data",
                                               "pe.signatures[0].valid_on(1)",
                                               "pe.signatures[0].subject",
                                               "pe.number_of_signatures",
                                               "pe.number_of_sections",
                                               "pe.number_of_resources",
                                               "pe.number_of_version_infos",
                                               "pe.number_of_imports",
                                               "pe.number_of_imported_functions",
                                               "pe.number_of_exports",
                                               "pe.number_of_rva_and_sizes",
                                               "pe.machine",
                                               "pe.timestamp",
                                               "pe.characteristics",
                                               "pe.entry_point",
                                               "pe.entry_point_raw",
                                               "pe.image_base",
                                               "pe.subsystem",
                                               "pe.checksum",
                                               "pe.opthdr_magic",
                                               "pe.base_of_code",
                                               "pe.size_of_image",
                                               "pe.os_version.major",
                                               "pe.linker_version.minor",
                                               "pe.dll_name",
                                               "pe.pdb_path",
                                               "pe.overlay.size",
                                               "pe.overlay.offset",
                                               "pe.export_timestamp",
                                               "pe.resource_timestamp",
                                               "pe.version_info[\"a\"]",
                                               "pe.version_info_list[0].key",
                                               "pe.sections[0].name",
                                               "pe.resources[0].type",
                                               "pe.data_directories[0].size",
                                               "pe.export_details[0].name",
                                               "pe.import_details[0].library_name",
                                               "dotnet.version",
                                               "dotnet.module_name",
                                               "dotnet.number_of_streams",
                                               "dotnet.number_of_guids",
                                               "dotnet.number_of_resources",
                                               "dotnet.number_of_constants",
                                               "dotnet.number_of_user_strings",
                                               "dotnet.number_of_modulerefs",
                                               "dotnet.guids[0]",
                                               "dotnet.typelib",
                                               "dotnet.assembly.name",
                                               "dotnet.streams[0].name",
                                               "dotnet.user_strings[0]",
                                               "elf.type",
                                               "elf.machine",
                                               "elf.entry_point",
                                               "elf.number_of_sections",
                                               "elf.number_of_segments",
                                               "elf.sections[0].name",
                                               "elf.segments[0].type",
                                               "elf.symtab_entries",
                                               "elf.symtab[0].name",
                                               "elf.dynsym_entries",
                                               "elf.dynamic_section_entries",
                                               "elf.dynamic[0].val"};
    for (const std::string& expression : expressions) {
        const Rules rules =
            rules_of("import \"pe\" import \"dotnet\" import \"elf\" rule r { condition: defined " +
                     expression + " }");
        ASSERT_NE(rules, nullptr) << expression;
        for (const std::string& artifact : {std::string(), kText, kLarge,
                                            std::string("ZM\x90\x00\x7f"
                                                        "ELF",
                                                        8)})
            EXPECT_TRUE(plain_matches(rules.get(), artifact).empty()) << expression;
    }
}

TEST(YaraBytecode, IsNotGuessedAt) {
    const Library library;
    const Rules rules = rules_of("rule r { strings: $a = \"aa\" condition: $a and filesize < 10 }");
    ASSERT_NE(rules, nullptr);
    const Code whole = code_of(*rules);
    ASSERT_TRUE(take_apart(*rules));
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_EQ(read_instruction(whole.first(size)).size != 0, size >= 9);   // OP_INIT_RULE and its operand
    for (const int opcode : {OP_ERROR, OP_UNUSED, OP_DEFINED + 1, OP_INT_END + 1, OP_NOP - 1}) {
        const std::array<std::uint8_t, 9> code{static_cast<std::uint8_t>(opcode)};
        EXPECT_EQ(read_instruction(code).size, 0U) << opcode;
    }
    // The condition cut short, in the middle of itself.
    const auto condition = take_apart(*rules)->conditions.at(0).code;
    const Requirement anything{};
    for (std::size_t size = 0; size + 1 < condition.size(); ++size)
        EXPECT_EQ(requirement_of(condition.first(size)), anything) << size;
}

}   // namespace
}   // namespace microengine::yara
