// SPDX-License-Identifier: MIT
#pragma once
// A folder with lists, gone with the test.

#include "tests/support/plugin_harness.hpp"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace microengine::hashlist {

struct Folder : testing::Test {
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "me-hashlist-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
        root = pattern;
    }
    ~Folder() override { std::filesystem::remove_all(root); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    Folder(Folder&&) = delete;
    Folder& operator=(Folder&&) = delete;

    std::string file(const char* name, std::string_view text) const {
        std::ofstream(root / name, std::ios::binary) << text;
        return (root / name).string();
    }
    std::filesystem::path root;
    support::Harness harness{PLUGIN_FILE};
};

// Of "an artifact": what sha256sum, sha1sum and md5sum say.
inline const std::string kSha256 = "326086a5d542fbb3f783c4d9182b3188caecd714d02d6c10cbdea982e2bfc409";
inline const std::string kSha1 = "381aef61464f679c1134e1e1978028f9069189b1";
inline const std::string kMd5 = "edb2500f76d57ce002555df3c65e35aa";

}   // namespace microengine::hashlist
