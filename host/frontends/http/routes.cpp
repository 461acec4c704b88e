// SPDX-License-Identifier: MIT
#include "host/frontends/http/routes.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace microengine::http {

namespace {

using enum Problem;

constexpr std::array<unsigned, 1> kFine{200};
constexpr std::array<unsigned, 2> kScanned{200, 202};
constexpr std::array<unsigned, 2> kReady{200, 503};

constexpr std::array kScanProblems{malformed_body,
                                   bad_parameter,
                                   length_required,
                                   too_large,
                                   too_many_artifacts,
                                   unsupported_media_type,
                                   internal,
                                   queue_full,
                                   no_room,
                                   too_many_jobs,
                                   ending};
constexpr std::array kJobProblems{unknown_job};
constexpr std::array kReportProblems{bad_parameter, unknown_report};
constexpr std::array kReloadProblems{reload_refused};
constexpr std::array kEventProblems{too_many_subscribers, ending};
constexpr std::array<Problem, 0> kNone{};

constexpr std::array kCommon{malformed_request, bad_parameter,      foreign_page,       method_not_allowed,
                             timed_out,         too_large,          misdirected,        expectation_failed,
                             head_too_large,    unsupported_coding, unsupported_version};

constexpr std::array kRows{
    RouteRow{Route::scan, "POST", "/v1/scan", Scope::scan, "Judge one artifact, or several.", kScanned,
             kScanProblems},
    RouteRow{Route::job, "GET", "/v1/jobs/{id}", Scope::scan, "How far an asynchronous scan is.", kFine,
             kJobProblems},
    RouteRow{Route::report, "GET", "/v1/reports/{sha256}", Scope::scan,
             "What is remembered of an artifact, without a scan.", kFine, kReportProblems},
    RouteRow{Route::backends, "GET", "/v1/backends", Scope::scan, "The backends and their state.", kFine,
             kNone},
    RouteRow{Route::reload, "POST", "/v1/reload", Scope::admin,
             "Load configuration and signatures again, and wait for the outcome.", kFine, kReloadProblems},
    RouteRow{Route::events, "GET", "/v1/events", Scope::admin,
             "Reports, reloads and states of backends as they happen (server-sent events).", kFine,
             kEventProblems},
    RouteRow{Route::health, "GET", "/healthz", Scope::open, "Does the service answer?", kFine, kNone},
    RouteRow{Route::readiness, "GET", "/readyz", Scope::open, "Should it be sent traffic?", kReady, kNone},
    RouteRow{Route::metrics, "GET", "/metrics", Scope::metrics, "Numbers in the text format of Prometheus.",
             kFine, kNone},
    RouteRow{Route::description, "GET", "/v1/openapi.json", Scope::open, "This description.", kFine, kNone},
};

/// The parameter's segment, empty if the pattern has none; nothing: another path.
std::optional<std::string_view> matched(std::string_view pattern, std::string_view path) {
    const std::size_t brace = pattern.find('{');
    if (brace == std::string_view::npos)
        return pattern == path ? std::optional<std::string_view>("") : std::nullopt;
    if (!path.starts_with(pattern.substr(0, brace))) return std::nullopt;
    const std::string_view rest = path.substr(brace);
    if (rest.empty() || rest.contains('/')) return std::nullopt;
    return rest;
}

bool takes(const RouteRow& row, std::string_view method) {
    return method == row.method || (method == "HEAD" && row.method == "GET" && row.route != Route::events);
}

}   // namespace

std::span<const RouteRow> route_rows() { return kRows; }
std::span<const Problem> common_problems() { return kCommon; }

std::string allowed_methods(const RouteRow& row) {
    return takes(row, "HEAD") ? "GET, HEAD" : std::string(row.method);
}

std::string_view to_text(Scope scope) {
    switch (scope) {
        case Scope::scan:
            return "scan";
        case Scope::admin:
            return "admin";
        case Scope::metrics:
            return "metrics";
        case Scope::open:
            break;
    }
    return "open";
}

std::variant<Match, Mismatch> find_route(std::string_view method, std::string_view path) {
    for (const RouteRow& row : kRows) {
        const auto parameter = matched(row.pattern, path);
        if (!parameter) continue;
        if (!takes(row, method)) return Mismatch{.problem = method_not_allowed, .row = &row};
        return Match{.row = &row, .parameter = std::string(*parameter)};
    }
    return Mismatch{};
}

}   // namespace microengine::http
