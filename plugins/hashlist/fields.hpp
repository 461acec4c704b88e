// SPDX-License-Identifier: MIT
#pragma once
// The fields of a line of CSV.

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace microengine::hashlist {

[[nodiscard]] std::string_view trimmed(std::string_view text);

/// At most 32: what follows is not looked at. Views of the line, without the quotes around a field; a doubled
/// quote inside one stays doubled.
class Fields {
public:
    /// Nothing: a quote is not closed, or text follows one that is.
    static std::optional<Fields> split(std::string_view line);

    [[nodiscard]] std::span<const std::string_view> all() const { return {fields_.data(), count_}; }
    /// Empty where there is none.
    [[nodiscard]] std::string_view at(std::size_t index) const {
        return index < count_ ? fields_.at(index) : std::string_view();
    }

private:
    std::array<std::string_view, 32> fields_{};
    std::size_t count_ = 0;
};

}   // namespace microengine::hashlist
