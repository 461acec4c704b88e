// SPDX-License-Identifier: MIT
#include "host/broker/job_text.hpp"

#include "host/report/json_bounds.hpp"
#include "host/report/json_fields.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <cctype>

namespace microengine::broker {

namespace {

using Json = nlohmann::ordered_json;
using report::Fields, report::Problem;
using util::Errc, util::fail;

constexpr std::size_t kMostNameBytes = 4096;
constexpr std::size_t kMostUrlBytes = 8192;
constexpr std::size_t kMostBackends = 256;
constexpr std::uint64_t kMostTimeoutMs = 86'400'000;
constexpr std::uint64_t kLatestUnixMs = 253'402'300'799'999;   // the year 9999

bool all_of_label(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
    });
}

std::optional<Class> parse_class(std::string_view text) {
    for (const Class one : kClasses)
        if (to_text(one) == text) return one;
    return std::nullopt;
}

std::optional<core::ArtifactType> parse_type(std::string_view text) {
    if (text == "file") return core::ArtifactType::file;
    if (text == "url") return core::ArtifactType::url;
    return std::nullopt;
}

Json artifact_json(const JobText& job) {
    Json out;
    out["name"] = util::to_utf8(job.artifact.name);
    out["type"] = job.artifact.type == core::ArtifactType::url ? "url" : "file";
    out["size"] = job.artifact.size;
    if (job.artifact.sha256) out["sha256"] = util::hex(*job.artifact.sha256);
    if (const auto* here = std::get_if<InlineBytes>(&job.where)) out["bytes"] = to_base64(here->bytes);
    if (const auto* shared = std::get_if<SharedFile>(&job.where)) out["file"] = shared->name;
    if (const auto* remote = std::get_if<RemoteFile>(&job.where)) out["url"] = remote->url;
    return out;
}

void read_bytes(const Fields& in, JobText& job) {
    auto bytes = from_base64(in.text("bytes"));
    if (!bytes) in.refuse("bytes", "must be base64 with padding");
    if (bytes && bytes->size() != job.artifact.size) in.refuse("size", "is not that of the bytes");
    job.where = InlineBytes{std::move(bytes).value_or("")};
}

void read_where(const Fields& in, JobText& job) {
    const int ways = int{in.has("bytes")} + int{in.has("file")} + int{in.has("url")};
    if (ways != 1) return in.refuse("bytes", "or file or url: there must be exactly one of them");
    if (in.has("bytes")) return read_bytes(in, job);
    if (job.artifact.type == core::ArtifactType::url) in.refuse("bytes", "of a URL are its text");
    if (!job.artifact.sha256) in.refuse("sha256", "is missing: what is fetched must be what was meant");
    if (in.has("file")) {
        std::string name = in.text("file");
        if (name.empty() || name.size() > 200 || !all_of_label(name))
            in.refuse("file", "must be a name of letters, digits, - and _");
        job.where = SharedFile{std::move(name)};
    } else {
        std::string url = in.text("url");
        const bool web = url.starts_with("http://") || url.starts_with("https://");
        if (!web || url.size() > kMostUrlBytes) in.refuse("url", "must be http:// or https://");
        job.where = RemoteFile{std::move(url)};
    }
}

void read_artifact(const Fields& in, JobText& job) {
    job.artifact.name = in.text("name").substr(0, kMostNameBytes);
    job.artifact.type = in.word("type", parse_type);
    job.artifact.size = in.count("size");
    if (in.has("sha256")) {
        job.artifact.sha256 = util::parse_sha256(in.text("sha256"));
        if (!job.artifact.sha256) in.refuse("sha256", "must have 64 hexadecimal digits");
    }
    read_where(in, job);
}

void read_wishes(const Fields& in, JobText& job) {
    if (in.has("deadline_unix_ms"))
        job.deadline_unix_ms = static_cast<std::int64_t>(in.count("deadline_unix_ms", kLatestUnixMs));
    if (in.has("timeout_ms")) job.timeout = std::chrono::milliseconds(in.count("timeout_ms", kMostTimeoutMs));
    job.backends = in.texts("backends");
    if (job.backends.size() > kMostBackends) in.refuse("backends", "are too many");
    job.all_matches = !in.has("all_matches") || in.flag("all_matches");
    if (in.has("detail")) job.detail = static_cast<std::uint8_t>(in.count("detail", 2));
    job.generation = in.text_or_empty("generation");
    job.request = in.text_or_empty("request").substr(0, 256);
    if (job.generation.size() > 64) in.refuse("generation", "is too long");
}

}   // namespace

bool is_job_id(std::string_view id) { return !id.empty() && id.size() <= 64 && all_of_label(id); }

std::string to_json(const JobText& job) {
    Json out;
    out["schema"] = kJobSchema;
    out["id"] = job.id;
    out["class"] = to_text(job.urgency);
    out["artifact"] = artifact_json(job);
    out["sent_unix_ms"] = job.sent_unix_ms;
    if (job.deadline_unix_ms != 0) out["deadline_unix_ms"] = job.deadline_unix_ms;
    if (job.timeout.count() != 0) out["timeout_ms"] = job.timeout.count();
    if (!job.backends.empty()) out["backends"] = job.backends;
    if (!job.all_matches) out["all_matches"] = false;
    out["detail"] = job.detail;
    if (!job.generation.empty()) out["generation"] = job.generation;
    if (!job.request.empty()) out["request"] = util::to_utf8(job.request);
    return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

util::Result<JobText> job_from_json(std::string_view text) {
    const report::JsonSize size = report::measure_json(text);
    if (size.depth > 8 || size.values > 2 * kMostBackends)
        return fail(Errc::usage, "job", "is deeper or longer than any job");
    const auto parsed = nlohmann::json::parse(text, nullptr, false);
    if (parsed.is_discarded()) return fail(Errc::usage, "job", "is no JSON");
    Problem problem;
    const Fields in(parsed, "", problem);
    JobText job;
    if (in.text("schema") != kJobSchema)
        in.refuse("schema", "must be " + std::string(kJobSchema) + ": was it written for a newer version?");
    job.id = in.text("id");
    if (!is_job_id(job.id)) in.refuse("id", "must have 1 to 64 letters, digits, - and _");
    job.urgency = in.word("class", parse_class);
    read_artifact(in.object("artifact"), job);
    if (in.has("sent_unix_ms"))
        job.sent_unix_ms = static_cast<std::int64_t>(in.count("sent_unix_ms", kLatestUnixMs));
    read_wishes(in, job);
    if (auto error = problem.take()) return std::unexpected(*std::move(error));
    return job;
}

}   // namespace microengine::broker
