// SPDX-License-Identifier: MIT
// POST /v1/scan: bytes in, reports out. A scan is offered once all bytes are here, so that no slow client
// holds a slot.

#include "host/frontends/http/batch.hpp"
#include "host/frontends/http/connection.hpp"
#include "host/frontends/http/fields.hpp"
#include "host/frontends/http/scan_options.hpp"
#include "host/frontends/http/upload.hpp"
#include "host/intake/read.hpp"
#include "host/report/json.hpp"
#include "host/util/log.hpp"

#include <boost/asio/post.hpp>

#include <functional>
#include <utility>
#include <variant>

namespace microengine::http {

namespace {

constexpr std::string_view kNameless = "upload";

/// As the loader, but once nobody waits nothing is read.
core::ArtifactLoader unless_gone(core::ArtifactLoader load, std::shared_ptr<Batch> batch, std::string name) {
    return [load = std::move(load), batch = std::move(batch),
            name = std::move(name)](core::ArtifactBuffer& buffer) mutable -> intake::Loaded {
        if (batch->gone)
            return intake::not_loaded(std::move(name), util::Errc::cancelled, "its client is gone");
        return load(buffer);
    };
}

std::string joined(const std::vector<std::string>& reports) {
    std::string text = "{\"reports\":[";
    for (const std::string& report : reports)
        text.append(&report == &reports.front() ? "" : ",").append(report);
    return text.append("]}");
}

/// What kind of body it is, or why it cannot be taken: the boundary of several artifacts, or the name of one.
using Form = std::variant<MultipartBoundary, std::string, Response>;

Form form_of_parts(std::string_view content_type, const ScanOptions& options) {
    const auto parsed = parse_parametrised(content_type);
    if (parsed && parsed->value != "multipart/form-data")
        return refuse(Problem::unsupported_media_type, "of multipart types only form-data is taken");
    auto boundary = parsed ? boundary_of(*parsed) : std::nullopt;
    if (!boundary) return refuse(Problem::malformed_body, "its Content-Type has no usable boundary");
    if (!options.name.empty())
        return refuse(Problem::bad_parameter, "the parts of a form have names of their own");
    return *std::move(boundary);
}

std::string name_of(const Head& head, const ScanOptions& options) {
    if (!options.name.empty()) return options.name;
    const std::string* disposition = head.find("content-disposition");
    const auto parsed = disposition == nullptr ? std::nullopt : parse_parametrised(*disposition);
    const auto name = parsed ? file_name_of(*parsed) : std::nullopt;
    return name && !name->empty() ? *name : std::string(kNameless);
}

Form form_of(const Head& head, const ScanOptions& options) {
    if (!head.chunked && !head.content_length) return refuse(Problem::length_required);
    const std::string* coding = head.find("content-encoding");
    if (coding != nullptr && lower_case(trimmed(*coding)) != "identity")
        return refuse(Problem::unsupported_media_type,
                      "the artifact is scanned as it is sent; send it without Content-Encoding");
    const std::string* type = head.find("content-type");
    if (type != nullptr && lower_case(trimmed(*type)).starts_with("multipart/"))
        return form_of_parts(*type, options);
    return name_of(head, options);
}

std::unique_ptr<Upload> upload_for(const Form& form, const Hub& hub) {
    const UploadLimits limits{.artifact_bytes = hub.settings().max_artifact_bytes,
                              .artifacts = hub.settings().max_artifacts};
    if (const auto* boundary = std::get_if<MultipartBoundary>(&form))
        return std::make_unique<Upload>(limits, hub.parts.room, *boundary);
    return std::make_unique<Upload>(limits, hub.parts.room, std::get<std::string>(form));
}

bool wants_to_go_on(const Head& head) {
    const std::string* prefer = head.find("prefer");
    return prefer != nullptr && lists(*prefer, "respond-async");
}

}   // namespace

asio::awaitable<Response> Connection::scan(Exchange& exchange) {
    const auto options = read_options(exchange.target.query, hub_.settings());
    if (!options) co_return refuse(Problem::bad_parameter, options.error());
    Form form = form_of(exchange.head(), *options);
    if (auto* refusal = std::get_if<Response>(&form)) co_return std::move(*refusal);
    const auto& length = exchange.head().content_length;
    if (std::holds_alternative<std::string>(form) && length && *length > hub_.settings().max_artifact_bytes)
        co_return refuse(
            Problem::too_large,
            "an artifact has at most " + std::to_string(hub_.settings().max_artifact_bytes) + " bytes");
    const auto upload = upload_for(form, hub_);
    if (auto refusal = co_await receive(exchange, *upload)) co_return *std::move(refusal);
    if (wants_to_go_on(exchange.head())) co_return start_job(exchange, *upload, *options);

    const bool several = upload->several();
    const auto batch = std::make_shared<Batch>(upload->artifacts().size());
    batch->finished = [notice = notice_] { notice->raise(); };
    if (auto refusal = offer(exchange, *upload, *options, batch)) co_return *std::move(refusal);
    // Named, here and elsewhere: gcc 12 destroys a closure twice that it makes in an expression that waits.
    const std::function<bool()> all_judged = [batch] { return batch->left == 0; };
    const bool there = co_await wait_for(all_judged);
    batch->gone = !there;
    if (!there) co_return Response{};
    if (batch->shed && !several) co_return refuse(Problem::queue_full);
    if (several) co_return json_response(200, joined(batch->reports));
    co_return json_response(200, std::move(batch->reports.front()));
}

/// A refusal, or nothing: all artifacts are here, or the client is gone.
asio::awaitable<std::optional<Response>> Connection::receive(Exchange& exchange, Upload& upload) {
    bool fine = true;
    while (fine) {
        Piece piece = co_await next_piece(exchange);
        if (piece.kind == Piece::Kind::bytes) {
            fine = upload.take(piece.bytes);
        } else if (piece.kind == Piece::Kind::end) {
            fine = upload.finish();
            if (fine) co_return std::nullopt;
        } else {
            co_return std::move(piece.refusal);   // of a client that is gone it is not sent
        }
    }
    if (!upload.trouble().empty())
        util::log(util::Level::warning, "artifact_not_kept",
                  {{"peer", peer_.text}, {"request", exchange.id}, {"why", upload.trouble()}});
    co_return upload.refusal();
}

/// A refusal, or nothing: all scans are in work. Those that were taken before one is refused need not begin.
std::optional<Response> Connection::offer(const Exchange& exchange, Upload& upload,
                                          const ScanOptions& options, const std::shared_ptr<Batch>& batch) {
    for (std::size_t i = 0; i < upload.artifacts().size(); ++i) {
        Arrived& artifact = upload.artifacts()[i];
        auto load = intake::Spool::loader(std::move(artifact.spool), artifact.name,
                                          {.max_artifact_bytes = hub_.settings().max_artifact_bytes});
        engine::Job job{.name = artifact.name,
                        .frontend = "http",
                        .request = exchange.id,
                        .load = unless_gone(std::move(load), batch, artifact.name),
                        .timeout = options.timeout,
                        .urgency = options.urgency,
                        .promised = batch->promised,
                        .client = std::hash<std::string>()(exchange.caller.name),
                        .all_matches = options.all_matches,
                        .detail = options.detail,
                        .done = [batch, i, &io = hub_.io](const core::Report& report) {
                            asio::post(io, [batch, i, text = report::to_json(report),
                                            shed = engine::was_shed(report)]() mutable {
                                batch->shed |= shed;
                                batch->reports[i] = std::move(text);
                                if (--batch->left == 0 && batch->finished) batch->finished();
                            });
                        }};
        const engine::Offer offered = hub_.parts.service.offer(std::move(job));
        if (offered == engine::Offer::accepted) continue;
        batch->gone = true;
        batch->finished = {};
        return refuse(offered == engine::Offer::full ? Problem::queue_full : Problem::ending);
    }
    return std::nullopt;
}

Response Connection::start_job(const Exchange& exchange, Upload& upload, const ScanOptions& options) {
    const std::string owner = hub_.owner_of(exchange.caller);
    const std::size_t artifacts = upload.artifacts().size();
    const auto id = hub_.jobs.add(owner, artifacts, Clock::now());
    if (!id) return refuse(Problem::too_many_jobs);
    const auto batch = std::make_shared<Batch>(artifacts);
    batch->promised = true;
    // Holds the batch weakly: it would hold itself.
    batch->finished = [&hub = hub_, id = *id, weak = std::weak_ptr(batch)] {
        if (const auto held = weak.lock()) hub.jobs.finish(id, std::move(held->reports), Clock::now());
    };
    if (auto refusal = offer(exchange, upload, options, batch)) {
        hub_.jobs.drop(*id);
        return *std::move(refusal);
    }
    const std::string path = "/v1/jobs/" + *id;
    Response response = json_response(202, "{\"id\":\"" + *id + "\",\"state\":\"working\",\"artifacts\":" +
                                               std::to_string(artifacts) + ",\"href\":\"" + path + "\"}");
    response.fields.push_back({"Location", path});
    response.fields.push_back({"Preference-Applied", "respond-async"});
    response.fields.push_back({"Retry-After", "1"});
    return response;
}

}   // namespace microengine::http
