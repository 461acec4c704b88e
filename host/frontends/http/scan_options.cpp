// SPDX-License-Identifier: MIT
#include "host/frontends/http/scan_options.hpp"

#include "host/util/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <set>
#include <string_view>
#include <utility>

namespace microengine::http {

namespace {

constexpr std::array<std::string_view, 5> kNames{"name", "timeout_ms", "class", "detail", "all_matches"};
constexpr std::size_t kMostNameBytes = 4096;

/// Empty: taken.
template <class Value, std::size_t N>
std::string choose(const Parameter& given, const std::array<std::pair<std::string_view, Value>, N>& choices,
                   Value& out) {
    std::string words;
    for (const auto& [word, value] : choices) {
        if (word == given.value) {
            out = value;
            return {};
        }
        words.append(words.empty() ? "" : ", ").append(word);
    }
    return given.name + " is one of " + words;
}

std::string take_timeout(const Parameter& given, std::chrono::milliseconds most,
                         std::chrono::milliseconds& out) {
    std::int64_t number = 0;
    const char* const last = given.value.data() + given.value.size();
    const auto [end, error] = std::from_chars(given.value.data(), last, number);
    if (error != std::errc{} || end != last || number < 1 || number > most.count())
        return "timeout_ms is in 1.." + std::to_string(most.count());
    out = std::chrono::milliseconds(number);
    return {};
}

std::string take(const Parameter& given, std::chrono::milliseconds most, ScanOptions& options) {
    using engine::Detail;
    using engine::Urgency;
    static constexpr std::array kClasses{std::pair{std::string_view("interactive"), Urgency::interactive},
                                         std::pair{std::string_view("bulk"), Urgency::bulk}};
    static constexpr std::array kDetails{std::pair{std::string_view("verdict"), Detail::verdict},
                                         std::pair{std::string_view("explanation"), Detail::explanation},
                                         std::pair{std::string_view("flips"), Detail::flips}};
    static constexpr std::array kBooleans{std::pair{std::string_view("true"), true},
                                          std::pair{std::string_view("false"), false}};
    if (given.name == "timeout_ms") return take_timeout(given, most, options.timeout);
    if (given.name == "class") return choose(given, kClasses, options.urgency);
    if (given.name == "detail") return choose(given, kDetails, options.detail);
    if (given.name == "all_matches") return choose(given, kBooleans, options.all_matches);
    if (given.value.size() > kMostNameBytes)
        return "name has at most " + std::to_string(kMostNameBytes) + " bytes";
    options.name = given.value;
    return {};
}

}   // namespace

std::expected<ScanOptions, std::string> read_options(std::span<const Parameter> query,
                                                     const core::HttpSettings& settings) {
    ScanOptions options;
    options.timeout = settings.scan_timeout;
    std::set<std::string_view> seen;
    for (const Parameter& given : query) {
        if (std::ranges::find(kNames, given.name) == kNames.end()) {
            const std::string_view meant = util::did_you_mean(given.name, kNames);
            return std::unexpected("unknown parameter '" + given.name + "'" +
                                   (meant.empty() ? "" : "; did you mean '" + std::string(meant) + "'?"));
        }
        if (!seen.insert(given.name).second) return std::unexpected(given.name + " is given twice");
        if (std::string problem = take(given, settings.scan_timeout, options); !problem.empty())
            return std::unexpected(std::move(problem));
    }
    return options;
}

}   // namespace microengine::http
