// SPDX-License-Identifier: MIT
#include "host/frontends/http/openapi.hpp"

#include "host/frontends/http/problem.hpp"
#include "host/frontends/http/routes.hpp"
#include "host/report/json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

namespace microengine::http {

namespace {

using Json = nlohmann::ordered_json;

Json json_content(const Json& schema) { return {{"application/json", {{"schema", schema}}}}; }
Json reference(std::string_view name) { return {{"$ref", "#/components/schemas/" + std::string(name)}}; }
Json array_of(const Json& items) { return {{"type", "array"}, {"items", items}}; }

Json text_parameter(std::string_view name, std::string_view in, const Json& schema, std::string_view text) {
    return {
        {"name", name}, {"in", in}, {"required", in == "path"}, {"schema", schema}, {"description", text}};
}

/// What a good answer holds.
Json content_of(Route route, unsigned status) {
    switch (route) {
        case Route::scan:
            if (status == 202) return json_content(reference("Job"));
            return json_content({{"oneOf", {reference("Report"), reference("Reports")}}});
        case Route::job:
            return json_content(reference("Job"));
        case Route::report:
            return json_content(reference("Report"));
        case Route::backends:
            return json_content(reference("Backends"));
        case Route::reload:
            return json_content(reference("Reloaded"));
        case Route::readiness:
            return json_content(reference("Readiness"));
        case Route::events:
            return {{"text/event-stream", {{"schema", {{"type", "string"}}}}}};
        case Route::metrics:
            return {{"text/plain", {{"schema", {{"type", "string"}}}}}};
        case Route::health:
        case Route::description:
            break;
    }
    return json_content({{"type", "object"}});
}

std::string_view words_of(Route route, unsigned status) {
    if (status == 202) return "Taken on; the reports will be at Location.";
    if (status == 503) return "Not now; the reasons are for those with a token.";
    if (route == Route::scan)
        return "Judged. The verdict is in the report; \"unknown\" means inconclusive, never benign.";
    return "As asked.";
}

Json problem_response(const std::set<Problem>& problems) {
    std::string text;
    for (const Problem problem : problems)
        text.append(text.empty() ? "" : ", ")
            .append(row_of(problem).code)
            .append(": ")
            .append(row_of(problem).title);
    return {{"description", text},
            {"content", {{"application/problem+json", {{"schema", reference("Problem")}}}}}};
}

Json responses_of(const RouteRow& row) {
    std::map<unsigned, std::set<Problem>> by_status;
    const auto add = [&by_status](Problem problem) { by_status[row_of(problem).status].insert(problem); };
    std::ranges::for_each(row.problems, add);
    std::ranges::for_each(common_problems(), add);
    if (row.scope != Scope::open)
        for (const Problem problem : {Problem::unauthorized, Problem::forbidden}) add(problem);
    Json responses;
    for (const unsigned status : row.statuses)
        responses[std::to_string(status)] = {{"description", words_of(row.route, status)},
                                             {"content", content_of(row.route, status)}};
    for (const auto& [status, problems] : by_status)
        if (!responses.contains(std::to_string(status)))
            responses[std::to_string(status)] = problem_response(problems);
    return responses;
}

Json scan_parameters() {
    const auto choice = [](std::initializer_list<std::string_view> words) {
        Json schema{{"type", "string"}};
        for (const std::string_view word : words) schema["enum"].push_back(word);
        return schema;
    };
    Json all = Json::array();
    all.push_back(
        text_parameter("name", "query", {{"type", "string"}}, "What the report calls the artifact."));
    all.push_back(text_parameter("timeout_ms", "query", {{"type", "integer"}, {"minimum", 1}},
                                 "For all backends together; at most the service's own."));
    all.push_back(text_parameter("class", "query", choice({"interactive", "bulk"}), "Who waits for it."));
    all.push_back(text_parameter("detail", "query", choice({"verdict", "explanation", "flips"}),
                                 "How much of its reasons the report carries."));
    all.push_back(text_parameter("all_matches", "query", {{"type", "boolean"}},
                                 "false: a backend may stop at its first malicious match."));
    all.push_back(text_parameter("Prefer", "header", {{"type", "string"}},
                                 "respond-async: the answer is a job (RFC 7240)."));
    return all;
}

Json operation_of(const RouteRow& row, bool head) {
    Json out;
    out["summary"] = row.summary;
    if (row.scope == Scope::open)
        out["security"] = Json::array();
    else
        out["security"] = {{{"bearer", Json::array({to_text(row.scope)})}}};
    if (row.route == Route::scan) {
        out["parameters"] = scan_parameters();
        const Json binary{{"type", "string"}, {"contentMediaType", "application/octet-stream"}};
        out["requestBody"] = {
            {"required", true},
            {"description", "One artifact as it is, or a form with one in each part."},
            {"content",
             {{"*/*", {{"schema", binary}}}, {"multipart/form-data", {{"schema", {{"type", "object"}}}}}}}};
    }
    if (row.route == Route::job || row.route == Route::report) {
        const std::string_view name = row.route == Route::job ? "id" : "sha256";
        out["parameters"] = Json::array({text_parameter(name, "path", {{"type", "string"}}, "")});
    }
    out["responses"] = responses_of(row);
    if (head)
        for (Json& response : out["responses"]) response.erase("content");
    return out;
}

Json object_of(const Json& properties) { return {{"type", "object"}, {"properties", properties}}; }

Json schemas() {
    const Json text{{"type", "string"}};
    const Json number{{"type", "integer"}};
    const Json flag{{"type", "boolean"}};
    Json codes = Json::array();
    for (const ProblemRow& row : problem_rows())
        codes.push_back("urn:microengine:problem:" + std::string(row.code));
    Json out;
    out["Report"] = {{"type", "object"},
                     {"required", {"schema", "artifact", "verdict", "confidence", "combiner", "results"}},
                     {"properties",
                      {{"schema", {{"const", report::kSchema}}},
                       {"artifact", {{"type", "object"}}},
                       {"verdict", {{"enum", {"unknown", "benign", "suspicious", "malicious"}}}},
                       {"confidence", {{"type", "number"}}},
                       {"combiner", {{"type", "object"}}},
                       {"results", array_of({{"type", "object"}})}}},
                     {"description", "All of it: docs/report.schema.json."}};
    out["Reports"] = object_of({{"reports", array_of(reference("Report"))}});
    out["Job"] = object_of({{"id", text},
                            {"state", {{"enum", {"working", "done"}}}},
                            {"artifacts", number},
                            {"href", text},
                            {"reports", array_of(reference("Report"))}});
    out["Backends"] = object_of({{"generation", number}, {"backends", array_of({{"type", "object"}})}});
    out["Reloaded"] = object_of({{"replaced", flag}, {"generation", number}});
    out["Readiness"] = object_of({{"ready", flag}, {"reasons", array_of(text)}});
    out["Problem"] = {{"type", "object"},
                      {"required", {"type", "title", "status"}},
                      {"properties",
                       {{"type", {{"enum", codes}}},
                        {"title", text},
                        {"status", number},
                        {"detail", text},
                        {"problems", array_of(text)}}}};
    return out;
}

std::string describe() {
    Json out;
    out["openapi"] = "3.1.0";
    out["info"] = {{"title", "Microengine"},
                   {"version", report::engine_version()},
                   {"description", "Artifacts in, verdicts with their reasons out."}};
    for (const RouteRow& row : route_rows()) {
        Json& path = out["paths"][std::string(row.pattern)];
        path[row.method == "GET" ? "get" : "post"] = operation_of(row, false);
        if (allowed_methods(row).contains("HEAD")) path["head"] = operation_of(row, true);
    }
    out["components"]["securitySchemes"]["bearer"] = {{"type", "http"}, {"scheme", "bearer"}};
    out["components"]["schemas"] = schemas();
    return out.dump();
}

}   // namespace

const std::string& openapi() {
    static const std::string text = describe();
    return text;
}

}   // namespace microengine::http
