// SPDX-License-Identifier: MIT
#include "host/plugin/extensions.hpp"

#include <cstddef>

namespace microengine::plugin {

namespace {

/// The plugin's table for an extension, if it has all of `least` bytes: tables grow at the tail, and those of
/// an older minor are shorter.
template <class Table>
const Table* extension_of(const me_plugin_v1& plugin, const char* id, std::size_t least) {
    if (!ME_HAS(me_plugin_v1, &plugin, extension) || plugin.extension == nullptr) return nullptr;
    const auto* table = static_cast<const Table*>(plugin.extension(id));
    return table != nullptr && table->struct_size >= least ? table : nullptr;
}

}   // namespace

const me_ext_cancel* cancel_of(const me_plugin_v1& plugin) {
    constexpr std::size_t whole = offsetof(me_ext_cancel, cancel) + sizeof(me_ext_cancel::cancel);
    const auto* table = extension_of<me_ext_cancel>(plugin, ME_EXT_CANCEL, whole);
    return table != nullptr && table->cancel != nullptr ? table : nullptr;
}
const me_ext_signatures* signatures_of(const me_plugin_v1& plugin) {
    constexpr std::size_t whole = offsetof(me_ext_signatures, describe) + sizeof(me_ext_signatures::describe);
    const auto* table = extension_of<me_ext_signatures>(plugin, ME_EXT_SIGNATURES, whole);
    return table != nullptr && table->describe != nullptr ? table : nullptr;
}
const me_ext_selftest* selftest_of(const me_plugin_v1& plugin) {
    constexpr std::size_t whole = offsetof(me_ext_selftest, canary) + sizeof(me_ext_selftest::canary);
    const auto* table = extension_of<me_ext_selftest>(plugin, ME_EXT_SELFTEST, whole);
    return table != nullptr && table->canary != nullptr ? table : nullptr;
}

}   // namespace microengine::plugin
