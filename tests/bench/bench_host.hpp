// SPDX-License-Identifier: MIT
#pragma once
// What the benchmarks share: backends of the test plugins, opened without an app around them.

#include "host/isolate/process_backend.hpp"
#include "host/plugin/card.hpp"
#include "host/plugin/catalog.hpp"
#include "host/plugin/in_process_backend.hpp"
#include "host/plugin/temp_root.hpp"
#include "host/util/files.hpp"
#include "host/util/result.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace microengine::bench {

[[noreturn]] inline void give_up(const util::Error& error) {
    std::fprintf(stderr, "%s\n", error.text().c_str());
    std::exit(1);
}
template <class T>
T value(util::Result<T> result) {
    if (!result) give_up(result.error());
    return *std::move(result);
}
template <class T>
T median(std::vector<T> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

struct Host {
    Host()
        : catalog(std::filesystem::path(ZOO_DIR)),
          temp_root(std::filesystem::path()),
          isolation(settings(), temp_root) {}

    static isolate::IsolationSettings settings() {
        isolate::IsolationSettings settings;
        settings.helper = util::layout().helper;
        settings.breaker.faults = 1'000'000;   // crashing is what it is here for
        return settings;
    }
    static plugin::OpenRequest request(const std::string& name) {
        core::BackendPolicy policy;
        policy.name = name;
        return {.policy = std::move(policy), .settings = {}, .deadline = {}, .temp_dir = std::nullopt};
    }
    /// Without the catalog, which makes system calls that valgrind does not know.
    static std::unique_ptr<plugin::Backend> in_process(const std::string& name) {
        const std::string file = std::string(ZOO_DIR) + "/" + name + ".so";
        void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr) give_up({.place = file, .message = "cannot be loaded"});
        const auto entry = reinterpret_cast<me_plugin_entry_v1_fn>(::dlsym(library, ME_PLUGIN_ENTRY_V1));
        const me_plugin_v1* table = entry();
        const auto* card = reinterpret_cast<const std::uint8_t*>(table->descriptor);
        const std::size_t settings =
            std::size_t{table->descriptor->setting_count} * table->descriptor->setting_size;
        return value(plugin::open_in_process(
            value(plugin::read_card({card, sizeof(me_descriptor) + settings}, file)), table, request(name)));
    }
    std::unique_ptr<plugin::Backend> isolated(const std::string& name, core::Settings with = {}) {
        plugin::OpenRequest asked = request(name);
        asked.settings = std::move(with);
        return value(isolate::open_isolated(isolation, *value(catalog.find(name)), std::move(asked)));
    }

    plugin::Catalog catalog;
    plugin::TempRoot temp_root;
    isolate::Isolation isolation;
};

}   // namespace microengine::bench
