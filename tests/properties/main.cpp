// SPDX-License-Identifier: MIT
// A hundred cases, rapidcheck's default, meet few ties.

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

int main(int argc, char** argv) {
    std::string params = "max_success=500";
    // NOLINTBEGIN(concurrency-mt-unsafe): no thread has been started
    if (const char* given = std::getenv("RC_PARAMS")) params += std::string(" ") + given;
    setenv("RC_PARAMS", params.c_str(), 1);
    // NOLINTEND(concurrency-mt-unsafe)
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
