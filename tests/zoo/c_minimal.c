/* SPDX-License-Identifier: MIT */
/* A whole plugin in C89: it finds nothing and says so. Others of this folder are this one with one thing wrong. */
#include <microengine/plugin.h>

#include <string.h>
#include <unistd.h>

#ifdef WANT_FD
#define NEEDS ME_NEED_FD
#elif defined UNKNOWN_NEED
#define NEEDS 0x40000000u /* of a later header */
#else
#define NEEDS 0
#endif
#ifndef CARD_ID
#define CARD_ID "org.microengine.test.c"
#endif

ME_CARD_PLAIN(card, CARD_ID, "1.0.0", "Minimal", "Microengine", "MIT", "", ME_ARTIFACT_FILE, ME_CAP_PARALLEL_SCANNERS, NEEDS);

static int something;

static me_status backend_open(const me_host_v1 *h, me_call *c, me_backend **out) {
    (void)h;
    (void)c;
    *out = (me_backend *)&something;
    return ME_OK;
}
static void backend_close(me_backend *b) { (void)b; }
static me_status scanner_open(me_backend *b, me_call *c, me_scanner **out) {
    (void)b;
    (void)c;
    *out = (me_scanner *)&something;
    return ME_OK;
}
static void scanner_close(me_scanner *s) { (void)s; }
static me_status scan(me_scanner *s, me_call *c, const me_request *r, me_result *out) {
    (void)s;
    (void)c;
#ifdef WANT_FD
    {
        uint8_t copy[64];
        ssize_t got = pread(r->fd, copy, sizeof copy, 0);
        if (got < 0 || (uint64_t)got > r->size || memcmp(copy, r->data, (size_t)got) != 0) return ME_E_FAILED;
    }
#endif
    (void)r;
    out->verdict = ME_BENIGN;
    return ME_OK;
}

#ifdef FOREIGN_DESCRIPTOR
static me_descriptor look_alike;
#endif
static me_plugin_v1 table = {
#ifdef SHORT_TABLE
    24,
#else
    sizeof(me_plugin_v1),
#endif
    0, &card.note.descriptor, backend_open, backend_close, scanner_open, scanner_close,
#ifdef NULL_SLOT
    NULL,
#else
    scan,
#endif
    NULL};

const me_plugin_v1 *me_plugin_entry_v1(void) {
#ifdef FOREIGN_DESCRIPTOR
    look_alike = card.note.descriptor;
    table.descriptor = &look_alike;
#endif
#ifdef NO_TABLE
    return NULL;
#endif
    (void)scan;
    return &table;
}
