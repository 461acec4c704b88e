// SPDX-License-Identifier: MIT
#include "host/plugin/library.hpp"

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>
#include <dlfcn.h>
#include <link.h>

#include <cstddef>
#include <cstring>
#include <string>
#include <utility>

namespace microengine::plugin {

namespace dll = boost::dll;
using util::Errc;
using util::Result;

namespace {

constexpr auto kMode = static_cast<dll::load_mode::type>(RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
constexpr std::size_t kLeastTable = offsetof(me_plugin_v1, extension);

/// The object a code or data address belongs to; null if none.
const link_map* owner_of(const void* address) {
    Dl_info info{};
    link_map* map = nullptr;
    if (::dladdr1(address, &info, reinterpret_cast<void**>(&map), RTLD_DL_LINKMAP) == 0) return nullptr;
    return map;
}

/// Boost's text has the path twice and the system's words around dlerror()'s; keep what names the cause.
std::string dlerror_text(std::string text) {
    if (const std::size_t fd = text.find("/proc/self/fd/"); fd != std::string::npos)
        if (const std::size_t colon = text.find(": ", fd); colon != std::string::npos)
            text = text.substr(colon + 2);
    return text;
}

Result<void> check_table(const me_plugin_v1* table, const link_map* own, const Loadable& plugin) {
    const auto refuse = [&](const std::string& text) { return util::fail(Errc::plugin, plugin.path, text); };
    if (table == nullptr) return refuse("bad_table: its entry function returned nothing");
    if (owner_of(table) != own) return refuse("bad_table: its table does not lie inside the plugin");
    if (table->struct_size < kLeastTable || table->struct_size > 4096)
        return refuse("bad_table: its table has " + std::to_string(table->struct_size) + " bytes, at least " +
                      std::to_string(kLeastTable) + " expected; rebuild it with a 1.x SDK");
    if (table->backend_open == nullptr || table->backend_close == nullptr || table->scanner_open == nullptr ||
        table->scanner_close == nullptr || table->scan == nullptr)
        return refuse("bad_table: a function of its table is missing");
    // The descriptor must be the very note that was vetted, not a look-alike elsewhere.
    if (reinterpret_cast<std::uintptr_t>(table->descriptor) != own->l_addr + plugin.note_address ||
        std::memcmp(table->descriptor, plugin.description.data(), plugin.description.size()) != 0)
        return refuse(
            "note_differs: its descriptor is not the note of the file; point the table at the note");
    return {};
}

}   // namespace

Result<const me_plugin_v1*> load_library(const Loadable& plugin) {
    const std::string& place = plugin.path;
    // The name must stay unique for life: the loader matches libraries by name before it looks at the file.
    const std::string sealed = "/proc/self/fd/" + std::to_string(plugin.copy.keep_open());
    try {
        // The throwing overload: its text has that of dlerror(), the error_code one has not.
        const dll::shared_library library(std::filesystem::path(sealed), kMode);
        const link_map* own = nullptr;
        if (::dlinfo(library.native(), RTLD_DI_LINKMAP, static_cast<void*>(&own)) != 0)
            return util::fail(Errc::plugin, place, "dlopen_failed: the loader does not know what it loaded");
        void* const symbol = ::dlsym(library.native(), ME_PLUGIN_ENTRY_V1);
        if (symbol == nullptr)
            return util::fail(Errc::plugin, place,
                              "no_entry: it exports no " ME_PLUGIN_ENTRY_V1 "; use ME_PLUGIN or ME_EXPORT");
        // dlsym also finds the symbol of a library that the plugin links.
        if (owner_of(symbol) != own)
            return util::fail(Errc::plugin, place,
                              "foreign_entry: " ME_PLUGIN_ENTRY_V1
                              " comes from a library it links, not from itself");
        const me_plugin_v1* const table = reinterpret_cast<me_plugin_entry_v1_fn>(symbol)();
        ME_CHECK(check_table(table, own, plugin));
        return table;   // RTLD_NODELETE: the library's end here does not unload it
    } catch (const std::exception& e) {
        return util::fail(Errc::plugin, place, "dlopen_failed: " + dlerror_text(e.what()));
    }
}

}   // namespace microengine::plugin
