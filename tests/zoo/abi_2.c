/* SPDX-License-Identifier: MIT */
/* A plugin of a later major: its note is of another type. */
#include <microengine/plugin.h>

static const struct { uint32_t namesz, descsz, type; char owner[4]; uint32_t body[4]; } card ME_NOTE_ATTRIBUTES = {
    3, 16, ME_NOTE_TYPE + 1, {'M', 'E', 0, 0}, {0, 0, 0, 0}};

ME_EXPORT const void *me_plugin_entry_v2(void);
const void *me_plugin_entry_v2(void) { return &card; }
