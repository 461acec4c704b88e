// SPDX-License-Identifier: MIT
#pragma once
// Exact texts below tests/golden. MICROENGINE_UPDATE_GOLDEN=1 rewrites them; the difference is for review.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace microengine::support {

inline void expect_golden(const std::string& file, const std::string& text) {
    const std::string path = std::string(GOLDEN_DIR) + "/" + file;
    if (std::getenv("MICROENGINE_UPDATE_GOLDEN") != nullptr) {   // NOLINT(concurrency-mt-unsafe): one thread
        std::ofstream(path, std::ios::binary) << text;
        return;
    }
    std::ifstream in(path, std::ios::binary);
    ASSERT_TRUE(in) << path << " is not there; MICROENGINE_UPDATE_GOLDEN=1 writes it";
    const std::string golden((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    EXPECT_EQ(text, golden) << path;
}

}   // namespace microengine::support
