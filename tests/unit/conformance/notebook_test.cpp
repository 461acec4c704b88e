// SPDX-License-Identifier: MIT
#include "host/conformance/notebook.hpp"

#include "host/util/unique_fd.hpp"

#include <gmock/gmock.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <sstream>

namespace microengine::conformance {
namespace {

Notes read_all(int fd) {
    std::array<char, 8192> bytes{};
    const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), 0);
    std::istringstream lines(std::string(bytes.data(), static_cast<std::size_t>(got)));
    Notes notes;
    for (std::string line; std::getline(lines, line);) take_line(notes, line);
    return notes;
}

TEST(Notebook, WhatIsNotedArrives) {
    const util::UniqueFd file(::memfd_create("notes", MFD_CLOEXEC));
    Notebook book(file.get());
    book.step("while it slept");
    book.seen("one");
    book.seen("two\nlines \xff");
    book.warn("odd", "mend it");
    EXPECT_FALSE(book.failed());
    book.fail("wrong", "right it");
    EXPECT_TRUE(book.failed());
    EXPECT_FALSE(read_all(file.get()).ended);
    book.end();
    const Notes notes = read_all(file.get());
    EXPECT_EQ(notes.step, "while it slept");
    EXPECT_EQ(notes.seen, "one, two\nlines \xEF\xBF\xBD");
    ASSERT_EQ(notes.findings.size(), 2U);
    EXPECT_EQ(notes.findings[0], (Finding{.reason = "odd", .fix = "mend it", .error = false}));
    EXPECT_EQ(notes.findings[1], (Finding{.reason = "wrong", .fix = "right it"}));
    EXPECT_TRUE(notes.ended);
}

TEST(Notebook, WhatThePluginWroteIsLeftOut) {
    Notes notes;
    for (const char* line : {"", "garbage", "[1]", "{\"fail\":7", "null", "7"}) take_line(notes, line);
    EXPECT_TRUE(notes.findings.empty());
    EXPECT_FALSE(notes.ended);
    take_line(notes, "{\"seen\":7}");
    EXPECT_EQ(notes.seen, "");
}

TEST(Notebook, TheSameIsKeptOnceAndNotForEver) {
    Notes notes;
    for (int i = 0; i < 3; ++i) take_line(notes, R"({"fail":"same","fix":"x"})");
    EXPECT_EQ(notes.findings.size(), 1U);
    for (int i = 0; i < 1000; ++i) take_line(notes, "{\"fail\":\"" + std::to_string(i) + "\"}");
    EXPECT_EQ(notes.findings.size(), kMostFindings);
}

}   // namespace
}   // namespace microengine::conformance
