// SPDX-License-Identifier: MIT
#pragma once
// The formats that need more than a magic number: what a ZIP holds, which executable it is, which text.
// For mime.cpp. Pure, bounds-checked.

#include <string_view>

namespace microengine::intake {

/// Of bytes that begin with a local file header: by the names of the first members.
[[nodiscard]] std::string_view zip_mime(std::string_view bytes);
/// Of bytes that begin with "MZ".
[[nodiscard]] std::string_view dos_mime(std::string_view bytes);
/// Of bytes that begin with CA FE BA BE: Java classes and fat Mach-O share it.
[[nodiscard]] std::string_view cafebabe_mime(std::string_view bytes);
/// Of anything else: a text format, or "".
[[nodiscard]] std::string_view text_mime(std::string_view bytes);

}   // namespace microengine::intake
