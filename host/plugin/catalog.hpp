// SPDX-License-Identifier: MIT
#pragma once
// The plugins this process has looked at: each file vetted once and loaded at most once, however many
// backends use it.

#include "host/plugin/vet.hpp"
#include "host/util/result.hpp"

#include <microengine/plugin.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::plugin {

/// One thread at a time: used while backends are opened.
class Catalog {
public:
    /// `directory` is where bare names are looked up.
    explicit Catalog(std::filesystem::path directory) : directory_(std::move(directory)) {}

    /// A bare name in the plugin directory, or an absolute path. Reason codes: those of vet(), and
    /// duplicate_id. The plugin lives as long as the catalog.
    [[nodiscard]] util::Result<Vetted*> find(std::string_view name);
    /// The plugin's table, loading it if need be; see load_library(). Reason code: needs_restart, if other
    /// code of the same plugin has been loaded.
    [[nodiscard]] util::Result<const me_plugin_v1*> load(Vetted& plugin);
    /// What another catalog has loaded stays loaded: this one uses it too.
    void adopt(const Catalog& former);
    /// Every *.so of the directory by name, vetted or refused.
    struct Listed {
        std::filesystem::path path;
        util::Result<Vetted*> plugin;
    };
    [[nodiscard]] std::vector<Listed> list();
    [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

private:
    struct Entry {
        Vetted plugin;
        const me_plugin_v1* table = nullptr;
    };
    struct LoadedCode {
        std::string id;
        util::Sha256 sha256{};
        const me_plugin_v1* table = nullptr;   // immortal
    };
    std::filesystem::path directory_;
    std::vector<LoadedCode> loaded_;
    std::vector<std::unique_ptr<Entry>> entries_;   // behind pointers: callers keep a Vetted*
};

}   // namespace microengine::plugin
