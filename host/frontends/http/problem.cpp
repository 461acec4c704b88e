// SPDX-License-Identifier: MIT
#include "host/frontends/http/problem.hpp"

#include <array>
#include <cstddef>
#include <utility>

namespace microengine::http {

namespace {

using enum Problem;

/// In the order of the enumeration.
constexpr std::array kRows{
    ProblemRow{malformed_request, "malformed_request", 400, "The request is not HTTP/1.1"},
    ProblemRow{malformed_body, "malformed_body", 400, "The body is not what its type says"},
    ProblemRow{bad_parameter, "bad_parameter", 400, "A parameter is unknown or out of its range"},
    ProblemRow{unauthorized, "unauthorized", 401, "A token is needed"},
    ProblemRow{forbidden, "forbidden", 403, "The token does not allow this"},
    ProblemRow{foreign_page, "foreign_page", 403, "The request comes from a web page of another site"},
    ProblemRow{not_found, "not_found", 404, "There is nothing at this path"},
    ProblemRow{unknown_job, "unknown_job", 404, "There is no such job, or it has been forgotten"},
    ProblemRow{unknown_report, "unknown_report", 404, "This artifact is not remembered"},
    ProblemRow{method_not_allowed, "method_not_allowed", 405, "The path has no such method"},
    ProblemRow{timed_out, "timed_out", 408, "The request did not arrive in time"},
    ProblemRow{reload_refused, "reload_refused", 409, "The old generation goes on"},
    ProblemRow{length_required, "length_required", 411, "The length of the body is not known"},
    ProblemRow{too_large, "too_large", 413, "The artifact is too large"},
    ProblemRow{too_many_artifacts, "too_many_artifacts", 413, "Too many artifacts in one request"},
    ProblemRow{unsupported_media_type, "unsupported_media_type", 415,
               "The body cannot be taken in this form"},
    ProblemRow{expectation_failed, "expectation_failed", 417, "Only 100-continue can be expected"},
    ProblemRow{misdirected, "misdirected", 421, "The request is for another host"},
    ProblemRow{head_too_large, "head_too_large", 431, "The head of the request is too large"},
    ProblemRow{internal, "internal", 500, "The service could not do its work"},
    ProblemRow{unsupported_coding, "unsupported_coding", 501, "The only transfer coding is chunked"},
    ProblemRow{queue_full, "queue_full", 503, "Too many scans wait", true},
    ProblemRow{no_room, "no_room", 503, "Too many artifacts wait", true},
    ProblemRow{too_many_jobs, "too_many_jobs", 503, "Too many jobs are in work", true},
    ProblemRow{too_many_subscribers, "too_many_subscribers", 503, "Too many clients listen to events", true},
    ProblemRow{ending, "ending", 503, "The service is ending", true},
    ProblemRow{unsupported_version, "unsupported_version", 505, "The only version is HTTP/1.1"},
};

consteval bool in_order() {
    for (std::size_t i = 0; i < kRows.size(); ++i)
        if (std::to_underlying(kRows[i].problem) != i) return false;
    return kRows.size() == std::to_underlying(unsupported_version) + std::size_t{1};
}
static_assert(in_order());

}   // namespace

std::span<const ProblemRow> problem_rows() { return kRows; }

const ProblemRow& row_of(Problem problem) { return kRows.at(std::to_underlying(problem)); }

}   // namespace microengine::http
