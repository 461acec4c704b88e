// SPDX-License-Identifier: MIT
// From a bounty to its artifact.

#include "host/frontends/polyswarm/desk.hpp"
#include "host/frontends/polyswarm/timing.hpp"
#include "host/intake/url.hpp"
#include "host/util/metrics.hpp"

#include <utility>

namespace microengine::polyswarm {

using bounty::ArtifactKind;

namespace {

constexpr std::uint64_t kMostUrlListBytes = std::uint64_t{64} << 10;

/// The bytes of what is small, and is no artifact itself.
std::string text_of(core::ArtifactLoader load) {
    core::ArtifactBuffer buffer;
    const auto artifact = load(buffer);
    if (!artifact) return {};
    return {artifact->bytes.begin(), artifact->bytes.end()};
}

/// Its text is what is judged; its name is for logs, and holds no secret.
core::ArtifactLoader url_loader(std::string url) {
    std::string name = bounty::redacted(url);
    return [load = intake::url_loader(std::move(url)),
            name = std::move(name)](core::ArtifactBuffer& buffer) mutable {
        auto loaded = load(buffer);
        (loaded ? loaded->facts : loaded.error().facts).name = std::move(name);
        return loaded;
    };
}

}   // namespace

void Desk::start_fetch(const Held& held) {
    Case& one = *held;
    enter(one, Case::Stage::fetching);
    ++fetching_;
    const bool url = one.bounty.kind == ArtifactKind::url;
    const auto convention = bounty::url_convention(one.bounty, parts_.settings.url_artifacts);
    if (url && convention == bounty::UrlConvention::inline_text) {
        fetch::GetAnswer answer;
        if (const auto sound = intake::check_url(one.bounty.artifact_uri); sound)
            one.load = url_loader(one.bounty.artifact_uri);
        else
            answer = {.failure = fetch::Failure::scheme, .why = sound.error().message, .got = {}};
        back(&Desk::on_fetched, held)(std::move(answer));
        return;
    }
    const bounty::FetchSettings& settings = parts_.settings.fetch;
    const auto whole = core::Deadline::after(fetch_time(one.scan_deadline.left(), settings.timeout));
    parts_.fetches.get({.url = one.bounty.artifact_uri,
                        .deadline = whole,
                        .most_bytes = url ? kMostUrlListBytes : settings.max_artifact_bytes,
                        .redirects = settings.max_redirects,
                        .attempts = settings.attempts},
                       back(&Desk::on_fetched, held));
}

void Desk::on_fetched(const Held& held, fetch::GetAnswer answer) {
    Case& one = *held;
    --fetching_;
    util::observe("polyswarm_fetch_seconds", {}, seconds_in_stage(one));
    if (one.stage == Case::Stage::fetching) {
        if (std::string why = take(one, std::move(answer)); !why.empty()) {
            util::count("polyswarm_skipped_total", {{"reason", "fetch"}});
            fix(held, abstain(one, bounty::kCannotFetch, std::move(why)));
        } else {
            enter(one, Case::Stage::fetched);
            fetched_.emplace(one.scan_deadline.ns(), one.key);
        }
    }
    pump();
}

/// Why there is no artifact; empty: there is one.
std::string Desk::take(Case& one, fetch::GetAnswer answer) const {
    const auto failed = [](std::string_view reason, std::string why) {
        util::count("polyswarm_fetch_failures_total", {{"reason", reason}});
        return why;
    };
    if (answer.failure != fetch::Failure::none) return failed(fetch::to_text(answer.failure), answer.why);
    if (one.load) return {};   // there was nothing to fetch
    if (!one.bounty.sha256 && !answer.got->delimited)
        return failed("undelimited", "nothing tells whether all of it has arrived");
    if (one.bounty.sha256 && *one.bounty.sha256 != answer.got->sha256)
        return failed("sha256", "what was fetched has another SHA-256 than the bounty says");
    util::count("polyswarm_fetch_bytes_total", {}, static_cast<double>(answer.got->bytes.size()));
    auto load = intake::Spool::loader(std::move(answer.got->bytes), bounty::redacted(one.bounty.artifact_uri),
                                      {.max_artifact_bytes = parts_.settings.fetch.max_artifact_bytes});
    if (one.bounty.kind == ArtifactKind::file) {
        one.load = std::move(load);
        return {};
    }
    auto url = bounty::url_in(text_of(std::move(load)));
    if (!url || !intake::check_url(*url)) return failed("no_url", "what was fetched is no URL");
    one.load = url_loader(*std::move(url));
    return {};
}

}   // namespace microengine::polyswarm
