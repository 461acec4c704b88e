// SPDX-License-Identifier: MIT
// A plugin that casts away what the types of the interface say, and lets an exception cross.

#include <microengine/plugin.h>

#include <stdexcept>

namespace {

ME_CARD_PLAIN(card, "org.microengine.test.throws", "1.0.0", "Throws", "Microengine", "MIT", "",
              ME_ARTIFACT_FILE, 0, 0);

int something;

me_status backend_open(const me_host_v1*, me_call*, me_backend** out) noexcept {
    *out = reinterpret_cast<me_backend*>(&something);
    return ME_OK;
}
void backend_close(me_backend*) noexcept {}
me_status scanner_open(me_backend*, me_call*, me_scanner** out) noexcept {
    *out = reinterpret_cast<me_scanner*>(&something);
    return ME_OK;
}
void scanner_close(me_scanner*) noexcept {}
me_status scan(me_scanner*, me_call*, const me_request* request, me_result* out) {
    if (request->size == 1) throw std::length_error("too short for me");
    out->verdict = ME_BENIGN;
    return ME_OK;
}

const me_plugin_v1 table{sizeof(me_plugin_v1),
                         0,
                         &card.note.descriptor,
                         backend_open,
                         backend_close,
                         scanner_open,
                         scanner_close,
                         reinterpret_cast<decltype(me_plugin_v1::scan)>(scan),
                         nullptr};

}   // namespace

extern "C" ME_EXPORT const me_plugin_v1* me_plugin_entry_v1() { return &table; }
