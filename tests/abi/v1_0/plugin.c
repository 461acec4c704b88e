/* SPDX-License-Identifier: MIT */
/* A plugin of ABI 1.0 in C89: finds EICAR, judges the rest benign, reads a setting, and fails with a text when asked to. */
#include <microengine/plugin.h>
#include <string.h>

ME_CARD(card, 1, "org.microengine.test.frozen-c", "1.0.0", "Frozen C", "Microengine", "MIT", "", ME_ARTIFACT_FILE,
        ME_CAP_PARALLEL_SCANNERS, 0)
ME_SETTING("name", ME_SETTING_STRING, 0, "Eicar", "", "", "name of the signature")
ME_CARD_END;

static const me_host_v1 *host;
static char name[64];

static me_status backend_open(const me_host_v1 *h, me_call *c, me_backend **out) {
    static const char refused[] = "this name is refused";
    me_string value;
    host = h;
    if (h->setting_string(c, "name", 0, &value) != ME_OK || value.size >= sizeof name) return ME_E_SETTINGS;
    memcpy(name, value.data, (size_t)value.size);
    name[value.size] = 0;
    if (strcmp(name, "refused") == 0) {
        h->fail(c, "name", refused, sizeof refused - 1);
        return ME_E_SETTINGS;
    }
    *out = (me_backend *)(void *)name;
    return ME_OK;
}
static void backend_close(me_backend *b) { (void)b; }
static me_status scanner_open(me_backend *b, me_call *c, me_scanner **out) {
    (void)c;
    *out = (me_scanner *)b;
    return ME_OK;
}
static void scanner_close(me_scanner *s) { (void)s; }
static me_status scan(me_scanner *s, me_call *c, const me_request *r, me_result *out) {
    static const char first[] = "EICAR-STANDARD-", second[] = "ANTIVIRUS-TEST-FILE";
    const uint64_t length = sizeof first + sizeof second - 2;
    uint64_t at;
    (void)s;
    out->verdict = ME_BENIGN;
    for (at = 0; r->size >= length && at <= r->size - length; at++) {
        me_detection found;
        if (memcmp(r->data + at, first, sizeof first - 1) != 0) continue;
        if (memcmp(r->data + at + sizeof first - 1, second, sizeof second - 1) != 0) continue;
        memset(&found, 0, sizeof found);
        found.struct_size = sizeof found;
        found.verdict = out->verdict = ME_MALICIOUS;
        found.confidence = ME_CONFIDENCE_UNSET;
        found.name.data = name;
        found.name.size = strlen(name);
        host->add_detection(c, &found);
        break;
    }
    out->bytes_scanned = r->size;
    return ME_OK;
}

static const me_plugin_v1 table = {sizeof(me_plugin_v1), 0,    &card.note.descriptor, backend_open, backend_close,
                                   scanner_open,         scanner_close, scan,         NULL};
const me_plugin_v1 *me_plugin_entry_v1(void) { return &table; }
