// SPDX-License-Identifier: MIT
#include "host/conformance/report.hpp"

#include "host/util/digest.hpp"
#include "host/util/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace microengine::conformance {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t kNameWidth = 24;

std::string padded(std::string_view text, std::size_t width) {
    return std::string(text) + std::string(width > text.size() ? width - text.size() : 1, ' ');
}

std::size_t number_of(const std::vector<Ran>& all, Status status) {
    return static_cast<std::size_t>(std::ranges::count(all, status, &Ran::status));
}

/// Lines after the first one as far in as that.
std::string indented(const std::string& text, std::size_t by) {
    std::string lines;
    for (const char c : util::printable_lines(text))
        lines += c == '\n' ? "\n" + std::string(by, ' ') : std::string(1, c);
    return lines;
}

std::string dump(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

}   // namespace

std::string headline(const Subject& subject) {
    const std::string who =
        subject.vetted ? subject.card().id + " " + subject.card().version + ", " : std::string();
    return who + util::printable(subject.file.native()) + ", seed " + std::to_string(subject.seed) + "\n";
}

std::string line_of(const Ran& ran) {
    constexpr std::size_t indent = 6;
    std::string text = std::string(to_text(ran.status)) + "  " + padded(ran.test->name, kNameWidth) +
                       util::printable(ran.seen);
    text.erase(text.find_last_not_of(' ') + 1);
    text += "\n";
    for (std::size_t i = 0; i < ran.findings.size(); ++i) {
        const auto& [reason, fix, error] = ran.findings[i];
        text += std::string(indent, ' ') + (error ? "" : "warning: ") + indented(reason, indent) + "\n";
        // One way out of several is told once.
        const bool told_below = i + 1 < ran.findings.size() && ran.findings[i + 1].fix == fix;
        if (!fix.empty() && !told_below)
            text += std::string(indent, ' ') + "fix: " + indented(fix, indent) + "\n";
    }
    return text;
}

std::string summary(const Subject& subject, const std::vector<Ran>& all) {
    constexpr std::array words{std::pair{Status::passed, "passed"},
                               std::pair{Status::warned, "passed with warnings"},
                               std::pair{Status::failed, "failed"}, std::pair{Status::skipped, "skipped"}};
    std::string text;
    for (const auto& [status, word] : words)
        if (const std::size_t number = number_of(all, status); number > 0)
            text += (text.empty() ? "" : ", ") + std::to_string(number) + " " + word;
    if (number_of(all, Status::failed) > 0)
        text += "; --seed " + std::to_string(subject.seed) + " repeats it";
    else if (exit_code(all) != 0)
        text += "; it could not be tested";
    return text + "\n";
}

std::string json_of(const Subject& subject, const std::vector<Ran>& all) {
    Json plugin{{"path", subject.file.native()}};
    if (subject.vetted)
        plugin.update({{"id", subject.card().id},
                       {"version", subject.card().version},
                       {"sha256", util::hex(subject.vetted->sha256)}});
    Json tests = Json::array();
    for (const Ran& ran : all) {
        Json findings = Json::array();
        for (const Finding& one : ran.findings)
            findings.push_back(
                {{"severity", one.error ? "error" : "warning"}, {"reason", one.reason}, {"fix", one.fix}});
        constexpr std::uint64_t millisecond = 1'000'000;
        std::string status(to_text(ran.status));
        std::ranges::transform(status, status.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        tests.push_back({{"name", ran.test->name},
                         {"status", status},
                         {"seen", ran.seen},
                         {"findings", findings},
                         {"duration_ms", ran.duration_ns / millisecond}});
    }
    return dump({{"schema", "microengine.check/1"},
                 {"plugin", plugin},
                 {"seed", subject.seed},
                 {"passed", exit_code(all) == 0},
                 {"tests", tests}});
}

std::string list_of(const std::vector<const Test*>& tests, bool json) {
    std::string text;
    Json all = Json::array();
    for (const Test* const test : tests) {
        text += padded(test->name, kNameWidth) + std::string(test->proves) + "\n";
        all.push_back({{"name", test->name}, {"proves", test->proves}});
    }
    return json ? dump(all) : text;
}

int exit_code(const std::vector<Ran>& all) {
    constexpr int failed = 1, could_not_run = 2;
    if (number_of(all, Status::failed) > 0) return failed;
    return std::ranges::any_of(all, &Ran::impossible) ? could_not_run : 0;
}

}   // namespace microengine::conformance
