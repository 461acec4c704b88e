// SPDX-License-Identifier: MIT
#include "host/frontends/clamd/replies.hpp"

#include "host/util/digest.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <optional>
#include <span>
#include <tuple>

namespace microengine::clamd {

namespace {

using core::Outcome;
using core::Reason;
using core::UnknownBecause;
using core::Verdict;

// c-icap's buffer holds 64, clamav-milter's whole reply 128.
constexpr std::size_t kLongestName = 62;
constexpr std::size_t kKeptOfLong = 53;
constexpr std::size_t kMostAnswers = 100;

bool allowed(char c) {
    constexpr std::string_view others = "._/!+-{}";
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || others.contains(c);
}

/// Clients search the line for FOUND, split it at colons and blanks, and cut it at parentheses.
std::string safe(std::string name) {
    if (name.empty()) name = "Unnamed";
    const std::string whole = name;
    for (char& c : name)
        if (!allowed(c)) c = '_';
    for (std::size_t at = name.find("FOUND"); at != std::string::npos; at = name.find("FOUND", at))
        name.replace(at, 5, "Found");
    if (name.size() <= kLongestName) return name;
    const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(whole.data()),   // NOLINT
                                              whole.size());
    return name.substr(0, kKeptOfLong) + "." + util::hex(util::sha256(bytes)).substr(0, 8);
}

bool is_plugin(const core::ScanResult& result, std::string_view name) {
    return result.backend->plugin_id.ends_with("." + std::string(name));
}

bool accuses(Verdict verdict) { return verdict == Verdict::suspicious || verdict == Verdict::malicious; }

struct Named {
    const core::ScanResult* result = nullptr;
    const core::Detection* detection = nullptr;
};

/// Whose detection gave the report its name: several may have one of that name, and the strongest decided.
Named name_giver(const core::Report& report) {
    Named best;
    std::tuple<bool, bool, std::uint64_t> most;   // counts at all, malicious, how strong
    for (const core::ScanResult& result : report.results) {
        const std::uint32_t weight = result.backend->policy.weight;
        for (const core::Detection& detection : result.detections) {
            if (!accuses(detection.verdict) || detection.name != report.combined.name) continue;
            const std::tuple rank{weight > 0, detection.verdict == Verdict::malicious,
                                  std::uint64_t{weight} * result.effective_confidence()};
            if (best.detection != nullptr && rank <= most) continue;
            best = {.result = &result, .detection = &detection};
            most = rank;
        }
    }
    return best;
}

std::string found_name(const core::Report& report) {
    const bool suspicious = report.combined.verdict == Verdict::suspicious;
    const Named named = name_giver(report);
    if (named.detection != nullptr && !report.combined.name.empty())
        return name_of(*named.detection, *named.result, suspicious);
    std::string name = report.combined.name;
    const auto& decided_by = report.combined.decided_by;
    if (name.empty() && decided_by && decided_by->kind == core::Override::Kind::block_list) name = "Listed";
    return safe((suspicious ? "Suspicious." : "") + (name.empty() ? "Unnamed" : name));
}

/// The reason that a person would look for first.
std::optional<std::string_view> reason_of(const core::ScanResult& row) {
    switch (row.outcome) {
        case Outcome::crashed:
            return "Backend crashed";
        case Outcome::timed_out:
            return "Exceeded time limit";
        case Outcome::failed:
            return row.reason == Reason::out_of_memory ? "Can't allocate memory" : "Backend failed";
        case Outcome::skipped:
            if (row.reason == Reason::cancelled) return "Shutting down";
            if (row.reason == Reason::no_time) return "Exceeded time limit";
            if (row.reason == Reason::too_big) return "Artifact too large";
            if (row.reason == Reason::overloaded) return "Queue full";
            if (row.reason == Reason::breaker_open) return "Backend failed";
            return std::nullopt;
        case Outcome::completed:
            if (row.partial == core::Partial::time_limit) return "Exceeded time limit";
            if (row.partial == core::Partial::too_large || row.partial == core::Partial::too_many ||
                row.partial == core::Partial::too_deep)
                return "Exceeded max scan size";
            return std::nullopt;
        case Outcome::unsupported:
            return std::nullopt;
    }
    return std::nullopt;
}

std::string_view reason_of(const core::Report& report) {
    if (!report.error.empty() && !report.results.empty()) {
        const Reason why = report.results.front().reason;
        if (why == Reason::too_big) return "Artifact too large";
        if (why == Reason::cancelled) return "Shutting down";
        if (why == Reason::overloaded) return "Queue full";
        if (why == Reason::no_time) return "Exceeded time limit";
        if (why == Reason::not_ready) return "No worker has judged it";
        return "Can't open file or directory";
    }
    if (report.combined.reason == UnknownBecause::required) return "Required backend missing";
    for (const core::ScanResult& row : report.results)
        if (const auto reason = reason_of(row)) return *reason;
    return "Not enough backends answered";
}

/// "Exceeded time limit": "Heuristics.Limits.Exceeded.ExceededTimeLimit".
std::string as_limit(std::string_view reason) {
    std::string name = "Heuristics.Limits.Exceeded.";
    bool upper = true;
    for (const char c : reason) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (letter) name += upper && c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
        upper = c == ' ' || (upper && !letter);
    }
    return safe(name);
}

Answer found(const std::string& name) { return {.kind = Answer::Kind::found, .text = name + " FOUND"}; }

std::optional<std::uint64_t> number_behind(std::string_view text, std::string_view word) {
    const std::size_t at = text.find(word);
    if (at == std::string_view::npos) return std::nullopt;
    text.remove_prefix(at + word.size());
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && number > 0 ? std::optional(number) : std::nullopt;
}

std::string ctime_text(std::int64_t unix_time) {
    const std::time_t time = unix_time;
    std::tm parts{};
    char text[64] = "";
    if (::gmtime_r(&time, &parts) == nullptr) return "";
    // As ctime(3) writes it; in the C locale, whatever the system's is.
    constexpr std::string_view days = "SunMonTueWedThuFriSat";
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const std::string day(days.substr(static_cast<std::size_t>(parts.tm_wday) * 3, 3));
    const std::string month(months.substr(static_cast<std::size_t>(parts.tm_mon) * 3, 3));
    std::snprintf(text, sizeof text, "%s %s %2d %02d:%02d:%02d %d", day.c_str(), month.c_str(), parts.tm_mday,
                  parts.tm_hour, parts.tm_min, parts.tm_sec, parts.tm_year + 1900);
    return text;
}

}   // namespace

Answer failed(std::string_view reason) {
    return {.kind = Answer::Kind::error, .text = std::string(reason) + " ERROR"};
}

Answer unjudged(std::string_view reason, const core::ClamdSettings& settings) {
    return settings.unknown_as == core::UnknownAs::limits ? found(as_limit(reason)) : failed(reason);
}

Answer answer_of(const core::Report& report, const core::ClamdSettings& settings) {
    switch (report.combined.verdict) {
        case Verdict::benign:
            return {.kind = Answer::Kind::ok, .text = "OK"};
        case Verdict::malicious:
            return found(found_name(report));
        case Verdict::suspicious:
            if (settings.suspicious_as == core::SuspiciousAs::found) return found(found_name(report));
            return {.kind = Answer::Kind::ok, .text = "OK"};
        case Verdict::unknown:
            break;
    }
    return unjudged(reason_of(report), settings);
}

std::vector<Answer> all_answers_of(const core::Report& report, const core::ClamdSettings& settings) {
    std::vector<Answer> answers{answer_of(report, settings)};
    if (!accuses(report.combined.verdict) || answers.front().kind != Answer::Kind::found) return answers;
    for (const core::ScanResult& result : report.results) {
        for (const core::Detection& detection : result.detections) {
            if (!accuses(detection.verdict)) continue;
            const bool suspicious =
                report.combined.verdict == Verdict::suspicious || detection.verdict == Verdict::suspicious;
            Answer answer = found(name_of(detection, result, suspicious));
            const bool known = std::ranges::find(answers, answer.text, &Answer::text) != answers.end();
            if (!known && answers.size() < kMostAnswers) answers.push_back(std::move(answer));
        }
    }
    return answers;
}

std::string name_of(const core::Detection& detection, const core::ScanResult& result, bool suspicious) {
    std::string name;
    if (is_plugin(result, "clamav"))
        name = detection.name;
    else if (is_plugin(result, "yara"))
        name = "YARA." + detection.name + ".UNOFFICIAL";
    else
        name = result.backend->policy.name + "." + detection.name;
    return safe((suspicious ? "Suspicious." : "") + name);
}

std::string version_text(const std::vector<std::shared_ptr<const core::BackendFacts>>& backends,
                         std::uint64_t generation, const std::string& without_clamav) {
    std::string release = without_clamav;
    std::uint64_t number = std::max<std::uint64_t>(generation, 1);
    std::int64_t newest = 0;
    for (const auto& facts : backends) {
        const std::optional<core::SignatureFacts>& signatures = facts->signatures;
        if (!signatures) continue;
        newest = std::max(newest, signatures->date_unix);
        if (!facts->plugin_id.ends_with(".clamav")) continue;
        const std::string& version = signatures->version;   // "1.4.6, daily 27500, main 62"
        release = version.substr(0, version.find(','));
        number = number_behind(version, "daily ").value_or(number);
    }
    return "ClamAV " + release + "/" + std::to_string(number) + "/" + ctime_text(newest);
}

}   // namespace microengine::clamd
