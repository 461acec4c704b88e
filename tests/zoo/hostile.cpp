// SPDX-License-Identifier: MIT
// A backend that attacks its host. The setting `does` chooses how; it happens only on artifacts with the text
// ATTACK, so the host's canaries pass. Else: BAD in the text is malicious, anything else benign. With
// by_content the artifact chooses: CRASH, HANG or BAD.

#include "hostile.hpp"

#include <unistd.h>

#include <new>
#include <string>
#include <string_view>

#ifndef HOSTILE_ID
#define HOSTILE_ID "org.microengine.test.hostile"
#endif
#ifndef HOSTILE_DOES
#define HOSTILE_DOES "nothing"
#endif

namespace {

namespace me = microengine;

using Play = void (*)(me::Scan&);

bool contains(std::string_view text, std::string_view word) {
    return text.find(word) != std::string_view::npos;
}

void by_content(me::Scan& scan) {
    if (contains(scan.text(), "CRASH")) hostile::segfault();
    if (contains(scan.text(), "HANG")) hostile::hang();
}

/// Null: nothing to do while scanning.
Play play_of(std::string_view does) {
    for (const auto& tricks : {hostile::deaths(), hostile::escapes(), hostile::lies()})
        for (const hostile::Trick& trick : tricks)
            if (trick.name == does) return trick.play;
    return nullptr;
}

struct Hostile {
    explicit Hostile(const me::Settings& settings)
        : does(settings.string("does")), play(play_of(does)), chosen_by_content(does == "by_content") {
        if (does == "hang_on_open") hostile::hang();
        if (does == "crash_on_open") hostile::segfault();
        if (does == "exit_on_open") ::_exit(77);
        if (does == "no_memory_on_open") throw std::bad_alloc();
        const bool known =
            play != nullptr || chosen_by_content || does == "nothing" || does == "crash_on_scanner_open";
        if (!known) throw me::setting_error("does", "there is no such misbehaviour");
    }

    std::string does;
    Play play;
    bool chosen_by_content;

    struct Scanner {
        explicit Scanner(const Hostile& hostile) : backend(hostile) {
            if (backend.does == "crash_on_scanner_open") hostile::segfault();
        }
        void scan(me::Scan& scan) {
            if (backend.play != nullptr && contains(scan.text(), "ATTACK")) {
                backend.play(scan);
                return scan.benign();
            }
            if (backend.chosen_by_content) by_content(scan);
            if (contains(scan.text(), "BAD")) scan.malicious("Hostile.Bad", "Hostile");
            scan.benign();
        }
        const Hostile& backend;
    };
};

}   // namespace

ME_PLUGIN(Hostile, me::Card(HOSTILE_ID, "1.0.0")
                       .name("Hostile")
                       .vendor("Microengine")
                       .license("MIT")
                       .takes(ME_ARTIFACT_FILE | ME_ARTIFACT_URL)
                       .promises(ME_CAP_PARALLEL_SCANNERS | ME_CAP_FORK_AFTER_OPEN)
                       .setting(me::string("does").by_default(HOSTILE_DOES).doc("how it misbehaves")))
