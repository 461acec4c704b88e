/* SPDX-License-Identifier: MIT */
/* clang-format off: the tables of this header are laid out by hand. */
/* Microengine plugin ABI, major 1. Needs <stddef.h> and <stdint.h> only. Linux, 64 bit, little endian. The laws:
 * L1 Only fixed-width integers, pointers and function pointers cross: no enum, bool, long, size_t, float, bit-field,
 *    va_list; no struct by value.
 * L2 A crossing struct starts with struct_size, set by whoever ALLOCATED it. Readers test ME_HAS(). Structs grow at the
 *    tail only; nothing is reordered, retyped or reused inside major 1. Reserved members are zero.
 * L3 No ownership crosses. What an argument points to is valid until that call returns; the host copies what it keeps.
 *    Immortal: the plugin table, the card, the host table, extension tables, members marked cstr.
 * L4 Text is UTF-8, pointer and size. Setting names, extension ids and members marked cstr are NUL-terminated.
 * L5 No exception, longjmp or signal crosses. The host never cancels a thread.
 * L6 An unknown bit in `needs` refuses the plugin. Unknown caps, flags and artifact types are ignored.
 * L7 A plugin never calls exit, abort, fork, exec, chdir, umask, setlocale, setenv, signal or sigaction, never touches
 *    descriptors 0..2, and never opens a path taken from an artifact or a request.
 * L8 Calls come in the order backend_open, scanner_open, scan*, scanner_close, backend_close; the host sees to it.
 * Thread tags: [load] nothing else of this backend and no other [load] call of the process runs. [scanner] one thread at a
 * time per scanner, not always the same. [call] only the thread that is inside the call. [any] any thread, concurrently. */
#ifndef MICROENGINE_PLUGIN_H
#define MICROENGINE_PLUGIN_H
#include <stddef.h>
#include <stdint.h>

#define ME_ABI_MAJOR 1
#define ME_ABI_MINOR 0
#ifndef ME_TARGET_MINOR   /* oldest host minor to run on; newer members are hidden, so a need cannot creep in */
#define ME_TARGET_MINOR 0
#endif
#define ME_EXPORT __attribute__((visibility("default")))
#ifdef __cplusplus
#define ME_NOEXCEPT noexcept   /* part of the type from C++17 on: a thunk that may throw does not compile */
extern "C" {
#else
#define ME_NOEXCEPT
#endif
/* does *p, as its allocator sized it, have member m? */
#define ME_HAS(T, p, m) ((p)->struct_size >= offsetof(T, m) + sizeof(((T *)0)->m))

typedef int32_t me_status;       /* positive values are reserved: they read as ME_E_FAILED */
#define ME_OK               0
#define ME_E_FAILED       (-1)   /* and every negative value the reader does not know  */
#define ME_E_NO_MEMORY    (-2)
#define ME_E_SETTINGS     (-3)   /* backend_open: a setting is wrong; fail() named it  */
#define ME_E_UNSUPPORTED  (-4)   /* not my kind of artifact: an abstention, no error   */
#define ME_E_CANCELLED    (-5)
#define ME_E_DEADLINE     (-6)
#define ME_E_LIMIT        (-7)   /* own limit hit; the result is filled and PARTIAL    */
#define ME_E_NOT_FOUND    (-8)   /* no value, no such index, end of list               */
#define ME_E_TYPE         (-9)   /* asked for another type than the card declares      */
#define ME_E_INVALID     (-10)   /* the caller broke the contract                      */
#define ME_E_FATAL       (-11)   /* this scanner is dead: close it and open another    */

/* verdict: what a backend thinks */
#define ME_UNKNOWN    0          /* no opinion: an abstention. In a detection: information */
#define ME_BENIGN     1          /* examined completely, nothing found                 */
#define ME_SUSPICIOUS 2          /* weak sign, unwanted program                        */
#define ME_MALICIOUS  3
#define ME_CONFIDENCE_MAX   10000u        /* basis points                              */
#define ME_CONFIDENCE_UNSET 0xFFFFFFFFu   /* the host uses the backend's default       */
#define ME_ARTIFACT_FILE 0x1u
#define ME_ARTIFACT_URL  0x2u    /* data is the URL itself                             */
#define ME_LOG_DEBUG 0
#define ME_LOG_INFO  1
#define ME_LOG_WARN  2
#define ME_LOG_ERROR 3
/* caps: promises the host may use */
#define ME_CAP_PARALLEL_SCANNERS 0x01u /* scanners of one backend may scan at the same time */
#define ME_CAP_FORK_AFTER_OPEN   0x02u /* after backend_open a forked child may open scanners   */
#define ME_CAP_POLLS_STOP        0x04u /* calls should_stop() at least every 50 ms of work   */
#define ME_CAP_DETERMINISTIC     0x08u /* same bytes, signatures, settings: same result      */
/* needs: rights during scan, must be understood */
#define ME_NEED_FD          0x01u      /* request.fd besides request.data                    */
#define ME_NEED_TEMP_DIR    0x02u      /* a private writable directory                       */
#define ME_NEED_NETWORK     0x04u
#define ME_NEED_THREADS     0x08u      /* starts threads, joins them before scan returns     */
#define ME_NEED_EXEC_MEMORY 0x10u      /* memory first writable, then executable: a JIT      */
#define ME_NEED_READ_PATHS  0x20u      /* re-reads the files its path settings name          */

/* ---- the card: an ELF note holding this descriptor, then setting_count me_setting records. Readable without running
        code; the same bytes are the runtime descriptor. No pointer and no 64-bit member: 4-byte aligned. ---- */
typedef struct me_descriptor {   /* 512 bytes for all of major 1 */
    uint32_t struct_size;
    uint16_t abi_major, abi_minor;   /* abi_minor, compiled against: information */
    uint16_t min_host_minor;     /* = ME_TARGET_MINOR: the only number that refuses */
    uint16_t setting_count;
    uint32_t setting_size;       /* sizeof(me_setting) at compile time */
    uint32_t artifact_types;     /* ME_ARTIFACT_*, at least one known */
    uint32_t caps, needs, reserved0;
    char id[64];                 /* reverse DNS, [a-z0-9.-]; not the file name */
    char version[32];            /* semver of the plugin */
    char name[64], vendor[64], license[32] /* SPDX */, url[128], reserved1[96];
} me_descriptor;
#define ME_SETTING_STRING  1u
#define ME_SETTING_PATH    2u    /* a string made absolute against the config file; must exist */
#define ME_SETTING_INTEGER 3u
#define ME_SETTING_BOOLEAN 4u
#define ME_SETTING_REQUIRED 0x1u
#define ME_SETTING_LIST     0x2u
#define ME_SETTING_SECRET   0x4u /* never printed */
typedef struct me_setting {      /* 256 bytes in 1.0 */
    char name[40];               /* [a-z][a-z0-9_]*, a dot for a sub-table: "limits.depth" */
    uint32_t type, flags;
    char default_value[48];      /* as text: "1000", "true"; "" = none; of a list: one item */
    char unit[16], allowed[48];  /* "ms", "bytes"; "1..100000" or "fast|full"; "" = anything of the type */
    char doc[96];                /* one line */
} me_setting;
typedef struct me_note { uint32_t namesz, descsz, type; char owner[4]; me_descriptor descriptor; } me_note;
#define ME_NOTE_TYPE 0x4D450001u /* 'M' 'E', ABI major */
#ifdef __clang__   /* its address sanitizer would pad the note */
#define ME_NOTE_ATTRIBUTES __attribute__((section(".note.microengine"), used, aligned(4), no_sanitize("address")))
#else
#define ME_NOTE_ATTRIBUTES __attribute__((section(".note.microengine"), used, aligned(4)))
#endif
#define ME_NOTE(N, ID, VERSION, NAME, VENDOR, LICENSE, URL, TYPES, CAPS, NEEDS)                              \
    { 3, sizeof(me_descriptor) + (N) * sizeof(me_setting), ME_NOTE_TYPE, {'M', 'E', 0, 0},                   \
      { sizeof(me_descriptor), ME_ABI_MAJOR, ME_ABI_MINOR, ME_TARGET_MINOR, (N), sizeof(me_setting),         \
        (TYPES), (CAPS), (NEEDS), 0, ID, VERSION, NAME, VENDOR, LICENSE, URL, {0} } }
/* C: ME_CARD(card, 2, "org.x", ..., 0) ME_SETTING(...) ME_SETTING(...) ME_CARD_END; without settings: ME_CARD_PLAIN */
#define ME_CARD(sym, N, ID, VERSION, NAME, VENDOR, LICENSE, URL, TYPES, CAPS, NEEDS)                         \
    static const struct { me_note note; me_setting settings[N]; } sym ME_NOTE_ATTRIBUTES = {                 \
        ME_NOTE(N, ID, VERSION, NAME, VENDOR, LICENSE, URL, TYPES, CAPS, NEEDS), {
#define ME_SETTING(NAME, TYPE, FLAGS, DEFAULT, UNIT, ALLOWED, DOC) { NAME, TYPE, FLAGS, DEFAULT, UNIT, ALLOWED, DOC },
#define ME_CARD_END } }
#define ME_CARD_PLAIN(sym, ID, VERSION, NAME, VENDOR, LICENSE, URL, TYPES, CAPS, NEEDS)                      \
    static const struct { me_note note; } sym ME_NOTE_ATTRIBUTES = {                                         \
        ME_NOTE(0, ID, VERSION, NAME, VENDOR, LICENSE, URL, TYPES, CAPS, NEEDS) }

/* ---- scanning ---- */
typedef struct me_call    me_call;      /* host-owned: one call into the plugin */
typedef struct me_backend me_backend;   /* plugin-owned: signatures, immutable after backend_open */
typedef struct me_scanner me_scanner;   /* plugin-owned: scratch memory */
typedef struct me_string { const char *data; uint64_t size; } me_string;   /* frozen: never grows */
typedef struct me_request {
    uint32_t struct_size, flags; /* ME_REQUEST_* */
    uint32_t artifact_type;      /* one of the declared ME_ARTIFACT_* */
    int32_t  fd;                 /* -1, or the same bytes: pread() only, never close */
    const uint8_t *data;         /* the whole artifact; read-only, cannot shrink or change; never NULL */
    uint64_t size;               /* may be 0 */
    uint64_t deadline_ns;        /* CLOCK_MONOTONIC; 0 = none */
    const uint8_t *sha256;       /* 32 bytes, or NULL */
    me_string name, mime;        /* ATTACKER-CONTROLLED label, never a path to open; a hint */
} me_request;
#define ME_REQUEST_ALL_MATCHES 0x1u   /* else stopping at the first malicious match is fine */
typedef struct me_result {       /* host-allocated; all zero but struct_size and confidence, which is UNSET */
    uint32_t struct_size;
    int32_t  verdict;            /* ME_UNKNOWN .. ME_MALICIOUS */
    uint32_t confidence;         /* 0..ME_CONFIDENCE_MAX or ME_CONFIDENCE_UNSET */
    uint32_t flags;              /* ME_RESULT_* */
    uint64_t bytes_scanned;
} me_result;
#define ME_RESULT_PARTIAL 0x1u   /* not all of it was examined: does not count as benign */
#define ME_RESULT_TRUSTED 0x2u   /* with ME_BENIGN: positively known good */
#define ME_RESULT_PARTIAL_BECAUSE(code) (ME_RESULT_PARTIAL | (uint32_t)(code) << 8)   /* why, in bits 8..15 */
#define ME_PARTIAL_OTHER                0u
#define ME_PARTIAL_ENCRYPTED            1u
#define ME_PARTIAL_CORRUPT              2u
#define ME_PARTIAL_DECOMPRESSION_UNSAFE 3u   /* unpacking it would be an attack on this machine */
#define ME_PARTIAL_TOO_LARGE            4u
#define ME_PARTIAL_TOO_DEEP             5u
#define ME_PARTIAL_TOO_MANY             6u
#define ME_PARTIAL_TIME_LIMIT           7u
#define ME_PARTIAL_TRUNCATED            8u
typedef struct me_detection {    /* one signature that matched */
    uint32_t struct_size;
    int32_t  verdict;
    uint32_t confidence, flags;
    me_string name, family, name_space;   /* the last two may be empty; name_space: group of signatures */
    const me_string *tags; uint64_t tag_count;
    uint64_t offset, length;     /* length 0 = unknown */
    me_string detail;            /* a JSON object, or empty */
} me_detection;

typedef struct me_host_v1 {      /* the same pointer in every call */
    uint32_t struct_size;
    uint16_t abi_major, abi_minor;
    const char *name, *version;  /* cstr */
    void      (*log)(me_call *c, int32_t level, const char *text, uint64_t size) ME_NOEXCEPT;        /* [any] c may be NULL */
    void      (*fail)(me_call *c, const char *setting, const char *text, uint64_t size) ME_NOEXCEPT; /* [call] why THIS call fails; setting may be NULL */
    me_status (*should_stop)(me_call *c) ME_NOEXCEPT;                            /* [any] OK, E_CANCELLED, E_DEADLINE */
    me_status (*add_detection)(me_call *c, const me_detection *d) ME_NOEXCEPT;   /* [call] copies; E_LIMIT = enough */
    me_status (*temp_dir)(me_call *c, me_string *path) ME_NOEXCEPT;              /* [call] needs ME_NEED_TEMP_DIR */
    /* [call] in backend_open (and prepare): declared settings, defaults applied; index 0 for a scalar. Every me_string
       the host hands out is NUL-terminated as well. */
    me_status (*setting_count)(me_call *c, const char *name, uint64_t *count) ME_NOEXCEPT;
    me_status (*setting_string)(me_call *c, const char *name, uint64_t index, me_string *value) ME_NOEXCEPT;
    me_status (*setting_integer)(me_call *c, const char *name, uint64_t index, int64_t *value) ME_NOEXCEPT;
    me_status (*setting_boolean)(me_call *c, const char *name, uint64_t index, int32_t *value) ME_NOEXCEPT;
    const void *(*extension)(const char *id) ME_NOEXCEPT;                        /* [any] table, or NULL */
} me_host_v1;

typedef struct me_plugin_v1 {
    uint32_t struct_size, reserved0;
    const me_descriptor *descriptor;   /* MUST point into the note */
    me_status (*backend_open)(const me_host_v1 *h, me_call *c, me_backend **out) ME_NOEXCEPT;      /* [load] may be slow */
    void      (*backend_close)(me_backend *b) ME_NOEXCEPT;                                         /* [load] */
    me_status (*scanner_open)(me_backend *b, me_call *c, me_scanner **out) ME_NOEXCEPT;            /* [any] perhaps in a forked child */
    void      (*scanner_close)(me_scanner *s) ME_NOEXCEPT;                                         /* [scanner] */
    me_status (*scan)(me_scanner *s, me_call *c, const me_request *r, me_result *out) ME_NOEXCEPT; /* [scanner] the hot path */
    const void *(*extension)(const char *id) ME_NOEXCEPT;                                          /* [any] may be a NULL slot */
} me_plugin_v1;

/* The one exported symbol. Pure: returns constant data, has no effect. The major is in the name. */
typedef const me_plugin_v1 *(*me_plugin_entry_v1_fn)(void);
#define ME_PLUGIN_ENTRY_V1 "me_plugin_entry_v1"
ME_EXPORT const me_plugin_v1 *me_plugin_entry_v1(void);
#ifdef __cplusplus
}
#endif
typedef char me_assert_sizes[sizeof(me_descriptor) == 512 && sizeof(me_setting) == 256 && sizeof(me_note) == 528 ? 1 : -1];
#endif
