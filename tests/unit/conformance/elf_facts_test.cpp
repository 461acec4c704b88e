// SPDX-License-Identifier: MIT
#include "host/conformance/elf_facts.hpp"

#include <elf.h>
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

namespace microengine::conformance {
namespace {

using testing::Contains;
using testing::IsEmpty;

std::vector<std::uint8_t> file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(ElfFacts, OfAPluginAsTheSdkBuildsIt) {
    const ElfFacts facts = elf_facts(file(ZOO_DIR "/c_minimal.so"));
    EXPECT_TRUE(facts.sections);
    EXPECT_TRUE(facts.relro);
    EXPECT_TRUE(facts.now);
    EXPECT_THAT(facts.exported, Contains("me_plugin_entry_v1"));
#if !defined(ME_SANITIZED)
    EXPECT_EQ(facts.exported.size(), 1U);
#endif
    EXPECT_THAT(facts.unique, IsEmpty());
    EXPECT_THAT(elf_facts(file(PLUGIN_DIR "/eicar.so")).libraries, Contains("libc.so.6"));
    EXPECT_THAT(facts.search_folders, IsEmpty());
}

TEST(ElfFacts, OfOnesThatAreLinkedOtherwise) {
    EXPECT_THAT(elf_facts(file(ZOO_DIR "/second_symbol.so")).exported, Contains("helper_of_mine"));
    EXPECT_FALSE(elf_facts(file(ZOO_DIR "/lazy.so")).now);
    EXPECT_THAT(elf_facts(file(ZOO_DIR "/rpath_missing.so")).search_folders,
                Contains("/opt/microengine-test-nowhere/lib"));
}

/// Every prefix, and every byte of the headers at its edges: nothing is read beyond the end.
TEST(ElfFacts, OfABrokenFileAreFewButHarmless) {
    std::vector<std::uint8_t> whole = file(ZOO_DIR "/c_minimal.so");
    ASSERT_GT(whole.size(), sizeof(Elf64_Ehdr));
    for (std::size_t size = 0; size < whole.size(); size += 1 + size / 16)
        (void)elf_facts(
            std::vector<std::uint8_t>(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    for (std::size_t at = 0; at < sizeof(Elf64_Ehdr); ++at)
        for (const std::uint8_t edge : {std::uint8_t{0}, std::uint8_t{0x7F}, std::uint8_t{0xFF}}) {
            std::vector<std::uint8_t> broken = whole;
            broken[at] = edge;
            (void)elf_facts(broken);
        }
    EXPECT_FALSE(elf_facts({}).sections);
}

}   // namespace
}   // namespace microengine::conformance
