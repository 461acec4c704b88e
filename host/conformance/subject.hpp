// SPDX-License-Identifier: MIT
#pragma once
// What is checked: a plugin file as far as it can be known without running its code. Made once; every test
// gets a copy of it by being a fork.

#include "host/conformance/options.hpp"
#include "host/core/setting.hpp"
#include "host/plugin/vet.hpp"
#include "host/util/result.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace microengine::conformance {

/// Where a mutated artifact lies while it is scanned: shared with the process that started the test, which
/// keeps it when that ends badly.
inline constexpr std::size_t kMostFuzzBytes = std::size_t{1} << 20;
struct FuzzPage {
    std::atomic<std::uint64_t> index = 0;
    std::atomic<std::uint64_t> size = 0;
    std::atomic<bool> in_use = false;   ///< an artifact is being scanned, or was found wanting
    std::array<char, kMostFuzzBytes> bytes{};
};

struct Subject {
    Options options;
    std::uint64_t seed = 0;
    std::filesystem::path file;            ///< without links
    util::Result<plugin::Vetted> vetted;   ///< or why it was refused
    std::string settings_problems;         ///< of the command line against the card, ready to print; "": none
    core::Settings settings;               ///< once there is no problem
    std::filesystem::path helper;          ///< microengine-backend

    FuzzPage* fuzz = nullptr;   ///< for the fuzz tests

    [[nodiscard]] const plugin::Card& card() const { return vetted->card; }
    [[nodiscard]] bool promises(std::uint32_t caps) const { return (card().caps & caps) != 0; }
};

/// Errors: the file is not there, or an option cannot be read.
[[nodiscard]] util::Result<Subject> make_subject(const Options& options);

/// The settings that a configuration with these `KEY=VALUE` gives this plugin, or all that is wrong with
/// them.
struct Configured {
    core::Settings settings;
    std::string problems;   ///< ready to print; "": none
};
[[nodiscard]] util::Result<Configured> configure(const Subject& subject,
                                                 const std::vector<std::string>& settings);

}   // namespace microengine::conformance
