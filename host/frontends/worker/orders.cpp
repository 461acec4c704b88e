// SPDX-License-Identifier: MIT
#include "host/frontends/worker/orders.hpp"

#include "host/intake/read.hpp"
#include "host/intake/url.hpp"
#include "host/util/unique_fd.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

namespace microengine::worker {

namespace {

using namespace std::chrono;
using util::Errc;

constexpr milliseconds kNoDeadline{std::int64_t{1} << 50};
constexpr hours kFarAway{24 * 365};

/// Below `directory`, through no link.
util::UniqueFd open_beneath(const std::filesystem::path& directory, const std::string& name) {
    const util::UniqueFd folder(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder) return {};
    open_how how{};
    how.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    return util::UniqueFd(
        static_cast<int>(::syscall(SYS_openat2, folder.get(), name.c_str(), &how, sizeof how)));
}

core::ArtifactLoader shared_loader(std::string file, std::string name, const core::QueueSettings& settings) {
    return [file = std::move(file), name = std::move(name), directory = settings.artifact_dir,
            most = settings.max_artifact_bytes](core::ArtifactBuffer& buffer) -> intake::Loaded {
        if (directory.empty())
            return intake::not_loaded(name, Errc::config,
                                      "this worker has no queue.artifact_dir to find it in");
        const util::UniqueFd fd = open_beneath(directory, file);
        if (!fd)
            return intake::not_loaded(
                name, Errc::io,
                (directory / file).native() + " cannot be opened: " + util::errno_text(errno));
        return intake::load_fd(fd.get(), name, {.max_artifact_bytes = most}, buffer);
    };
}

core::ArtifactLoader inline_loader(std::string bytes, std::string name, const core::QueueSettings& settings) {
    return [bytes = std::move(bytes), name = std::move(name),
            most = settings.max_artifact_bytes](core::ArtifactBuffer& buffer) {
        const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());   // a byte view
        return intake::load_bytes({data, bytes.size()}, name, {.max_artifact_bytes = most}, buffer);
    };
}

}   // namespace

std::chrono::milliseconds time_left(const broker::JobText& text) {
    if (text.deadline_unix_ms == 0) return kNoDeadline;
    const auto now = duration_cast<milliseconds>(system_clock::now().time_since_epoch());
    // So that it can be counted in nanoseconds.
    return std::min<milliseconds>(milliseconds(text.deadline_unix_ms) - now, kFarAway);
}

util::Result<void> shared_folder(const core::QueueSettings& settings) {
    if (settings.artifact_dir.empty()) return {};
    if (::access(settings.artifact_dir.c_str(), R_OK | X_OK) == 0) return {};
    return util::fail_errno(Errc::config, settings.artifact_dir.native(), "queue.artifact_dir cannot be read",
                            errno);
}

std::int64_t age_ms(const broker::JobText& text) {
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count() - text.sent_unix_ms;
}

engine::Job engine_job(const broker::JobText& text) {
    engine::Job job{
        .name = text.artifact.name,
        .frontend = "worker",
        .request = text.request.empty() ? text.id : text.request,
        .load = {},
        .timeout = text.timeout,
        .urgency = text.urgency == broker::Class::bulk ? engine::Urgency::bulk : engine::Urgency::interactive,
        .client = static_cast<std::uint64_t>(text.urgency),
        .all_matches = text.all_matches,
        .detail = static_cast<engine::Detail>(text.detail),
        .done = {}};
    if (text.deadline_unix_ms != 0) job.deadline = core::Deadline::after(time_left(text));
    if (!text.backends.empty())
        job.backends = std::make_shared<const std::vector<std::string>>(text.backends);
    return job;
}

core::ArtifactLoader loader_of(const broker::JobText& text, const core::QueueSettings& settings) {
    const std::string& name = text.artifact.name;
    if (const auto* shared = std::get_if<broker::SharedFile>(&text.where))
        return shared_loader(shared->name, name, settings);
    const auto* here = std::get_if<broker::InlineBytes>(&text.where);
    util::ensure(here != nullptr, "what is fetched has a loader of its own");
    if (text.artifact.type == core::ArtifactType::url) return intake::url_loader(here->bytes);
    return inline_loader(here->bytes, name, settings);
}

core::ArtifactLoader verified(core::ArtifactLoader load, core::ArtifactFacts expected) {
    return [load = std::move(load),
            expected = std::move(expected)](core::ArtifactBuffer& buffer) mutable -> intake::Loaded {
        auto artifact = load(buffer);
        if (!artifact) return artifact;
        const bool same = artifact->bytes.size() == expected.size &&
                          (!expected.sha256 || artifact->facts.sha256 == expected.sha256);
        if (!same)
            return intake::not_loaded(expected.name, Errc::io, "its bytes are not those that the job names",
                                      artifact->bytes.size());
        return artifact;
    };
}

}   // namespace microengine::worker
