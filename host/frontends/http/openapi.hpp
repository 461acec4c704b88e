// SPDX-License-Identifier: MIT
#pragma once
// The API's description, made from the tables that the server itself uses. Pure; any thread.

#include <string>

namespace microengine::http {

/// OpenAPI 3.1, JSON.
[[nodiscard]] const std::string& openapi();

}   // namespace microengine::http
