// SPDX-License-Identifier: MIT
#pragma once
// How a checked value gets into a member of Config and back. Only for keys.cpp: the table names the member,
// its type picks the functions.

#include "host/config/keys.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace microengine::config {

constexpr Rule choice_of(std::string_view names) { return {.kind = Kind::choice, .allowed = names}; }
constexpr Rule whole(std::string_view range) { return {.kind = Kind::integer, .allowed = range}; }
constexpr Rule decimal(std::string_view range) { return {.kind = Kind::decimal, .allowed = range}; }
inline constexpr Rule kFlag{.kind = Kind::boolean};
inline constexpr Rule kPath{.kind = Kind::path};
inline constexpr Rule kPaths{.kind = Kind::path, .list = true};
inline constexpr Rule kEndpoints{.kind = Kind::endpoint, .list = true};
inline constexpr Rule kNetworks{.kind = Kind::network, .list = true};
inline constexpr Rule kMode{.kind = Kind::file_mode};
inline constexpr Rule kVersion{.kind = Kind::version};

/// In the order of the enumerators.
template <class Enum>
constexpr std::string_view kNamesOf = {};
template <>
inline constexpr std::string_view kNamesOf<core::Strategy> = "any|majority|weighted";
template <>
inline constexpr std::string_view kNamesOf<core::Verdict> = "unknown|benign|suspicious|malicious";
template <>
inline constexpr std::string_view kNamesOf<Isolation> = "process|in_process";
template <>
inline constexpr std::string_view kNamesOf<Sandbox> = "standard|strict|off";
template <>
inline constexpr std::string_view kNamesOf<LogLevel> = "auto|debug|info|warning|error";
template <>
inline constexpr std::string_view kNamesOf<core::ReloadMemory> = "auto|overlap|replace";
template <>
inline constexpr std::string_view kNamesOf<LogFormat> = "auto|text|json";
template <>
inline constexpr std::string_view kNamesOf<core::PathCommands> = "roots|any|off";
template <>
inline constexpr std::string_view kNamesOf<core::SuspiciousAs> = "found|ok";
template <>
inline constexpr std::string_view kNamesOf<core::UnknownAs> = "error|limits";

template <>
inline constexpr std::string_view kNamesOf<bounty::BidKind> =
    "default|aggressive|conservative|custom|minimum|median|maximum";
template <>
inline constexpr std::string_view kNamesOf<bounty::FilterRule::Action> = "accept|reject|favor|penalize";
template <>
inline constexpr std::string_view kNamesOf<bounty::FilterRule::Compare> =
    "<|<=|==|>=|>|contains|startswith|endswith|regex";
template <>
inline constexpr std::string_view kNamesOf<bounty::UrlConvention> = "auto|inline|fetch";
template <>
inline constexpr std::string_view kNamesOf<bounty::OnStop> = "answer|keep";

inline const std::string& text_of(const core::SettingValue& value) { return std::get<std::string>(value); }

inline void store(std::string& out, const core::SettingValue& value) { out = text_of(value); }
inline void store(std::filesystem::path& out, const core::SettingValue& value) { out = text_of(value); }
inline void store(bool& out, const core::SettingValue& value) { out = std::get<bool>(value); }
inline void store(util::Sha256& out, const core::SettingValue& value) {
    out = util::parse_sha256(text_of(value)).value_or(util::Sha256{});
}
inline void store(std::chrono::milliseconds& out, const core::SettingValue& value) {
    out = std::chrono::milliseconds(std::get<std::int64_t>(value));
}
inline void store(bounty::Wei& out, const core::SettingValue& value) {
    out = bounty::parse_amount(text_of(value)).value_or(bounty::Wei{});
}
/// Ranges of the table fit the member; a test says so.
template <class Number>
    requires std::is_unsigned_v<Number>
void store(Number& out, const core::SettingValue& value) {
    out = static_cast<Number>(std::get<std::int64_t>(value));
}
/// The enumerators stand in the order of their names.
template <class Enum>
    requires std::is_enum_v<Enum>
void store(Enum& out, const core::SettingValue& value) {
    const auto names = choices(kNamesOf<Enum>);
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == text_of(value)) out = static_cast<Enum>(i);
}

inline core::SettingValue give(const std::string& value) { return value; }
inline core::SettingValue give(const std::filesystem::path& value) { return value.native(); }
inline core::SettingValue give(bool value) { return value; }
inline core::SettingValue give(const util::Sha256& value) { return util::hex(value); }
inline core::SettingValue give(bounty::Wei value) { return bounty::to_nct(value); }
inline core::SettingValue give(std::chrono::milliseconds value) { return std::int64_t{value.count()}; }
template <class Number>
    requires std::is_unsigned_v<Number>
core::SettingValue give(Number value) {
    return static_cast<std::int64_t>(value);
}
template <class Enum>
    requires std::is_enum_v<Enum>
core::SettingValue give(Enum value) {
    return std::string(choices(kNamesOf<Enum>).at(std::to_underlying(value)));
}

template <class T>
void store_all(T& out, const Values& values) {
    if (!values.empty()) store(out, values.front());
}
template <class T>
void store_all(std::optional<T>& out, const Values& values) {
    out.reset();
    if (!values.empty()) store(out.emplace(), values.front());
}
template <class T>
void store_all(std::vector<T>& out, const Values& values) {
    out.clear();
    for (const core::SettingValue& value : values) store(out.emplace_back(), value);
}

template <class T>
Values give_all(const T& member) {
    return {give(member)};
}
template <class T>
Values give_all(const std::optional<T>& member) {
    return member ? Values{give(*member)} : Values{};
}
template <class T>
Values give_all(const std::vector<T>& member) {
    Values values;
    for (const T& item : member) values.push_back(give(item));
    return values;
}

/// The slot of a member of Config, given as the pointers to members that lead there.
template <auto... Path>
constexpr Slot kOf{
    .put = [](Config& config, std::size_t, const Values& values) { store_all((config.*....*Path), values); },
    .get = [](const Config& config, std::size_t) { return give_all((config.*....*Path)); },
};
/// The rows of a repeated table: the pointers to members lead to their vector.
template <std::size_t Most, auto... List>
constexpr Rows kRowsOf{
    .count = [](const Config& config) { return (config.*....*List).size(); },
    .add = [](Config& config) { (config.*....*List).emplace_back(); },
    .most = Most,
};
/// A member of one row of such a table.
template <auto List, auto... Path>
constexpr Slot kOfRow{
    .put = [](Config& config, std::size_t row,
              const Values& values) { store_all((List(config).at(row).*....*Path), values); },
    .get = [](const Config& config, std::size_t row) { return give_all((List(config).at(row).*....*Path)); },
};

}   // namespace microengine::config
