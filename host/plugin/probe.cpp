// SPDX-License-Identifier: MIT
#include "host/plugin/probe.hpp"

#include "host/plugin/extensions.hpp"
#include "host/util/digest.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace microengine::plugin {

using core::Outcome;

namespace {

constexpr std::uint32_t kMostCanaries = 1000;

/// Scans one canary; empty: as it should be.
std::string scan_canary(Scanner& scanner, const std::string& name, std::span<const std::uint8_t> bytes,
                        std::optional<core::Verdict> wanted) {
    core::Artifact artifact;
    artifact.facts.name = name;
    artifact.facts.size = bytes.size();
    artifact.facts.sha256 = util::sha256(bytes);
    artifact.bytes = bytes;
    core::ScanResult result;
    scanner.scan({.artifact = &artifact, .deadline = {}, .backend_deadline = {}, .cancel = nullptr}, result);
    if (result.outcome != Outcome::completed && result.outcome != Outcome::unsupported)
        return "probe_failed: canary " + name + ": " + std::string(core::to_text(result.outcome)) + ": " +
               result.message;
    if (wanted && result.verdict != *wanted)
        return "probe_wrong_verdict: canary " + name + " is " + std::string(core::to_text(result.verdict)) +
               ", must be " + std::string(core::to_text(*wanted));
    return {};
}

}   // namespace

std::string probe(Scanner& scanner, const me_plugin_v1& table, me_backend* backend) {
    static constexpr std::uint8_t kNothing = 0;
    if (auto problem = scan_canary(scanner, "empty", {&kNothing, 0}, std::nullopt); !problem.empty())
        return problem;
    const auto* selftest = selftest_of(table);
    for (std::uint32_t i = 0; selftest != nullptr; ++i) {
        me_canary canary{};
        canary.struct_size = sizeof canary;
        const me_status status = selftest->canary(backend, i, &canary);
        if (status == ME_E_NOT_FOUND) break;
        const bool sound = status == ME_OK && canary.verdict >= ME_UNKNOWN &&
                           canary.verdict <= ME_MALICIOUS && canary.data != nullptr;
        if (!sound || i >= kMostCanaries)
            return "probe_failed: canary " + std::to_string(i) + " is not in order, status " +
                   std::to_string(status);
        auto problem =
            scan_canary(scanner, std::to_string(i), {canary.data, static_cast<std::size_t>(canary.size)},
                        static_cast<core::Verdict>(canary.verdict));
        if (!problem.empty()) return problem;
    }
    return {};
}

}   // namespace microengine::plugin
