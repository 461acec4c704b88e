// SPDX-License-Identifier: MIT
#include "externals.hpp"

#include <microengine/plugin.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <new>
#include <string_view>

namespace microengine::yara {
namespace {

constexpr std::array kPredefined{"filename", "filepath", "extension", "filetype", "owner", "md5"};

/// After a scan libyara 4.2 takes the variables with the names of its modules away, and its next scan with
/// that scanner ends the process. Which modules there are only the compiler says.
bool is_module(const std::string& name) {
    YR_COMPILER* compiler = nullptr;
    if (yr_compiler_create(&compiler) != ERROR_SUCCESS) throw std::bad_alloc();
    yr_compiler_set_callback(
        compiler, [](int, const char*, int, const YR_RULE*, const char*, void*) {}, nullptr);
    const int errors = yr_compiler_add_string(compiler, ("import \"" + name + "\"").c_str(), nullptr);
    yr_compiler_destroy(compiler);
    return errors == 0;
}

bool is_identifier(std::string_view name) {
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return !name.empty() && is_letter(name[0]) &&
           std::ranges::all_of(name, [&](char c) { return is_letter(c) || is_digit(c); });
}

template <class Number>
bool parse(std::string_view text, Number& number) {
    const char* begin = text.data();
    const char* end = begin + text.size();
    const auto [stop, error] = std::from_chars(begin, end, number);
    return error == std::errc() && stop == end;
}

decltype(External::value) parse_value(std::string_view text) {
    if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"'))
        return std::string(text.substr(1, text.size() - 2));
    if (text == "true" || text == "false") return text == "true";
    if (std::int64_t integer = 0; parse(text, integer)) return integer;
    // Only what has a digit: from_chars also takes "inf" and "nan".
    const bool has_digit = text.find_first_of("0123456789") != std::string_view::npos;
    if (double number = 0; has_digit && parse(text, number)) return number;
    return std::string(text);
}

int define_one(YR_COMPILER* compiler, const External& external) {
    const char* name = external.name.c_str();
    if (const auto* integer = std::get_if<std::int64_t>(&external.value))
        return yr_compiler_define_integer_variable(compiler, name, *integer);
    if (const auto* flag = std::get_if<bool>(&external.value))
        return yr_compiler_define_boolean_variable(compiler, name, *flag ? 1 : 0);
    if (const auto* number = std::get_if<double>(&external.value))
        return yr_compiler_define_float_variable(compiler, name, *number);
    return yr_compiler_define_string_variable(compiler, name, std::get<std::string>(external.value).c_str());
}

int define_one(YR_RULES* rules, const External& external) {
    const char* name = external.name.c_str();
    if (const auto* integer = std::get_if<std::int64_t>(&external.value))
        return yr_rules_define_integer_variable(rules, name, *integer);
    if (const auto* flag = std::get_if<bool>(&external.value))
        return yr_rules_define_boolean_variable(rules, name, *flag ? 1 : 0);
    if (const auto* number = std::get_if<double>(&external.value))
        return yr_rules_define_float_variable(rules, name, *number);
    return yr_rules_define_string_variable(rules, name, std::get<std::string>(external.value).c_str());
}

}   // namespace

Externals parse_externals(const std::vector<std::string>& texts, bool predefine) {
    Externals given;
    for (const std::string& text : texts) {
        const std::size_t equals = text.find('=');
        const std::string name = text.substr(0, equals);
        if (equals == std::string::npos || !is_identifier(name))
            throw setting_error("externals",
                                "an external variable is written name=value, the name in letters, "
                                "digits and _, got \"" +
                                    text + "\"");
        if (std::ranges::find(given, name, &External::name) != given.end())
            throw setting_error("externals", "the external variable '" + name + "' is defined twice");
        if (is_module(name))
            throw setting_error("externals",
                                "'" + name + "' is the name of a module; give the variable another one");
        given.push_back({name, parse_value(std::string_view(text).substr(equals + 1))});
    }
    if (!predefine) return given;
    Externals all;
    for (const char* name : kPredefined)
        if (std::ranges::find(given, name, &External::name) == given.end())
            all.push_back({name, std::string()});
    all.insert(all.end(), given.begin(), given.end());
    return all;
}

void define(YR_COMPILER* compiler, const Externals& externals) {
    for (const External& external : externals) {
        const int error = define_one(compiler, external);
        if (error == ERROR_INSUFFICIENT_MEMORY) throw std::bad_alloc();
        if (error != ERROR_SUCCESS)
            throw setting_error("externals", external.name + ": " + error_text(error));
    }
}

std::vector<Problem> define(YR_RULES* rules, const Externals& externals, const std::string& file) {
    std::vector<Problem> problems;
    for (const External& external : externals) {
        const int error = define_one(rules, external);
        if (error != ERROR_SUCCESS && error != ERROR_INVALID_ARGUMENT)
            problems.push_back({file, 0, "external variable '" + external.name + "': " + error_text(error)});
    }
    return problems;
}

}   // namespace microengine::yara
