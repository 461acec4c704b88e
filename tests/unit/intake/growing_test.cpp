// SPDX-License-Identifier: MIT
// Files that others write to while they are read. There is no moment to hook into between fstat and read, so
// a writer runs all the time and every load must make sense whenever it falls.
#include "host/intake/read.hpp"
#include "host/util/unique_fd.hpp"
#include "tests/unit/intake/temp_tree.hpp"

#include <gtest/gtest.h>

#include <array>
#include <thread>

namespace microengine::intake {
namespace {

TEST(Growing, WhatChangedMeanwhileIsNoArtifact_WhatDidNotIsWhole) {
    const support::TempTree tree;
    const std::string path = tree.file("log", std::string(300'000, 'a'));
    const std::jthread writer([&path](const std::stop_token& stop) {
        const util::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
        std::array<char, 65536> block{};
        block.fill('b');
        for (int round = 0; !stop.stop_requested(); ++round) {
            if (round % 8 == 0 && ::ftruncate(fd.get(), 1000) != 0) return;
            if (::pwrite(fd.get(), block.data(), block.size(), (round % 8) * 65536) < 0) return;
        }
    });
    const util::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    core::ArtifactBuffer buffer;
    for (int i = 0; i < 300; ++i) {
        const auto loaded = load_fd(fd.get(), "log", Limits{400'000}, buffer);
        if (!loaded) {
            const util::Error& error = loaded.error().error;
            EXPECT_TRUE(error.code == util::Errc::limit || error.message == "changed while it was read")
                << error.text();
            continue;
        }
        EXPECT_EQ(loaded->facts.size, loaded->bytes.size());
        EXPECT_LE(loaded->facts.size, 400'000u);
        EXPECT_EQ(loaded->facts.sha256, util::sha256(loaded->bytes))
            << "the digest is of the bytes that are scanned";
    }
}

}   // namespace
}   // namespace microengine::intake
