// SPDX-License-Identifier: MIT
#pragma once
// Typed, checked looks into a parsed JSON object from outside. For .cpp files that read JSON, and no
// header: it brings the library along.

#include "host/util/result.hpp"
#include "host/util/text.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace microengine::report {

/// The first thing that was wrong; later ones are consequences as often as not.
class Problem {
public:
    void say(const std::string& place, const std::string& message) {
        if (!first_)
            first_ =
                util::Error{.code = util::Errc::usage, .place = util::printable(place), .message = message};
    }
    [[nodiscard]] std::optional<util::Error> take() { return std::move(first_); }
    [[nodiscard]] explicit operator bool() const { return first_.has_value(); }

private:
    std::optional<util::Error> first_;
};

/// One object and where it stands. What is missing or of another type is a Problem, and a harmless value.
class Fields {
public:
    Fields(const nlohmann::json& object, std::string place, Problem& problem)
        : object_(object.is_object() ? object : empty()), place_(std::move(place)), problem_(problem) {
        if (!object.is_object()) problem_.say(place_, "must be an object");
    }

    [[nodiscard]] bool has(const char* key) const { return object_.contains(key); }
    [[nodiscard]] std::string place(const char* key) const {
        return place_.empty() ? key : place_ + "." + key;
    }
    [[nodiscard]] Problem& problem() const { return problem_; }
    void refuse(const char* key, const std::string& message) const { problem_.say(place(key), message); }

    [[nodiscard]] std::string text(const char* key) const {
        const nlohmann::json* value = find(key);
        if (value == nullptr) return {};
        if (!value->is_string()) return refuse(key, "must be a string"), std::string();
        return value->get<std::string>();
    }
    [[nodiscard]] std::string text_or_empty(const char* key) const { return has(key) ? text(key) : ""; }

    [[nodiscard]] bool flag(const char* key) const {   // absent: false
        if (!has(key)) return false;
        const nlohmann::json& value = object_.at(key);
        if (!value.is_boolean()) return refuse(key, "must be true or false"), false;
        return value.get<bool>();
    }

    [[nodiscard]] std::uint64_t count(const char* key,
                                      std::uint64_t most = std::numeric_limits<std::uint64_t>::max()) const {
        const nlohmann::json* value = find(key);
        if (value == nullptr) return 0;
        if (!value->is_number_unsigned() || value->get<std::uint64_t>() > most)
            return refuse(key, "must be a whole number in 0.." + std::to_string(most)), 0;
        return value->get<std::uint64_t>();
    }

    [[nodiscard]] double number(const char* key, double least, double most) const {
        const nlohmann::json* value = find(key);
        if (value == nullptr) return least;
        const double got = value->is_number() ? value->get<double>() : std::nan("");
        if (!(got >= least && got <= most))
            return refuse(key, "must be a number in " + short_text(least) + ".." + short_text(most)), least;
        return got;
    }

    /// A number of at most four decimals, as ten-thousandths (or other units).
    [[nodiscard]] std::uint32_t fraction(const char* key, double most, double units = 10'000) const {
        const double scaled = number(key, 0, most) * units;
        const double whole = std::round(scaled);
        if (std::abs(scaled - whole) > 1e-6) refuse(key, "has too many decimals");
        return static_cast<std::uint32_t>(whole);
    }

    /// A word of a closed list; `parse` says which.
    template <class Parse>
    [[nodiscard]] auto word(const char* key, Parse parse) const {
        const std::string text_of_it = text(key);
        const auto value = parse(text_of_it);
        if (!value && !problem_)
            refuse(key, "'" + util::printable(util::cut(text_of_it, 40)) + "' is no word of its list");
        return value.value_or(typename std::remove_cvref_t<decltype(value)>::value_type{});
    }

    [[nodiscard]] Fields object(const char* key) const {
        const nlohmann::json* value = find(key);
        return {value == nullptr ? empty() : *value, place(key), problem_};
    }

    /// Each item of an array with its place; an absent array is empty.
    template <class Each>
    void each(const char* key, Each use) const {
        if (!has(key)) return;
        const nlohmann::json& list = object_.at(key);
        if (!list.is_array()) return refuse(key, "must be an array");
        for (std::size_t i = 0; i < list.size() && !problem_; ++i)
            use(list[i], place(key) + "[" + std::to_string(i) + "]");
    }

    [[nodiscard]] std::vector<std::string> texts(const char* key) const {
        std::vector<std::string> all;
        each(key, [&](const nlohmann::json& item, const std::string& at) {
            if (!item.is_string()) return problem_.say(at, "must be a string");
            all.push_back(item.get<std::string>());
        });
        return all;
    }

    [[nodiscard]] const nlohmann::json* find(const char* key) const {
        const auto found = object_.find(key);
        if (found == object_.end()) {
            refuse(key, "is missing");
            return nullptr;
        }
        return &*found;
    }

private:
    static const nlohmann::json& empty() {
        static const nlohmann::json none = nlohmann::json::object();
        return none;
    }
    static std::string short_text(double value) { return nlohmann::json(value).dump(); }

    const nlohmann::json& object_;
    std::string place_;
    Problem& problem_;
};

}   // namespace microengine::report
