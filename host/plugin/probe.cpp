// SPDX-License-Identifier: MIT
#include "host/plugin/probe.hpp"

#include "host/plugin/extensions.hpp"

#include <cstdint>
#include <utility>

namespace microengine::plugin {

using core::Outcome;
using util::Errc;
using util::Result;

namespace {

constexpr std::uint32_t kMostCanaries = 1000;
constexpr std::size_t kMostBytes = std::size_t{16} << 20;

/// In two halves: this program must not trip a scanner itself.
std::string eicar() {
    return std::string("X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-") + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
}

/// Empty: as it should be.
std::string scan_canary(Scanner& scanner, const Canary& canary, int file) {
    core::Artifact artifact;
    artifact.facts.name = canary.name;
    artifact.facts.size = canary.bytes.size();
    artifact.bytes = bytes_of(canary);
    core::ScanResult result;
    scanner.scan({.artifact = &artifact, .deadline = {}, .backend_deadline = {}, .file = file}, result);
    if (result.outcome != Outcome::completed && result.outcome != Outcome::unsupported)
        return "probe_failed: " + canary.name + ": " + std::string(core::to_text(result.outcome)) + ": " +
               result.message;
    if (canary.wanted && result.verdict != *canary.wanted)
        return "probe_wrong_verdict: " + canary.name + " is " + std::string(core::to_text(result.verdict)) +
               ", must be " + std::string(core::to_text(*canary.wanted));
    return {};
}

}   // namespace

Result<std::vector<Canary>> collect_canaries(const me_plugin_v1& table, me_backend* backend,
                                             std::string_view name) {
    std::vector<Canary> all{{.name = "canary empty", .bytes = {}, .wanted = {}},
                            {.name = "canary one byte", .bytes = "x", .wanted = {}},
                            {.name = "canary zeros", .bytes = std::string(65'536, '\0'), .wanted = {}},
                            {.name = "canary EICAR", .bytes = eicar(), .wanted = {}}};
    const auto* selftest = selftest_of(table);
    for (std::uint32_t i = 0; selftest != nullptr; ++i) {
        me_canary canary{};
        canary.struct_size = sizeof canary;
        const me_status status = selftest->canary(backend, i, &canary);
        if (status == ME_E_NOT_FOUND) break;
        const bool sound = status == ME_OK && canary.verdict >= ME_UNKNOWN &&
                           canary.verdict <= ME_MALICIOUS && canary.data != nullptr &&
                           canary.size <= kMostBytes;
        if (!sound || i >= kMostCanaries)
            return util::fail(Errc::plugin, name,
                              "probe_failed: canary " + std::to_string(i) + " is not in order, status " +
                                  std::to_string(status));
        all.push_back({.name = "canary " + std::to_string(i),
                       .bytes = std::string(reinterpret_cast<const char*>(canary.data), canary.size),
                       .wanted = static_cast<core::Verdict>(canary.verdict)});
    }
    return all;
}

std::string probe(Scanner& scanner, std::span<const Canary> canaries, int file) {
    for (const Canary& canary : canaries)
        if (auto problem = scan_canary(scanner, canary, file); !problem.empty()) return problem;
    return {};
}

std::span<const std::uint8_t> bytes_of(const Canary& canary) {
    return {reinterpret_cast<const std::uint8_t*>(canary.bytes.data()), canary.bytes.size()};
}

}   // namespace microengine::plugin
