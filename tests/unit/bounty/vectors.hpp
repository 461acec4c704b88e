// SPDX-License-Identifier: MIT
#pragma once
// PolySwarm's test vectors, polyswarm.json beside this file.

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>
#include <optional>
#include <string>

namespace microengine::bounty {

inline std::string file_beside(const std::string& name) {
    std::ifstream file(std::string(BOUNTY_DIR) + "/" + name, std::ios::binary);
    EXPECT_TRUE(file) << name;
    return {std::istreambuf_iterator<char>(file), {}};
}

/// One list of the file; none is empty.
inline nlohmann::json vectors(const std::string& list) {
    nlohmann::json all = nlohmann::json::parse(file_beside("polyswarm.json"));
    EXPECT_EQ(all.at("format"), "microengine.polyswarm-vectors/1");
    EXPECT_FALSE(all.at(list).empty()) << list;
    return all.at(list);
}

inline std::optional<std::string> text_or_none(const nlohmann::json& value) {
    if (value.is_null()) return std::nullopt;
    return value.get<std::string>();
}

inline std::string body_of(const nlohmann::json& vector) {
    if (vector.contains("body")) return vector.at("body").get<std::string>();
    const auto hex = vector.at("body_hex").get<std::string>();
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    return bytes;
}

}   // namespace microengine::bounty
