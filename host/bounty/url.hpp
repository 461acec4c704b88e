// SPDX-License-Identifier: MIT
#pragma once
// Just enough of a URL to say where it leads, without judging whether it is one. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>

namespace microengine::bounty {

/// ASCII letters only.
[[nodiscard]] std::string lower_case(std::string_view text);
/// Without blanks and tabs around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// Views into the text.
struct UrlParts {
    std::string scheme;       ///< lower case; empty: there is none
    bool with_host = false;   ///< "//" follows, or there is no scheme
    std::string_view host;    ///< with the port, without user info
    std::string_view path;    ///< up to the query or fragment
    bool with_query = false;
};
[[nodiscard]] UrlParts parts_of(std::string_view url);

/// http or https with a host, without blanks and control characters: something a reply can be sent to.
[[nodiscard]] bool is_web_url(std::string_view url);

}   // namespace microengine::bounty
