/* SPDX-License-Identifier: MIT */
/* Exports the entry point, but has no note: it must be refused without being run. */
#include <microengine/plugin.h>

const me_plugin_v1 *me_plugin_entry_v1(void) { return NULL; }
