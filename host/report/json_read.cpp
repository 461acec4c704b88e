// SPDX-License-Identifier: MIT
// A report from JSON that may come from anybody. What the writer writes is taken; what could not have been a
// report (a benign row of a backend that failed, say) is refused, because replays build on it.

#include "host/report/json.hpp"
#include "host/report/json_bounds.hpp"
#include "host/report/json_rows.hpp"

#include <algorithm>
#include <charconv>

namespace microengine::report {

namespace {

using Json = nlohmann::json;

std::optional<std::string> bytes_of_hex(std::string_view text) {
    std::string bytes;
    if (text.size() % 2 != 0) return std::nullopt;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        unsigned value = 0;
        const auto [end, error] = std::from_chars(text.data() + i, text.data() + i + 2, value, 16);
        if (error != std::errc() || end != text.data() + i + 2) return std::nullopt;
        bytes += static_cast<char>(value);
    }
    return bytes;
}

core::ArtifactFacts artifact(const Fields& in) {
    core::ArtifactFacts facts;
    facts.name = in.text("name");
    facts.size = in.count("size");
    if (in.has("name_hex")) {
        const auto bytes = bytes_of_hex(in.text("name_hex"));
        if (!bytes) in.refuse("name_hex", "must be hexadecimal digits, two for each byte");
        facts.name = bytes.value_or("");
    }
    if (in.has("sha256")) {
        facts.sha256 = util::parse_sha256(in.text("sha256"));
        if (!facts.sha256) in.refuse("sha256", "must have 64 hexadecimal digits");
    }
    const std::string type = in.text("type");
    if (type != "file" && type != "url") in.refuse("type", "must be file or url");
    facts.type = type == "url" ? core::ArtifactType::url : core::ArtifactType::file;
    facts.mime = in.text_or_empty("mime");
    return facts;
}

core::CombinerSettings settings(const Fields& in) {
    core::CombinerSettings out;
    out.strategy = in.word("strategy", core::parse_strategy);
    if (in.has("threshold")) out.threshold = in.fraction("threshold", 1);
    if (in.has("suspicious_threshold")) {
        const std::uint32_t doubled = in.fraction("suspicious_threshold", 1, 20'000);
        if (doubled != out.threshold) {   // else it is the default
            if (doubled % 2 != 0) in.refuse("suspicious_threshold", "has too many decimals");
            out.suspicious_threshold = doubled / 2;
        }
    }
    if (in.has("on_tie")) out.on_tie = in.word("on_tie", core::parse_verdict);
    if (out.on_tie == core::Verdict::unknown) in.refuse("on_tie", "must be benign, suspicious or malicious");
    return out;
}

core::Override override_of(const Fields& in) {
    using Kind = core::Override::Kind;
    const std::string kind = in.text("kind");
    if (kind != "block_list" && kind != "allow_list" && kind != "veto")
        in.refuse("kind", "must be block_list, allow_list or veto");
    return {.kind = kind == "block_list"   ? Kind::block_list
                    : kind == "allow_list" ? Kind::allow_list
                                           : Kind::veto,
            .place = in.text_or_empty("place")};
}

void read_flips(const Fields& in, std::vector<core::Flip>& flips) {
    using Kind = core::Flip::Kind;
    for (const Kind kind : {Kind::removed, Kind::said})
        in.each(kind == Kind::said ? "said" : "removed", [&](const Json& item, const std::string& at) {
            const Fields flip(item, at, in.problem());
            flips.push_back(
                {.kind = kind,
                 .backend = flip.text("backend"),
                 .said = kind == Kind::said ? flip.word("said", core::parse_verdict) : core::Verdict::unknown,
                 .verdict = flip.word("verdict", core::parse_verdict)});
        });
}

core::UnknownBecause because_of(const Fields& in) {
    using enum core::UnknownBecause;
    const std::string text = in.text_or_empty("reason");
    for (const auto because : {none, all_abstained, no_votes, required, missing_votes, quorum})
        if (core::to_text(because) == text) return because;
    if (!text.empty())
        in.refuse("reason", "'" + util::printable(util::cut(text, 40)) + "' is no reason for unknown");
    return none;
}

void read_combiner(const Fields& in, core::Combined& out) {
    out.settings = settings(in);
    if (in.has("quorum")) {
        const Fields quorum = in.object("quorum");
        constexpr std::uint64_t largest = std::numeric_limits<std::uint32_t>::max();
        out.settings.quorum = static_cast<std::uint32_t>(quorum.count("needed", largest));
        out.quorum_have = static_cast<std::uint32_t>(quorum.count("have", largest));
        if (out.settings.quorum == 0) quorum.refuse("needed", "must be at least 1");
    }
    const auto score = [&](const char* key) -> std::optional<double> {
        if (!in.has(key)) return std::nullopt;
        return in.number(key, -kMostScore, kMostScore);
    };
    out.score = score("score");
    out.low = score("low");
    out.high = score("high");
    if (in.has("low_verdict")) out.low_verdict = in.word("low_verdict", core::parse_verdict);
    if (in.has("high_verdict")) out.high_verdict = in.word("high_verdict", core::parse_verdict);
    out.reason = because_of(in);
    out.incomplete = in.flag("incomplete");
    out.missing = in.texts("missing");
    if (in.has("override")) {
        const Fields fields = in.object("override");
        out.decided_by = override_of(fields);
        if (fields.has("without")) out.without_override = fields.word("without", core::parse_verdict);
    }
    if (in.has("flips_if")) read_flips(in.object("flips_if"), out.flips);
    out.explanation = in.text_or_empty("explanation");
}

core::Report read(const Json& document, Problem& problem) {
    const Fields in(document, "", problem);
    core::Report out;
    if (const std::string schema = in.text("schema"); schema != kSchema)
        in.refuse("schema", "must be \"" + std::string(kSchema) + "\", got \"" +
                                util::printable(util::cut(schema, 40)) + "\"");
    const Fields facts = in.object("artifact");
    out.artifact = artifact(facts);
    out.error = facts.text_or_empty("error");
    core::Combined& combined = out.combined;
    combined.verdict = in.word("verdict", core::parse_verdict);
    if (in.has("confidence")) combined.confidence = in.fraction("confidence", 1);
    combined.confidence_set = in.flag("confidence_set");
    combined.family = in.text_or_empty("family");
    combined.name = in.text_or_empty("name");
    combined.decided_early = in.flag("decided_early");
    read_combiner(in.object("combiner"), combined);
    read_rows(in, out);
    if (in.has("duration_us")) out.duration_ns = in.count("duration_us", kMostMicroseconds) * 1000;
    if (in.has("engine")) {
        const Fields engine = in.object("engine");
        if (engine.has("generation")) out.generation = engine.count("generation");
        out.fingerprint = engine.text_or_empty("fingerprint");
    }
    return out;
}

std::string line_and_column(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    const auto line = std::ranges::count(before, '\n') + 1;
    const std::size_t line_start = before.rfind('\n') + 1;   // npos + 1 is 0
    return std::to_string(line) + ":" + std::to_string(before.size() - line_start + 1);
}

}   // namespace

Result<core::Report> from_json(std::string_view text) {
    using util::Errc;
    if (text.size() > kMaxJsonBytes)
        return fail(Errc::limit, "",
                    "report has " + util::human_bytes(text.size()) + ", at most " +
                        util::human_bytes(kMaxJsonBytes) + " are read");
    if (const JsonSize size = measure_json(text); size.depth > kMaxJsonDepth || size.values > kMaxJsonValues)
        return fail(Errc::limit, "",
                    "report has about " + std::to_string(size.values) + " values, nested " +
                        std::to_string(size.depth) + " deep; at most " + std::to_string(kMaxJsonValues) +
                        " and " + std::to_string(kMaxJsonDepth) + " are read");
    Json document;
    try {
        document = Json::parse(text);
    } catch (const Json::parse_error& error) {
        return fail(Errc::usage, line_and_column(text, error.byte > 0 ? error.byte - 1 : 0), "is not JSON");
    } catch (const Json::exception&) {   // a number that no double holds
        return fail(Errc::usage, "", "has a number that is out of range");
    }
    Problem problem;
    core::Report report = read(document, problem);
    if (auto first = problem.take()) return std::unexpected(*std::move(first));
    return report;
}

}   // namespace microengine::report
