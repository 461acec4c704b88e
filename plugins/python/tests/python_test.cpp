// SPDX-License-Identifier: MIT
#include "tests/support/plugin_harness.hpp"

#include <gmock/gmock.h>

TEST(Python, X) {}
