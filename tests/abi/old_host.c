/* SPDX-License-Identifier: MIT */
/* old_host PLUGIN.so NAME: a host of ABI 1.0, built from the frozen header. Opens a backend with the setting name = NAME,
 * scans standard input, prints the verdict and each detection; 3 when the backend does not open. */
#include <microengine/plugin.h>

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static const char *setting;

static void log_text(me_call *c, int32_t level, const char *text, uint64_t size) { (void)c, (void)level, (void)text, (void)size; }
static void fail(me_call *c, const char *name, const char *text, uint64_t size) {
    (void)c;
    printf("fail %s: %.*s\n", name ? name : "", (int)size, text);
}
static me_status should_stop(me_call *c) { return (void)c, ME_OK; }
static me_status add_detection(me_call *c, const me_detection *d) {
    (void)c;
    printf("detection %.*s\n", (int)d->name.size, d->name.data);
    return ME_OK;
}
static me_status temp_dir(me_call *c, me_string *path) { return (void)c, (void)path, ME_E_INVALID; }
static me_status count(me_call *c, const char *name, uint64_t *n) { return (void)c, (void)name, *n = 1, ME_OK; }
static me_status string(me_call *c, const char *name, uint64_t index, me_string *value) {
    (void)c;
    if (strcmp(name, "name") != 0 || index != 0) return ME_E_NOT_FOUND;
    value->data = setting;
    value->size = strlen(setting);
    return ME_OK;
}
static me_status integer(me_call *c, const char *n, uint64_t i, int64_t *v) { return (void)c, (void)n, (void)i, (void)v, ME_E_TYPE; }
static me_status boolean(me_call *c, const char *n, uint64_t i, int32_t *v) { return (void)c, (void)n, (void)i, (void)v, ME_E_TYPE; }
static const void *extension(const char *id) { return (void)id, NULL; }

static const me_host_v1 host = {sizeof(me_host_v1), 1, 0, "old host", "1.0", log_text, fail, should_stop, add_detection,
                                temp_dir, count, string, integer, boolean, extension};

static int scan_input(const me_plugin_v1 *plugin, me_scanner *scanner) {
    static uint8_t bytes[65536];
    me_request request = {.struct_size = sizeof request, .artifact_type = ME_ARTIFACT_FILE, .fd = -1, .data = bytes};
    me_result result = {.struct_size = sizeof result, .confidence = ME_CONFIDENCE_UNSET};
    request.size = fread(bytes, 1, sizeof bytes, stdin);
    me_status status = plugin->scan(scanner, NULL, &request, &result);
    printf("status %d verdict %d\n", (int)status, (int)result.verdict);
    return status == ME_OK ? 0 : 4;
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    setting = argv[2];
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    void *symbol = library ? dlsym(library, ME_PLUGIN_ENTRY_V1) : NULL;
    if (!symbol) return fprintf(stderr, "%s\n", dlerror()), 2;
    me_plugin_entry_v1_fn entry;
    memcpy(&entry, &symbol, sizeof entry);
    const me_plugin_v1 *plugin = entry();
    if (plugin->descriptor->min_host_minor > ME_ABI_MINOR) return puts("abi_minor"), 5;
    me_backend *backend = NULL;
    me_scanner *scanner = NULL;
    if (plugin->backend_open(&host, NULL, &backend) != ME_OK) return 3;
    if (plugin->scanner_open(backend, NULL, &scanner) != ME_OK) return 3;
    int code = scan_input(plugin, scanner);
    plugin->scanner_close(scanner);
    plugin->backend_close(backend);
    return code;
}
