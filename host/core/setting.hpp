// SPDX-License-Identifier: MIT
#pragma once
// A plugin's settings: what its card declares, and the checked values for one backend.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace microengine::core {

enum class SettingType : std::uint8_t { string, path, integer, boolean };

/// One row of a card's settings table.
struct SettingSpec {
    std::string name;   ///< "rules", or "limits.depth" for a sub-table
    SettingType type = SettingType::string;
    bool required = false;
    bool list = false;
    bool secret = false;         ///< never printed
    std::string default_value;   ///< as text; of a list: its one item; "" = none
    std::string unit;
    std::string allowed;   ///< "1..100000" or "fast|full"; "" = anything of the type
    std::string doc;
};

using SettingValue = std::variant<std::string, std::int64_t, bool>;

/// Checked against its spec; defaults applied, paths absolute.
struct Setting {
    std::string name;
    std::vector<SettingValue>
        values;          ///< exactly one unless the spec says list; none: no value and no default
    std::string place;   ///< "microengine.toml:14:10"; empty: a default
};

struct Settings {
    std::vector<Setting> all;   ///< one for each spec of the card, in its order

    [[nodiscard]] const Setting* find(std::string_view name) const {
        const auto found = std::ranges::find(all, name, &Setting::name);
        return found == all.end() ? nullptr : &*found;
    }
};

}   // namespace microengine::core
