// SPDX-License-Identifier: MIT
#pragma once
// data: URLs (RFC 2397), the artifact within the address itself. Pure; any thread.

#include "host/util/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::fetch {

struct DataUrl {
    std::string type;   ///< as given, without parameters; may be empty
    std::vector<std::uint8_t> bytes;
};

[[nodiscard]] bool is_data_url(std::string_view url);
/// `[<type>][;params][;base64],` and percent-decoded bytes, in base64 with or without padding, also the URL
/// alphabet; blanks in it are skipped. A fragment (#) is not part of them. Errc::limit: more than
/// `most_bytes` would come of it, known before anything is decoded. Errc::usage: it is not of that form.
/// Neither repeats it.
[[nodiscard]] util::Result<DataUrl> decode_data_url(std::string_view url, std::size_t most_bytes);

}   // namespace microengine::fetch
