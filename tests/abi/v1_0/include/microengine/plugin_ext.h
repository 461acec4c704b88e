/* SPDX-License-Identifier: MIT */
/* clang-format off: the tables of this header are laid out by hand. */
/* Optional interfaces of the Microengine plugin ABI. A plugin works on a host that has none of them, and a host asks for
 * each by its string id through the `extension` slot. Ids are owner.name/revision: a draft keeps its id when it becomes
 * stable; an incompatible change is a new revision. The laws and thread tags of plugin.h hold here too. */
#ifndef MICROENGINE_PLUGIN_EXT_H
#define MICROENGINE_PLUGIN_EXT_H
#include <microengine/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ME_EXT_SIGNATURES "me.signatures/1"   /* plugin: what is loaded; reports, `microengine backends`, cache keys */
typedef struct me_signatures { uint32_t struct_size, flags; uint64_t count; int64_t date_unix; char version[64]; } me_signatures;
#define ME_SIGNATURES_FLEETING 0x1u           /* in flags: answers hang on more than these and the bytes, as the time of day */
typedef struct me_ext_signatures { uint32_t struct_size, reserved0;
    me_status (*describe)(me_backend *b, me_call *c, me_signatures *out) ME_NOEXCEPT; } me_ext_signatures;      /* [load] */
#define ME_EXT_SELFTEST "me.selftest/1"       /* plugin: canaries the host scans before READY, after a reload, half-open */
typedef struct me_canary { uint32_t struct_size; int32_t verdict; const uint8_t *data; uint64_t size; } me_canary;
typedef struct me_ext_selftest { uint32_t struct_size, reserved0;
    me_status (*canary)(me_backend *b, uint32_t index, me_canary *out) ME_NOEXCEPT; } me_ext_selftest;          /* [load] E_NOT_FOUND ends */
#define ME_EXT_CANCEL "me.cancel/1"           /* plugin: for libraries that cannot poll; ends the running scan soon. It may come
                                                 just before scan() has armed itself: ask should_stop() once after arming */
typedef struct me_ext_cancel { uint32_t struct_size, reserved0;
    void (*cancel)(me_scanner *s) ME_NOEXCEPT; } me_ext_cancel;                                                 /* [any] never blocks; no scan: no effect */
#define ME_EXT_PREPARE "me.prepare/1"         /* plugin: settings to one file, run in a throwaway process */
typedef struct me_ext_prepare { uint32_t struct_size, reserved0;
    me_status (*prepare)(const me_host_v1 *h, me_call *c, const char *out_path) ME_NOEXCEPT; } me_ext_prepare;  /* [load] settings readable */
typedef struct me_host_prepared { uint32_t struct_size, reserved0;   /* host side of the same id: where backend_open finds it */
    me_status (*prepared)(me_call *c, me_string *path) ME_NOEXCEPT; } me_host_prepared;                         /* [call] */

#ifdef __cplusplus
}
#endif
#endif
