// SPDX-License-Identifier: MIT
#include "host/app/serve/renewal.hpp"

#include "host/app/serve/absent.hpp"
#include "host/app/serve/canary.hpp"
#include "host/util/log.hpp"
#include "host/util/memory.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace microengine::app {

namespace {

constexpr std::uint64_t kBig = std::uint64_t{64} << 20;   // less than this twice is no matter
// What signatures take in memory for a byte of their files, where the process cannot tell: ClamAV's
// compressed databases take most.
constexpr std::uint64_t kMemoryPerFileByte = 6;

/// Sections that the running program does not take from a new file.
void tell_of_restarts(const config::Config& first, const config::Config& next) {
    const auto tell = [](bool same, std::string_view section) {
        if (same) return;
        util::log(util::Level::warning, "reload_needs_restart", {{"section", std::string(section)}});
    };
    tell(first.isolation == next.isolation, "isolation");
    tell(first.scan == next.scan, "scan");
    tell(first.serve == next.serve, "serve");
    tell(first.http == next.http, "http");
    tell(first.clamd == next.clamd, "clamd");
    tell(first.queue == next.queue, "queue");
    tell(first.polyswarm == next.polyswarm, "polyswarm");
    tell(first.log == next.log, "log");
}

std::uint64_t memory_of(const plugin::Backend& backend, const Origin& origin) {
    const std::uint64_t measured = backend.health().memory_bytes;
    return measured != 0 ? measured : kMemoryPerFileByte * origin.files.bytes();
}

bool is_shared(const Draft& draft, const plugin::Backend& backend) {
    return std::ranges::any_of(draft.rungs, [&](const Rung& rung) { return rung.backend.get() == &backend; });
}

/// Its place fails every scan, and no later draft takes it for the same.
void take_out(engine::OpenBackend& opened, Origin& origin, const std::string& why) {
    opened.backend = absent(absent_facts(*opened.backend), why);
    opened.cache_key.reset();
    origin.plugin = {};
}

}   // namespace

Renewal::Renewal(Parts parts, Opened first)
    : parts_(std::move(parts)), first_(first.config), now_(std::move(first)) {}

engine::ReloadOutcome Renewal::refused(std::vector<std::string> problems) const {
    return {.replaced = false, .generation = now_.generation->number, .problems = std::move(problems)};
}

engine::ReloadOutcome Renewal::attempt() {
    auto draft = draft_next(parts_.file, now_, parts_.elsewhere);
    if (!draft) return refused(std::move(draft).error());
    if (parts_.elsewhere || !must_let_go(*draft)) return follow(*std::move(draft), false);
    let_go(*draft);
    try {
        return follow(*std::move(draft), true);
    } catch (...) {
        parts_.engine.replace(now_.generation);   // whatever happens: nobody waits for ever
        throw;
    }
}

/// `held`: scans wait, and what is not shared is gone.
engine::ReloadOutcome Renewal::follow(Draft draft, bool held) {
    std::vector<std::string> problems = open(draft);
    if (!problems.empty() && !held) return refused(std::move(problems));
    if (!problems.empty()) fill_gaps(draft);
    const config::Config& config = draft.loaded.config;
    tell_of_restarts(first_, config);
    auto cache = config.cache == now_.config.cache ? now_.generation->cache : make_cache(config.cache);
    auto failures =
        put_in_service(finish(std::move(draft), std::move(cache), now_.generation->number + 1), held);
    std::ranges::move(failures, std::back_inserter(problems));
    if (!problems.empty()) return refused(std::move(problems));
    return {.replaced = true, .generation = now_.generation->number, .problems = {}};
}

bool Renewal::unfinished() const {
    return std::ranges::any_of(now_.origins,
                               [](const Origin& origin) { return origin.plugin == util::Sha256{}; });
}

/// Would the old signatures and the new ones together be too much?
bool Renewal::must_let_go(const Draft& draft) const {
    std::uint64_t twice = 0;
    for (std::size_t i = 0; i < now_.origins.size(); ++i) {
        const plugin::Backend& former = *now_.generation->backends[i].backend;
        if (!is_shared(draft, former)) twice += memory_of(former, now_.origins[i]);
    }
    const core::ReloadMemory how = draft.loaded.config.serve.reload_memory;
    if (how != core::ReloadMemory::automatic) return how == core::ReloadMemory::replace && twice > 0;
    const std::uint64_t available = util::available_memory();
    const bool too_much = twice >= kBig && available / 12 * 10 < twice;
    if (too_much)
        util::log(util::Level::warning, "reload_without_overlap",
                  {{"why", "scans wait while signatures are loaded: there is no memory for both"},
                   {"needed_bytes", std::to_string(twice)},
                   {"available_bytes", std::to_string(available)}});
    return too_much;
}

/// From here on scans wait, and what is not shared is gone.
void Renewal::let_go(const Draft& draft) {
    auto meanwhile = std::make_shared<engine::Generation>(*now_.generation);
    for (std::size_t i = 0; i < now_.origins.size(); ++i)
        if (!is_shared(draft, *meanwhile->backends[i].backend))
            take_out(meanwhile->backends[i], now_.origins[i], "its signatures are being replaced");
    parts_.engine.hold(meanwhile);
    now_.generation = std::move(meanwhile);
}

/// Why backends are not open, one line each.
std::vector<std::string> Renewal::open(Draft& draft) {
    if (parts_.elsewhere) {
        stand_in(draft.rungs);
        return {};
    }
    if (any_isolated(draft.rungs) && !parts_.isolation) {
        auto settings = isolation_settings(first_);
        if (!settings) return {settings.error().text()};
        parts_.isolation.emplace(*std::move(settings), parts_.temp_root);
    }
    open_backends(draft.rungs, *draft.catalog, parts_.temp_root,
                  parts_.isolation ? &*parts_.isolation : nullptr);
    std::vector<std::string> problems;
    for (const Rung& rung : draft.rungs)
        if (!rung.refusal.empty()) problems.push_back(util::printable_lines(rung.refusal));
    return problems;
}

/// The old ones are gone already: what could not be opened fails every scan, and says why.
void Renewal::fill_gaps(Draft& draft) {
    for (std::size_t i = 0; i < draft.rungs.size(); ++i) {
        Rung& rung = draft.rungs[i];
        if (rung.backend) continue;
        draft.origins[i].plugin = {};   // tried again by every later draft
        rung.backend = absent(absent_facts(rung), rung.refusal);
    }
}

std::vector<std::string> Renewal::put_in_service(Opened next, bool held) {
    std::vector<std::string> problems;
    auto cleared = std::make_shared<engine::Generation>(*next.generation);
    const auto found = parts_.elsewhere ? std::vector<CanaryProblem>() : canary_problems(next.generation);
    for (const CanaryProblem& problem : found) {
        problems.push_back("backend '" + problem.backend + "' " + util::printable(problem.text));
        for (std::size_t i = 0; i < next.origins.size(); ++i)
            if (next.origins[i].policy.name == problem.backend)
                take_out(cleared->backends[i], next.origins[i], problem.text);
    }
    if (!problems.empty() && !held) return problems;
    // Scans wait: they are judged by what is good, and what is not says so.
    if (!problems.empty()) next.generation = std::move(cleared);
    parts_.engine.replace(next.generation);
    now_ = std::move(next);
    return problems;
}

}   // namespace microengine::app
