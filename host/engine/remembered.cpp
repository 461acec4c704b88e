// SPDX-License-Identifier: MIT
#include "host/engine/remembered.hpp"

#include "host/combine/combine.hpp"
#include "host/combine/explain.hpp"
#include "host/combine/flips.hpp"

#include <utility>

namespace microengine::engine {

std::optional<core::Report> remembered(const Generation& generation, const util::Sha256& sha256) {
    if (!generation.cache) return std::nullopt;
    core::Report report;
    report.generation = generation.number;
    report.artifact.sha256 = sha256;
    for (const OpenBackend& open : generation.backends) {
        if (!open.cache_key) return std::nullopt;
        auto result = generation.cache->find({.artifact = sha256, .backend = *open.cache_key});
        if (!result) return std::nullopt;
        result->backend = open.backend->facts();
        report.results.push_back(*std::move(result));
    }
    report.combined = combine::combine(generation.combiner, report.results,
                                       {.listed = generation.trusted.find(sha256), .decided_early = false});
    report.combined.explanation = combine::explain(report.combined, report.results, "");
    report.combined.flips = combine::flips(report.combined, report.results);
    return report;
}

}   // namespace microengine::engine
