// SPDX-License-Identifier: MIT
#pragma once
// The optional interfaces a plugin offers, each null if it does not. Tables grow at the tail: those of an
// older minor are shorter, and only what is used must be there.

#include <microengine/plugin.h>
#include <microengine/plugin_ext.h>

namespace microengine::plugin {

[[nodiscard]] const me_ext_cancel* cancel_of(const me_plugin_v1& plugin);
[[nodiscard]] const me_ext_signatures* signatures_of(const me_plugin_v1& plugin);
[[nodiscard]] const me_ext_selftest* selftest_of(const me_plugin_v1& plugin);

}   // namespace microengine::plugin
