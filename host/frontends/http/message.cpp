// SPDX-License-Identifier: MIT
#include "host/frontends/http/message.hpp"

#include "host/util/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <ctime>

namespace microengine::http {

namespace {

constexpr std::string_view kRetryAfterSeconds = "1";

std::string_view reason_of(unsigned status) {
    switch (status) {
        case 200:
            return "OK";
        case 202:
            return "Accepted";
        default:
            break;
    }
    const auto rows = problem_rows();
    const auto row = std::ranges::find(rows, status, &ProblemRow::status);
    return row == rows.end() ? "Status" : row->title;
}

/// RFC 9110, 5.6.7: IMF-fixdate.
std::string date_now() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    (void)::gmtime_r(&now, &parts);
    std::array<char, 40> text{};
    const std::size_t size =
        std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);   // the C locale
    return {text.data(), size};
}

void put(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

}   // namespace

const std::string* Head::find(std::string_view name) const {
    const auto found = std::ranges::find(fields, name, &Field::name);
    return found == fields.end() ? nullptr : &found->value;
}

std::size_t Head::count(std::string_view name) const {
    return static_cast<std::size_t>(std::ranges::count(fields, name, &Field::name));
}

Response json_response(unsigned status, std::string body) {
    return {.status = status, .type = "application/json", .body = std::move(body)};
}

Response refuse(Problem problem, std::string_view detail, const std::vector<std::string>& problems) {
    const ProblemRow& row = row_of(problem);
    nlohmann::ordered_json body;
    body["type"] = "urn:microengine:problem:" + std::string(row.code);
    body["title"] = row.title;
    body["status"] = row.status;
    if (!detail.empty()) body["detail"] = util::to_utf8(util::printable(detail));
    for (const std::string& one : problems) body["problems"].push_back(util::to_utf8(one));
    Response response{
        .status = row.status, .type = "application/problem+json", .body = body.dump(), .refused = problem};
    if (row.later) response.fields.push_back({"Retry-After", std::string(kRetryAfterSeconds)});
    return response;
}

std::string to_bytes(const Response& response, const Sending& sending) {
    std::string out = "HTTP/1.1 " + std::to_string(response.status) + " ";
    out.append(reason_of(response.status)).append("\r\n");
    put(out, "Date", date_now());
    put(out, "Content-Type", response.type);
    if (!sending.endless) put(out, "Content-Length", std::to_string(response.body.size()));
    put(out, "Connection", sending.close || sending.endless ? "close" : "keep-alive");
    put(out, "Cache-Control", "no-store");
    put(out, "X-Content-Type-Options", "nosniff");
    put(out, "X-Request-Id", sending.request_id);
    for (const Field& field : response.fields) put(out, field.name, field.value);
    out += "\r\n";
    if (!sending.head_only) out += response.body;
    return out;
}

}   // namespace microengine::http
