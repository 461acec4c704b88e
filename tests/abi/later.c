/* SPDX-License-Identifier: MIT */
/* A plugin against tomorrow's header (later_header.py). It knows every new member, asks ME_HAS() before it uses one, and says
 * in its card that an older host will do. With -D it is one that will not. What it does with an artifact stands in it. */
#include <microengine/plugin_ext.h>

#include <stdlib.h>
#include <string.h>

#ifdef MIN_HOST /* runs on older hosts than the header it sees all of */
#undef ME_TARGET_MINOR
#define ME_TARGET_MINOR MIN_HOST
#endif
#ifdef MAJOR
#undef ME_ABI_MAJOR
#define ME_ABI_MAJOR MAJOR
#endif
#ifndef TYPES
#define TYPES ME_ARTIFACT_FILE
#endif
#ifndef CAPS
#define CAPS ME_CAP_PARALLEL_SCANNERS
#endif
#ifndef NEEDS
#define NEEDS 0
#endif
#ifndef SETTING_TYPE
#define SETTING_TYPE ME_SETTING_STRING
#endif
#ifndef SETTING_FLAGS
#define SETTING_FLAGS 0
#endif
#ifndef OPEN_STATUS
#define OPEN_STATUS ME_OK
#endif

ME_CARD(card, 2, "org.microengine.test.later", "1.0.0", "Later", "Microengine", "MIT", "", TYPES, CAPS, NEEDS)
ME_SETTING("first", ME_SETTING_INTEGER, 0, "7", "", "0..9", "a number")
ME_SETTING("name", SETTING_TYPE, SETTING_FLAGS, "Later", "", "", "name of the signature")
ME_CARD_END;

#ifdef TWO_MAJORS /* one file for hosts of both */
static const struct { uint32_t namesz, descsz, type; char owner[4]; uint32_t body[4]; } next ME_NOTE_ATTRIBUTES = {
    3, 16, ME_NOTE_TYPE + 1, {'M', 'E', 0, 0}, {0, 0, 0, 0}};
#endif

static const me_host_v1 *host;
static char name[64];

static me_status backend_open(const me_host_v1 *h, me_call *c, me_backend **out) {
    int64_t first = 0;
    me_string value;
    host = h;
#ifdef EXPECT_TAILS
    if (ME_HAS(me_host_v1, h, later)) return ME_E_INVALID;
#endif
    if (h->setting_integer(c, "first", 0, &first) != ME_OK || first != 7) return ME_E_SETTINGS;
    if (h->setting_string(c, "name", 0, &value) != ME_OK || value.size >= sizeof name) return ME_E_SETTINGS;
    memcpy(name, value.data, (size_t)value.size + 1); /* what the host hands out is NUL-terminated as well */
    if (h->extension("me.never-heard-of/1") != NULL || h->extension("") != NULL) return ME_E_FAILED;
    *out = (me_backend *)(void *)name;
    return OPEN_STATUS;
}
static void backend_close(me_backend *b) { (void)b; }
static me_status scanner_open(me_backend *b, me_call *c, me_scanner **out) {
    (void)c;
    *out = (me_scanner *)b;
    return ME_OK;
}
static void scanner_close(me_scanner *s) { (void)s; }

static void detect(me_call *c, int32_t verdict) {
    me_detection found;
    memset(&found, 0x5A, sizeof found); /* what an older host must not look at is no zero */
    memset(&found, 0, offsetof(me_detection, detail) + sizeof found.detail);
    found.struct_size = sizeof found;
    found.verdict = verdict;
    found.confidence = ME_CONFIDENCE_UNSET;
    found.flags = 0x40000000u;
    found.name.data = name;
    found.name.size = strlen(name);
    host->add_detection(c, &found);
}
/* "word number": the number, if the artifact is of this word */
static int says(const me_request *r, const char *word, int32_t *number) {
    char text[32];
    const size_t size = strlen(word);
    if (r->size < size || r->size >= sizeof text || memcmp(r->data, word, size) != 0) return 0;
    memcpy(text, r->data, (size_t)r->size);
    text[r->size] = 0;
    *number = (int32_t)strtol(text + size, NULL, 0);
    return 1;
}
static me_status scan(me_scanner *s, me_call *c, const me_request *r, me_result *out) {
    int32_t number = 0;
    (void)s;
#ifdef EXPECT_TAILS
    if (ME_HAS(me_request, r, later) || ME_HAS(me_result, out, later)) return ME_E_INVALID;
#endif
    out->verdict = ME_BENIGN;
    if (says(r, "detection", &number)) detect(c, out->verdict = number);
    if (says(r, "only the detection", &number)) detect(c, number);
    if (says(r, "log", &number)) host->log(c, number, "a line", 6);
    if (says(r, "verdict", &number)) out->verdict = number;
    if (says(r, "flags", &number)) out->flags = (uint32_t)number;
    if (says(r, "confidence", &number)) out->confidence = (uint32_t)number;
    return says(r, "status", &number) ? number : ME_OK;
}

static me_status describe(me_backend *b, me_call *c, me_signatures *out) {
    (void)b;
    (void)c;
#ifdef EXPECT_TAILS
    if (ME_HAS(me_signatures, out, later)) return ME_E_INVALID;
#endif
    out->count = 7;
    out->flags = 0x40000000u;
    return ME_OK;
}
static me_status canary(me_backend *b, uint32_t index, me_canary *out) {
    static const uint8_t bytes[] = "a canary";
    (void)b;
    if (index > 0) return ME_E_NOT_FOUND;
#ifdef EXPECT_TAILS
    if (ME_HAS(me_canary, out, later)) return ME_E_INVALID;
#endif
    out->verdict = ME_BENIGN;
    out->data = bytes;
    out->size = sizeof bytes - 1;
    return ME_OK;
}

static me_ext_signatures signatures;
static me_ext_selftest selftest;
static const void *extension(const char *id) {
    signatures.struct_size = sizeof signatures;
    signatures.describe = describe;
    selftest.struct_size = sizeof selftest;
    selftest.canary = canary;
    if (strcmp(id, ME_EXT_SIGNATURES) == 0) return &signatures;
    return strcmp(id, ME_EXT_SELFTEST) == 0 ? (const void *)&selftest : NULL;
}

static me_plugin_v1 table;
const me_plugin_v1 *me_plugin_entry_v1(void) {
    table.struct_size = sizeof table;
    table.descriptor = &card.note.descriptor;
    table.backend_open = backend_open;
    table.backend_close = backend_close;
    table.scanner_open = scanner_open;
    table.scanner_close = scanner_close;
    table.scan = scan;
    table.extension = extension;
#ifdef EXPECT_TAILS
    table.later = extension;
#endif
    return &table;
}
