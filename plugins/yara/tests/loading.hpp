// SPDX-License-Identifier: MIT
#pragma once
// A backend over the rules of a temporary folder, for the tests of this plugin.

#include "plugins/yara/tests/folder.hpp"
#include "tests/support/plugin_harness.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

namespace microengine::yara {

struct YaraLoading : testing::Test {
    YaraLoading() { harness.set("rules", folder.at("rules")).set("cache_dir", std::string("off")); }
    Folder folder;
    support::Harness harness{PLUGIN_FILE};
    std::set<std::string> found(std::string_view artifact) {
        std::set<std::string> names;
        for (const auto& detection : harness.scan(artifact).detections)
            names.insert(detection.name_space + ":" + detection.name);
        return names;
    }
};

}   // namespace microengine::yara
