// SPDX-License-Identifier: MIT
#pragma once
// What can be asked for: one table for the server, its metrics and its description. Pure.

#include "host/frontends/http/problem.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace microengine::http {

enum class Route : std::uint8_t {
    scan,
    job,
    report,
    backends,
    reload,
    events,
    health,
    readiness,
    metrics,
    description,
};

/// What a token allows.
enum class Scope : std::uint8_t { scan, admin, metrics, open };   ///< open: nobody is asked

struct RouteRow {
    Route route = Route::scan;
    std::string_view method;    ///< GET is HEAD too, but for events
    std::string_view pattern;   ///< a segment in braces is a parameter
    Scope scope = Scope::open;
    std::string_view summary;
    std::span<const unsigned> statuses;   ///< that only this route has, the good ones first
    std::span<const Problem> problems;    ///< and those of the table
};

[[nodiscard]] std::span<const RouteRow> route_rows();
/// "GET, HEAD"
[[nodiscard]] std::string allowed_methods(const RouteRow& row);
/// What every route can answer, beside 401 and 403 where it has a scope.
[[nodiscard]] std::span<const Problem> common_problems();
[[nodiscard]] std::string_view to_text(Scope scope);

struct Match {
    const RouteRow* row = nullptr;
    std::string parameter;   ///< the segment that stands for the one in braces
};
struct Mismatch {
    Problem problem = Problem::not_found;
    const RouteRow* row = nullptr;   ///< with method_not_allowed: the path's
};
[[nodiscard]] std::variant<Match, Mismatch> find_route(std::string_view method, std::string_view path);

}   // namespace microengine::http
