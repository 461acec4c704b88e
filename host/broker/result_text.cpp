// SPDX-License-Identifier: MIT
#include "host/broker/result_text.hpp"

#include "host/broker/job_text.hpp"
#include "host/report/json.hpp"
#include "host/report/json_bounds.hpp"
#include "host/report/json_fields.hpp"
#include "host/util/text.hpp"

#include <array>

namespace microengine::broker {

namespace {

using report::Fields, report::Problem;
using util::Errc, util::fail;

constexpr std::array kUndone{Undone::expired, Undone::poison, Undone::refused, Undone::generation,
                             Undone::lost};

std::optional<Undone> parse_undone(std::string_view text) {
    for (const Undone one : kUndone)
        if (to_text(one) == text) return one;
    return std::nullopt;
}

std::string quoted(const std::string& text) {
    return nlohmann::json(util::to_utf8(text)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}   // namespace

std::string_view to_text(Undone undone) {
    switch (undone) {
        case Undone::none:
            return "none";
        case Undone::expired:
            return "expired";
        case Undone::poison:
            return "poison";
        case Undone::refused:
            return "refused";
        case Undone::generation:
            return "generation";
        case Undone::lost:
            return "lost";
    }
    return "lost";
}

std::string to_json(const ResultText& result) {
    std::string out = "{\"schema\":\"" + std::string(kResultSchema) + "\",\"id\":" + quoted(result.id) +
                      ",\"worker\":" + quoted(result.worker) +
                      ",\"generation\":" + quoted(result.generation) +
                      ",\"deliveries\":" + std::to_string(result.deliveries);
    if (result.report)
        out += ",\"report\":" + report::to_json(*result.report);   // not parsed again only to be written
    else
        out += ",\"undone\":" + quoted(std::string(to_text(result.undone))) +
               ",\"message\":" + quoted(result.message);
    return out + "}";
}

util::Result<ResultText> result_from_json(std::string_view text) {
    if (text.size() > report::kMaxJsonBytes) return fail(Errc::limit, "result", "is too long");
    const report::JsonSize size = report::measure_json(text);
    if (size.depth > report::kMaxJsonDepth + 1 || size.values > report::kMaxJsonValues)
        return fail(Errc::limit, "result", "is deeper or longer than any report");
    const auto parsed = nlohmann::json::parse(text, nullptr, false);
    if (parsed.is_discarded()) return fail(Errc::usage, "result", "is no JSON");
    Problem problem;
    const Fields in(parsed, "", problem);
    ResultText out;
    if (in.text("schema") != kResultSchema) in.refuse("schema", "must be " + std::string(kResultSchema));
    out.id = in.text("id");
    if (!is_job_id(out.id)) in.refuse("id", "must have 1 to 64 letters, digits, - and _");
    out.worker = in.text_or_empty("worker").substr(0, 256);
    out.generation = in.text_or_empty("generation").substr(0, 64);
    out.deliveries = in.has("deliveries") ? in.count("deliveries") : 1;
    if (!in.has("report")) {
        out.undone = in.word("undone", parse_undone);
        if (out.undone == Undone::none) in.refuse("undone", "must say why there is no report");
        out.message = in.text_or_empty("message").substr(0, 4096);
    }
    if (auto error = problem.take()) return std::unexpected(*std::move(error));
    if (in.has("report")) out.report = ME_TRY(report::from_json(parsed.at("report").dump()));
    return out;
}

}   // namespace microengine::broker
