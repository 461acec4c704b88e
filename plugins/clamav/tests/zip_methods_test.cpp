// SPDX-License-Identifier: GPL-2.0-only
#include "zip_methods.hpp"

#include "tests/containers.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>

namespace microengine::clamav {
namespace {

using support::Member;
using support::zip_of;

/// With the bytes at this place replaced.
std::string changed(std::string bytes, std::size_t at, std::string_view by) {
    return bytes.replace(at, by.size(), by);
}

TEST(ZipMethods, WhatLibclamavUnpacksIsNotHidden) {
    for (const unsigned method : {0U, 6U, 8U, 9U, 12U})
        EXPECT_FALSE(zip_hides_members(zip_of({{"a", "bytes", false, method}}))) << method;
    const std::pair<const char*, std::string> cases[] = {
        {"nothing", ""},
        {"text", std::string(100'000, 'P')},
        {"empty zip", zip_of({})},
        {"streamed", zip_of({{"a", "bytes", false, 8, 5, true}})},
        {"encrypted, packed by AES", zip_of({{"a", "bytes", true, 99}})},
        {"behind a program", std::string(100'000, 'x') + zip_of({{"a", "bytes"}})},
        {"a mark by chance", zip_of({{"a", std::string("PK\3\4", 4) + std::string(100, '\xEE')}})},
    };
    for (const auto& [what, bytes] : cases) EXPECT_FALSE(zip_hides_members(bytes)) << what;
}

TEST(ZipMethods, OneMemberOfAnotherMethodIsEnough) {
    for (const unsigned method : {1U, 2U, 5U, 10U, 14U, 20U, 93U, 95U, 96U, 97U, 98U, 0xFFFFU})
        EXPECT_TRUE(zip_hides_members(zip_of({{"a", "bytes"}, {"b", "bytes", false, method}}))) << method;
}

TEST(ZipMethods, NeitherHeaderIsBelievedAlone) {
    const std::string zip = zip_of({{"a", "bytes"}});
    const std::size_t directory = zip.find("PK\1\2");
    const std::string lzma("\x0e\0", 2), zip64(4, '\xFF');
    const std::pair<const char*, std::string> cases[] = {
        {"local", changed(zip, 8, lzma)},
        {"local, of a strange version", changed(changed(zip, 8, lzma), 4, zip64.substr(2))},
        {"central", changed(zip, directory + 10, lzma)},
        {"no directory", changed(zip, 8, lzma).substr(0, directory)},
        {"no directory, streamed", zip_of({{"a", "bytes", false, 8, 5, true}}).substr(0, 40)},
        {"a false directory appended, streamed", zip_of({{"a", std::string(60, 'x'), false, 8, 90, true}}) +
                                                     std::string("PK\5\6", 4) + std::string(18, '\0')},
        {"something appended", changed(zip, directory + 10, lzma) + std::string(100'000, 'x')},
        {"size of zip64", changed(zip, 18, zip64)},
        {"offset of zip64", changed(zip, directory + 42, zip64)},
        {"directory of zip64", changed(zip, zip.size() - 6, zip64)},
        {"cut", changed(zip, 18, "\x40\x42\x0f")},
    };
    for (const auto& [what, bytes] : cases) EXPECT_TRUE(zip_hides_members(bytes)) << what;
}

TEST(ZipMethods, AnyBytesWillDo) {
    std::mt19937 random(7);   // NOLINT(cert-msc32-c,cert-msc51-cpp): the same every time
    const std::string zip = zip_of({{"a", "bytes", false, 8, 9, true}, {"b", std::string(60, 'x')}});
    for (int round = 0; round < 20'000; ++round) {
        std::string bytes = zip.substr(0, random() % (zip.size() + 1));
        for (int i = 0; i < 4 && !bytes.empty(); ++i)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        static_cast<void>(zip_hides_members(bytes));
    }
}

}   // namespace
}   // namespace microengine::clamav
