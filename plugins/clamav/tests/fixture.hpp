// SPDX-License-Identifier: GPL-2.0-only
#pragma once
// The plugin with a database of its own and a temporary directory, for one test.

#include "tests/containers.hpp"
#include "tests/support/plugin_harness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace microengine::support {

inline std::string hex_of(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += {"0123456789abcdef"[byte >> 4U], "0123456789abcdef"[byte & 15U]};
    }
    return text;
}

struct ClamAv : testing::Test {
    ClamAv() {
        std::filesystem::create_directories(database);
        std::filesystem::create_directories(temporary);
        write("test.ndb", "Eicar-Test-Signature:0:0:" + hex_of(eicar()) +
                              "\nPUA.Win.Tool.Marked-7:0:*:" + hex_of("UNWANTED-MARK") +
                              "\nWin.Trojan.Marked-77-1:0:*:" + hex_of("bad-mark") + "\n");
        harness.temp_dir = temporary;
        harness.set("database", database.string());
    }
    ~ClamAv() override { std::filesystem::remove_all(root); }
    ClamAv(const ClamAv&) = delete;
    ClamAv& operator=(const ClamAv&) = delete;

    void write(const std::string& name, std::string_view text) const {
        std::ofstream(database / name, std::ios::binary) << text;
    }
    /// Exactly this, and nothing of it is benign.
    static void expect_partial(const Seen& seen, std::uint32_t why) {
        EXPECT_EQ(seen.status, ME_OK) << seen.fail_text;
        EXPECT_TRUE(seen.partial());
        EXPECT_EQ(seen.why_partial(), why);
        EXPECT_NE(seen.verdict, ME_BENIGN);
    }

    std::filesystem::path root = std::filesystem::path(testing::TempDir()) /
                                 ("microengine-clamav-" + std::to_string(getpid()) + "-" +
                                  testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::path database = root / "database", temporary = root / "temporary";
    Harness harness{PLUGIN_FILE};
};

MATCHER_P(Named, name, "") { return arg.name == name; }

}   // namespace microengine::support
