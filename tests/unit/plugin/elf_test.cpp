// SPDX-License-Identifier: MIT
// Real plugins, with single bytes changed: each change must give its own reason.
#include "host/plugin/elf.hpp"

#include "host/plugin/card.hpp"
#include "host/util/files.hpp"

#include <microengine/plugin.h>

#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace microengine::plugin {
namespace {

std::span<const std::uint8_t> bytes(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

struct Elf : testing::Test {
    Elf() : file(*util::read_file(PLUGIN_DIR "/eicar.so", 1 << 26)) {}

    template <class T>
    T get(std::size_t offset) const {
        T value;
        std::memcpy(&value, file.data() + offset, sizeof value);
        return value;
    }
    template <class T>
    void put(std::size_t offset, T value) {
        std::memcpy(file.data() + offset, &value, sizeof value);
    }
    /// Offset of the first program header of this type.
    std::size_t segment(std::uint32_t type) const {
        const auto header = get<Elf64_Ehdr>(0);
        for (std::size_t i = 0; i < header.e_phnum; ++i) {
            const std::size_t at = header.e_phoff + i * sizeof(Elf64_Phdr);
            if (get<Elf64_Phdr>(at).p_type == type) return at;
        }
        ADD_FAILURE() << "no segment of type " << type;
        return 0;
    }
    std::string reason() const {
        const auto note = find_note(bytes(file), "p.so");
        if (!note) return note.error().message.substr(0, note.error().message.find(':'));
        const auto card = read_card(note->description, "p.so");
        return card ? "good" : card.error().message.substr(0, card.error().message.find(':'));
    }
    std::size_t description() const {
        return static_cast<std::size_t>(find_note(bytes(file), "")->description.data() - bytes(file).data());
    }
    std::string file;
};

TEST_F(Elf, ABuiltPluginIsGood) { EXPECT_EQ(reason(), "good"); }

TEST_F(Elf, EveryPrefixIsRefusedAndNoneIsReadBeyondItsEnd) {
    const std::string whole = file;
    for (std::size_t size = 0; size < 5000; size += size < 1200 ? 1 : 97) {
        // A copy of its own, so that a sanitizer sees a read past the end.
        file = std::string(whole, 0, size);
        file.shrink_to_fit();
        EXPECT_TRUE(reason() == "not_elf" || reason() == "truncated") << size << ": " << reason();
    }
}

TEST_F(Elf, OtherClassMachineAndTypeAreNamed) {
    put<std::uint8_t>(EI_CLASS, ELFCLASS32);
    EXPECT_EQ(reason(), "wrong_arch");
    put<std::uint8_t>(EI_CLASS, ELFCLASS64);
    put<std::uint16_t>(offsetof(Elf64_Ehdr, e_machine), EM_S390);
    EXPECT_EQ(reason(), "wrong_arch");
    put<std::uint16_t>(offsetof(Elf64_Ehdr, e_machine), EM_X86_64);
    put<std::uint16_t>(offsetof(Elf64_Ehdr, e_type), ET_EXEC);
    EXPECT_EQ(reason(), "not_elf");
}

TEST_F(Elf, WritableCodeAndExecutableStackAreRefused) {
    const std::size_t load = segment(PT_LOAD) + offsetof(Elf64_Phdr, p_flags);
    const auto flags = get<std::uint32_t>(load);
    put<std::uint32_t>(load, PF_R | PF_W | PF_X);
    EXPECT_EQ(reason(), "writable_code");
    put(load, flags);
    put<std::uint32_t>(segment(PT_GNU_STACK) + offsetof(Elf64_Phdr, p_flags), PF_R | PF_W | PF_X);
    EXPECT_EQ(reason(), "exec_stack");
}

TEST_F(Elf, LibrariesFromRelativeFoldersAreRefused) {
    for (const char* name : {"/rpath_relative.so", "/rpath_origin.so"}) {
        file = *util::read_file(ZOO_DIR + std::string(name), 1 << 26);
        EXPECT_EQ(reason(), "foreign_path") << name;
    }
    file = *util::read_file(ZOO_DIR "/want_fd.so", 1 << 26);
    ASSERT_EQ(reason(), "good");
    file.replace(file.find("libc.so.6"), 9, "lib/so.6x");   // a library by its path
    EXPECT_EQ(reason(), "foreign_path");
}

TEST_F(Elf, OffsetsNearTheEndOfTheNumbersDoNotWrapAround) {
    put<std::uint64_t>(offsetof(Elf64_Ehdr, e_phoff), UINT64_MAX - 8);
    EXPECT_EQ(reason(), "truncated");
}

TEST_F(Elf, ALoadSegmentBeyondTheFileIsTruncated) {
    put<std::uint64_t>(segment(PT_LOAD) + offsetof(Elf64_Phdr, p_filesz), UINT64_MAX);
    EXPECT_EQ(reason(), "truncated");
}

TEST_F(Elf, TheCardsFieldsAreChecked) {
    const std::size_t card = description();
    const std::string whole = file;
    put<std::uint16_t>(card + offsetof(me_descriptor, abi_major), 2);
    EXPECT_EQ(reason(), "abi_major");
    file = whole;
    put<std::uint32_t>(card + offsetof(me_descriptor, struct_size), 511);
    EXPECT_EQ(reason(), "bad_note");
    file = whole;
    std::memset(file.data() + card + offsetof(me_descriptor, name), 'x', 64);   // no end
    EXPECT_EQ(reason(), "bad_note");
    file = whole;
    put<char>(card + offsetof(me_descriptor, id), 'O');   // no capital letters
    EXPECT_EQ(reason(), "bad_note");
    file = whole;
    put<char>(card + offsetof(me_descriptor, vendor), '\x1b');   // could steer a terminal
    EXPECT_EQ(reason(), "bad_note");
    file = whole;
    put<std::uint16_t>(card + offsetof(me_descriptor, setting_count), 7);
    EXPECT_EQ(reason(), "bad_settings_table");
}

TEST_F(Elf, ACardWithSettingsIsReadWhole) {
    file = *util::read_file(ZOO_DIR "/puppet.so", 1 << 26);
    const auto note = find_note(bytes(file), "");
    ASSERT_TRUE(note);
    const auto card = read_card(note->description, "");
    ASSERT_TRUE(card) << card.error().message;
    ASSERT_EQ(card->settings.size(), 3U);
    EXPECT_EQ(card->settings[2].name, "confidence");
    EXPECT_EQ(card->settings[2].allowed, "-1..70000");
    EXPECT_EQ(card->settings[2].default_value, "-1");
}

TEST_F(Elf, ADefaultOutsideWhatIsAllowedIsRefused) {
    file = *util::read_file(ZOO_DIR "/puppet.so", 1 << 26);
    const std::size_t third = description() + sizeof(me_descriptor) + 2 * sizeof(me_setting);
    put<char>(third + offsetof(me_setting, default_value) + 1, '9');   // -9
    EXPECT_EQ(reason(), "bad_settings_table");
}

}   // namespace
}   // namespace microengine::plugin
