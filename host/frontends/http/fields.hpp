// SPDX-License-Identifier: MIT
#pragma once
// The values of fields that have a form of their own. Pure.

#include "host/frontends/http/target.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::http {

/// ASCII only.
[[nodiscard]] std::string lower_case(std::string_view text);
/// Without spaces and tabs at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);
/// RFC 9110, 5.6.2: what names of fields and methods are made of.
[[nodiscard]] bool is_token(std::string_view text);

/// "multipart/form-data; boundary=x", "form-data; name=\"a\"; filename=\"b\"".
struct Parametrised {
    std::string value;                   ///< lower case
    std::vector<Parameter> parameters;   ///< their names in lower case

    [[nodiscard]] const std::string* find(std::string_view name) const;
};
[[nodiscard]] std::optional<Parametrised> parse_parametrised(std::string_view text);
/// Of a Content-Disposition: filename* (RFC 8187, UTF-8 only) before filename; nothing if it has neither.
[[nodiscard]] std::optional<std::string> file_name_of(const Parametrised& disposition);

/// Does a comma-separated list hold this word, whatever its case and its parameters are?
[[nodiscard]] bool lists(std::string_view list, std::string_view word);

}   // namespace microengine::http
