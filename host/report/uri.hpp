// SPDX-License-Identifier: MIT
#pragma once
// A path, any bytes, as a URI reference (RFC 3986).

#include <string>
#include <string_view>

namespace microengine::report {

/// Absolute: "file:///a%20b"; relative: "a%20b", never mistaken for a scheme or a host.
[[nodiscard]] std::string uri_of_path(std::string_view path);
/// A URL as it is, but for bytes that no URI may contain.
[[nodiscard]] std::string uri_of_url(std::string_view url);

}   // namespace microengine::report
