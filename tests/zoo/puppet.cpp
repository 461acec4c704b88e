// SPDX-License-Identifier: MIT
// A backend that says what it is told: the settings choose a verdict or a misbehaviour. For tests of the host
// and of configurations; it looks at nothing but the marker that it is told to look for.

#include <microengine/plugin.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

namespace me = microengine;

struct Puppet {
    explicit Puppet(const me::Settings& settings)
        : does(settings.string("does")),
          marker(settings.has("marker") ? settings.string("marker") : ""),
          confidence(settings.integer("confidence")) {
        if (does == "refuse_open") throw me::setting_error("does", "told to refuse");
        if (does == "throw_open") throw std::runtime_error("told to throw");
        if (does == "new_signatures")   // as if rules were edited between two openings
            version = std::to_string(std::chrono::steady_clock::now().time_since_epoch().count());
    }
    me::Signatures signatures() const {
        return {.count = does == "no_signatures" ? 0U : 1U, .date_unix = 0, .version = version};
    }

    std::string does;
    std::string version = "1";
    std::string marker;
    std::int64_t confidence;

    struct Scanner {
        explicit Scanner(const Puppet& backend) : puppet(backend) {
            if (puppet.does == "refuse_scanner") throw std::runtime_error("told to refuse a scanner");
        }
        void scan(me::Scan& scan);
        void cancel() noexcept { cancelled = true; }
        std::atomic<bool> cancelled = false;
        const Puppet& puppet;
    };
};

void wait_for_stop(me::Scan& scan) {
    while (!scan.stop()) std::this_thread::yield();
    scan.check_stop();
}

void misbehave(const std::string& does, me::Scan& scan) {
    if (does == "crash") std::abort();
    if (does == "fail") throw me::Error(ME_E_FAILED, "told to fail");
    if (does == "throw") throw std::runtime_error("told to throw");
    if (does == "throw_int") throw 42;
    if (does == "no_memory") throw std::bad_alloc();
    if (does == "cancelled") throw me::Error(ME_E_CANCELLED, "told to say cancelled");
    if (does == "fatal") throw me::Error(ME_E_FATAL, "told to die");
    if (does == "unsupported") throw me::unsupported("told to take nothing");
    if (does == "wait") wait_for_stop(scan);
    if (does == "find_then_fail") {
        scan.malicious("Puppet.Before", "Puppet");
        throw me::Error(ME_E_FAILED, "told to fail after a find");
    }
    if (does == "find_then_wait") {
        scan.malicious("Puppet.Before", "Puppet");
        wait_for_stop(scan);
    }
    if (does == "bad_verdict") scan.add({.name = "Puppet.Bad", .verdict = 17});
    if (does == "bad_confidence") scan.add({.name = "Puppet.Bad", .confidence = 70'000});
    if (does == "bad_utf8") scan.malicious("Puppet.\xff\xfe\x1b[31m", "F\xc3");
    if (does == "long_name") scan.malicious(std::string(100'000, 'x'));
    if (does == "flood")
        while (scan.add({.name = "Puppet.Flood"})) {
        }
}

/// As a library that cannot poll: it is armed, asks once, and then only cancel() or its deadline ends it.
void wait_for_cancel(std::atomic<bool>& cancelled, me::Scan& scan) {
    cancelled = false;
    scan.check_stop();
    while (!cancelled && scan.time_left().count() > 0) std::this_thread::yield();
    scan.check_stop();
}

void Puppet::Scanner::scan(me::Scan& scan) {
    const std::string& told = puppet.does;
    // The host's probe, an empty artifact or a canary, is judged well: only what is meant for artifacts
    // misbehaves.
    const bool probed = scan.size() == 0 || scan.label().substr(0, 6) == "canary";
    if (!puppet.marker.empty() && scan.text().find(puppet.marker) == std::string_view::npos)
        return scan.benign();
    if (!probed) misbehave(told, scan);
    if (!probed && told == "wait_cancel") wait_for_cancel(cancelled, scan);
    if (puppet.confidence >= 0) scan.confidence(static_cast<std::uint32_t>(puppet.confidence));
    if (probed || told == "benign") scan.benign();
    if (probed) return;
    if (told == "malicious") scan.malicious("Puppet.Malicious", "Puppet");
    if (told == "suspicious") scan.suspicious("Puppet.Suspicious", "Puppet");
    if (told == "trusted") scan.trusted();
    if (told == "partial") {
        scan.benign();
        scan.partial(ME_PARTIAL_ENCRYPTED);
    }
}

}   // namespace

ME_PLUGIN(
    Puppet,
    me::Card("org.microengine.test.puppet", "1.0.0")
        .name("Puppet")
        .license("MIT")
        .takes(ME_ARTIFACT_FILE | ME_ARTIFACT_URL)
        .promises(ME_CAP_PARALLEL_SCANNERS | ME_CAP_FORK_AFTER_OPEN | ME_CAP_POLLS_STOP)
        .setting(me::string("does").by_default("benign").doc("what it says or how it misbehaves"))
        .setting(
            me::string("marker").doc("only artifacts with this text get that verdict, others are benign"))
        .setting(
            me::integer("confidence").by_default("-1").allowed("-1..70000").unit("bp").doc("-1: unset")));
