// SPDX-License-Identifier: MIT
#include "host/dispatch/packing.hpp"

#include "host/util/clock.hpp"

#include <algorithm>
#include <utility>

namespace microengine::dispatch {

namespace {

using namespace std::chrono;

constexpr milliseconds kReturnTrip{1'000};   // beyond a job's own time, for its answer to come back

std::int64_t unix_ms() { return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count(); }

std::string_view view_of(std::span<const std::uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Who waits for an answer waits for the scan, and not long for a worker; what was promised has the time of
/// all jobs.
nanoseconds longest(const engine::Job& job, const core::QueueSettings& settings) {
    const bool waited_for = class_of(job) == broker::Class::interactive && !job.promised;
    if (!waited_for || job.timeout.count() == 0) return settings.job_timeout;
    return std::min<nanoseconds>(settings.job_timeout, settings.interactive_wait + job.timeout);
}

}   // namespace

broker::Class class_of(const engine::Job& job) {
    if (job.urgency == engine::Urgency::bulk) return broker::Class::bulk;
    return job.frontend == "polyswarm" ? broker::Class::normal : broker::Class::interactive;
}

std::uint64_t give_up_ns(const engine::Job& job, const core::QueueSettings& settings) {
    const auto most = core::Deadline::after(longest(job, settings));
    return most.earlier(job.deadline).ns() + static_cast<std::uint64_t>(nanoseconds(kReturnTrip).count());
}

util::Result<broker::JobText> job_text(const engine::Job& job, const core::Artifact& artifact,
                                       const std::string& id, const core::QueueSettings& settings) {
    broker::JobText text;
    text.id = id;
    text.urgency = class_of(job);
    text.artifact = artifact.facts;
    text.sent_unix_ms = unix_ms();
    const auto left = std::min<nanoseconds>(longest(job, settings), job.deadline.left());
    text.deadline_unix_ms = text.sent_unix_ms + duration_cast<milliseconds>(left).count();
    text.timeout = duration_cast<milliseconds>(job.timeout);
    if (job.backends) text.backends = *job.backends;
    text.all_matches = job.all_matches;
    text.detail = std::to_underlying(job.detail);
    text.request = job.request;
    if (artifact.truncated)
        return util::fail(util::Errc::io, "", "it reached us cut off, and is not sent to a worker");
    const bool small = artifact.bytes.size() <= settings.inline_bytes;
    if (small || artifact.facts.type == core::ArtifactType::url) {
        text.where = broker::InlineBytes{std::string(view_of(artifact.bytes))};
    } else {
        if (settings.artifact_dir.empty())
            return util::fail(util::Errc::limit, "",
                              "larger than queue.inline_bytes = " + std::to_string(settings.inline_bytes) +
                                  ", and there is no queue.artifact_dir");
        text.where = broker::SharedFile{};
    }
    return text;
}

}   // namespace microengine::dispatch
