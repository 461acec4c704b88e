// SPDX-License-Identifier: MIT
#include "host/report/json_bounds.hpp"

#include <algorithm>

namespace microengine::report {

JsonSize measure_json(std::string_view text) {
    JsonSize size{.depth = 0, .values = 1};
    std::size_t open = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            size.depth = std::max(size.depth, ++open);
            ++size.values;
        } else if (c == '}' || c == ']') {
            open -= open > 0 ? 1 : 0;
        } else if (c == ',') {
            ++size.values;
        }
    }
    return size;
}

}   // namespace microengine::report
