/* SPDX-License-Identifier: MIT */
/* Plugins in C that break one law each, where the C++ layer would not let them: one macro each. */
#include <microengine/plugin.h>

#include <string.h>

ME_CARD_PLAIN(card, "org.microengine.test." CARD_NAME, "1.0.0", "Broken", "Microengine", "MIT", "", ME_ARTIFACT_FILE,
              ME_CAP_PARALLEL_SCANNERS | ME_CAP_DETERMINISTIC, 0);

static int something;
static const me_host_v1 *host;

static me_status backend_open(const me_host_v1 *h, me_call *c, me_backend **out) {
    host = h;
    (void)c;
#ifdef STRICT_HOST
    if (h->abi_minor != ME_ABI_MINOR || h->struct_size != sizeof(me_host_v1)) {
        static const char why[] = "this is no host that I know";
        h->fail(c, NULL, why, sizeof why - 1);
        return ME_E_UNSUPPORTED;
    }
#endif
#ifdef SILENT_OPEN
    return ME_E_FAILED;
#endif
#ifdef NO_BACKEND
    return ME_OK;
#endif
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

static int find(const me_request *r, const char *word) {
    const size_t size = strlen(word);
    uint64_t at;
    for (at = 0; at + size <= r->size; ++at)
        if (memcmp(r->data + at, word, size) == 0) return 1;
    return 0;
}

static me_status scan(me_scanner *s, me_call *c, const me_request *r, me_result *out) {
    (void)s;
    out->verdict = ME_BENIGN;
#ifdef STRICT_SIZES
    if (r->struct_size != sizeof(me_request)) return ME_E_UNSUPPORTED;
#endif
#ifdef STRICT_FLAGS
    if ((r->flags & ~ME_REQUEST_ALL_MATCHES) != 0) return ME_E_UNSUPPORTED;
#endif
#ifdef CLEARS_RESULT
    memset((char *)out + sizeof out->struct_size, 0, out->struct_size - sizeof out->struct_size);
#endif
#ifdef POSITIVE_STATUS
    return 1;
#endif
#ifdef SILENT_FAILURE
    if (r->size == 1) return ME_E_FAILED;
#endif
#ifdef UNKNOWN_BITS
    out->flags = 0x10000u;
#endif
#ifdef TRUSTS_FINDS
    out->flags = ME_RESULT_TRUSTED;
#endif
#ifdef LATE_SETTING
    {
        int64_t depth = 0;
        (void)host->setting_integer(c, "depth", 0, &depth);
    }
#endif
    if (find(r, "EICAR")) {
        me_detection found;
        memset(&found, 0, sizeof found);
        found.struct_size = sizeof found;
        found.verdict = ME_MALICIOUS;
        found.confidence = ME_CONFIDENCE_UNSET;
        found.name.data = "Broken.Eicar";
        found.name.size = 12;
        host->add_detection(c, &found);
#ifdef WEAK_VERDICT
        return ME_OK;
#endif
#ifdef NEEDS_ROOM
        if (host->add_detection(c, &found) != ME_OK) return ME_OK;
#endif
#ifdef GOES_ON
        {
            int i;
            for (i = 0; i < 5000; ++i) host->add_detection(c, &found);
        }
#endif
        out->verdict = ME_MALICIOUS;
    }
    return ME_OK;
}

#ifdef ANY_EXTENSION
static const void *extension(const char *id) { return id; }
#else
#define extension NULL
#endif
static const me_plugin_v1 table = {
    sizeof(me_plugin_v1), 0, &card.note.descriptor, backend_open, backend_close, scanner_open, scanner_close, scan, extension};

const me_plugin_v1 *me_plugin_entry_v1(void) { return &table; }

#ifdef SECOND_SYMBOL
ME_EXPORT int helper_of_mine(void);
int helper_of_mine(void) { return something; }
#endif
