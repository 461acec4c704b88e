// SPDX-License-Identifier: MIT
#include "host/plugin/catalog.hpp"

#include "host/plugin/library.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace microengine::plugin {

namespace fs = std::filesystem;
using util::Errc;
using util::Result;

Result<Vetted*> Catalog::find(std::string_view name) {
    fs::path path(name);
    if (!path.is_absolute()) {
        if (name.contains('/'))
            return util::fail(
                Errc::plugin, name,
                "not_found: name a plugin of " + directory_.native() + " or give an absolute path");
        path = directory_ / (std::string(name) + ".so");
    }
    path = path.lexically_normal();
    const auto known =
        std::ranges::find(entries_, path, [](const auto& entry) { return entry->plugin.path; });
    if (known != entries_.end()) return &(*known)->plugin;
    Vetted plugin = ME_TRY(vet(path));
    for (const auto& entry : entries_)
        if (entry->plugin.card.id == plugin.card.id)
            return util::fail(Errc::plugin, path.native(),
                              "duplicate_id: it calls itself " + plugin.card.id + ", as " +
                                  entry->plugin.path.native() + " does; remove one of them");
    entries_.push_back(std::make_unique<Entry>(Entry{.plugin = std::move(plugin)}));
    return &entries_.back()->plugin;
}

Result<const me_plugin_v1*> Catalog::load(Vetted& plugin) {
    const auto entry = std::ranges::find(entries_, &plugin, [](const auto& each) { return &each->plugin; });
    util::ensure(entry != entries_.end(), "the plugin is of this catalog");
    if ((*entry)->table != nullptr) return (*entry)->table;
    const auto known = std::ranges::find(loaded_, plugin.card.id, &LoadedCode::id);
    if (known != loaded_.end() && known->sha256 != plugin.sha256)
        return util::fail(
            Errc::plugin, plugin.path.native(),
            "needs_restart: its file has changed, and code of a backend that runs in process is "
            "replaced at a restart only");
    if (known != loaded_.end()) return (*entry)->table = known->table;
    (*entry)->table = ME_TRY(load_library({.path = plugin.path.native(),
                                           .copy = plugin.copy,
                                           .description = plugin.description,
                                           .note_address = plugin.note_address}));
    loaded_.push_back({.id = plugin.card.id, .sha256 = plugin.sha256, .table = (*entry)->table});
    return (*entry)->table;
}

void Catalog::adopt(const Catalog& former) { loaded_ = former.loaded_; }

std::vector<Catalog::Listed> Catalog::list() {
    std::vector<fs::path> files;
    std::error_code ignored;
    for (fs::directory_iterator file(directory_, ignored), end; !ignored && file != end;
         file.increment(ignored))
        if (file->path().extension() == ".so") files.push_back(file->path());
    std::ranges::sort(files);
    std::vector<Listed> all;
    all.reserve(files.size());
    for (const fs::path& file : files) all.push_back({file, find(file.native())});
    return all;
}

}   // namespace microengine::plugin
