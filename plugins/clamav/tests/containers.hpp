// SPDX-License-Identifier: GPL-2.0-only
#pragma once
// Containers built byte by byte, uncompressed, so that the tests need no archiver and no archive lies in the
// tree.

#include <string>
#include <string_view>
#include <vector>

namespace microengine::support {

struct Member {
    std::string name;
    std::string bytes;
    bool encrypted = false;   ///< marked so; the bytes are taken as they are
};

[[nodiscard]] std::string zip_of(const std::vector<Member>& members);
[[nodiscard]] std::string tar_of(const std::vector<Member>& members);
[[nodiscard]] std::string gzip_of(std::string_view bytes);
/// One letter 1 + 258 * runs times, packed 150 fold.
[[nodiscard]] std::string gzip_of_run(char letter, std::size_t runs);
/// A mail with one base64 attachment.
[[nodiscard]] std::string mail_of(const Member& attachment);

}   // namespace microengine::support
