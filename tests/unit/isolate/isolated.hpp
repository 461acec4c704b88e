// SPDX-License-Identifier: MIT
#pragma once
// An isolated backend as the host opens it, with plugins of the zoo; and what one scan of it gave.

#include "host/isolate/process_backend.hpp"
#include "host/isolate/shared_buffer.hpp"
#include "host/plugin/catalog.hpp"
#include "host/util/digest.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace microengine::isolate {

/// Settings of a plugin of the zoo: its card's defaults, but for these.
inline core::Settings settings_of(const plugin::Card& card,
                                  const std::vector<std::pair<std::string, std::string>>& set) {
    core::Settings settings;
    for (const core::SettingSpec& spec : card.settings) {
        const auto given = std::ranges::find(set, spec.name, &std::pair<std::string, std::string>::first);
        const std::string text = given == set.end() ? spec.default_value : given->second;
        core::Setting setting{.name = spec.name, .values = {}, .place = "m.toml:4:1"};
        if (spec.type == core::SettingType::integer)
            setting.values = {std::int64_t{std::stoll(text)}};
        else if (!text.empty())
            setting.values = {text};
        settings.all.push_back(std::move(setting));
    }
    return settings;
}

struct Isolated : testing::Test {
    Isolated() {
        settings.helper = HELPER_FILE;
        settings.memory_bytes = std::uint64_t{128} << 20;
    }

    /// Opens zoo/<plugin>.so in processes of its own.
    util::Result<std::unique_ptr<plugin::Backend>> open(
        const std::string& name, const std::vector<std::pair<std::string, std::string>>& set = {},
        std::chrono::milliseconds within = std::chrono::seconds(60)) {
        if (!isolation) isolation.emplace(settings, temp_root);
        plugin::Vetted* plugin = *catalog.find(std::string(ZOO_DIR) + "/" + name + ".so");
        core::BackendPolicy policy;
        policy.name = name;
        return open_isolated(*isolation, *plugin,
                             {.policy = std::move(policy),
                              .settings = settings_of(plugin->card, set),
                              .deadline = core::Deadline::after(within),
                              .temp_dir = {}});
    }

    core::ScanResult scan(plugin::Scanner& scanner, std::string_view text,
                          std::chrono::milliseconds timeout = std::chrono::seconds(20)) {
        const std::span<std::uint8_t> space = buffer->prepare(text.size());
        std::ranges::copy(text, space.begin());
        core::Artifact artifact;
        artifact.bytes = space;
        artifact.facts.name = "artifact";
        artifact.facts.size = text.size();
        artifact.facts.sha256 = util::sha256(space);
        artifact.memory = buffer->share(text.size());
        core::ScanResult row;
        scanner.scan({.artifact = &artifact,
                      .deadline = {},
                      .backend_deadline = core::Deadline::after(timeout),
                      .cancel = &cancel},
                     row);
        EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(space.data()), space.size()), text)
            << "somebody changed the artifact";
        return row;
    }

    plugin::Catalog catalog{ZOO_DIR};
    plugin::TempRoot temp_root{""};
    IsolationSettings settings;
    std::optional<Isolation> isolation;
    std::unique_ptr<core::ArtifactBuffer> buffer = make_shared_buffer();
    plugin::CancelWord cancel{core::Reason::none};
};

/// The processes that this one has started, by /proc.
inline std::vector<int> children_of(int pid) {
    std::vector<int> all;
    std::error_code ignored;
    const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
    for (std::filesystem::directory_iterator task(tasks, ignored), end; !ignored && task != end;
         task.increment(ignored)) {
        std::ifstream children(task->path() / "children");
        for (int child = 0; children >> child;) all.push_back(child);
    }
    return all;
}

inline std::size_t open_descriptors() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& fd : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
    return count;
}

}   // namespace microengine::isolate
