// SPDX-License-Identifier: MIT
#pragma once
// A scanner of tests/scanners, or one written on the spot, through the plugin as it was built.

#include "tests/support/plugin_harness.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace microengine::python {

struct PythonTest : testing::Test {
    PythonTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "me-python-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
        root = pattern;
        harness.temp_dir = root;
        use("awkward.py");
    }
    ~PythonTest() override { std::filesystem::remove_all(root); }
    PythonTest(const PythonTest&) = delete;
    PythonTest& operator=(const PythonTest&) = delete;

    void use(const std::string& script) { harness.set("script", std::string(SCANNERS) + "/" + script); }
    void write(const std::string& script, const std::string& text) {
        std::ofstream(root / script) << text;
        harness.set("script", (root / script).string());
    }

    std::filesystem::path root;
    support::Harness harness{PLUGIN_FILE};
};

}   // namespace microengine::python
