// SPDX-License-Identifier: MIT
#pragma once
// Everything that a request can be refused for: one row each, which answers, metrics and the documentation
// share. The answers are those of RFC 9457.

#include <cstdint>
#include <span>
#include <string_view>

namespace microengine::http {

enum class Problem : std::uint8_t {
    malformed_request,
    malformed_body,
    bad_parameter,
    unauthorized,
    forbidden,
    foreign_page,
    not_found,
    unknown_job,
    unknown_report,
    method_not_allowed,
    timed_out,
    reload_refused,
    length_required,
    too_large,
    too_many_artifacts,
    unsupported_media_type,
    expectation_failed,
    misdirected,
    head_too_large,
    internal,
    unsupported_coding,
    queue_full,
    no_room,
    too_many_jobs,
    too_many_subscribers,
    ending,
    unsupported_version,
};

struct ProblemRow {
    Problem problem = Problem::internal;
    std::string_view code;   ///< the last part of "type", and the reason in metrics
    unsigned status = 500;
    std::string_view title;
    bool later = false;   ///< the same request may do another time: Retry-After
};

[[nodiscard]] std::span<const ProblemRow> problem_rows();
[[nodiscard]] const ProblemRow& row_of(Problem problem);

}   // namespace microengine::http
