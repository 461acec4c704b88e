// SPDX-License-Identifier: GPL-2.0-only
#pragma once
// Containers built byte by byte, uncompressed, so that the tests need no archiver and no archive lies in the
// tree.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::support {

struct Member {
    std::string name;
    std::string bytes;
    bool encrypted = false;     ///< marked so; the bytes are taken as they are
    unsigned method = 0;        ///< of a zip, that the bytes are said to be packed with
    std::size_t unpacked = 0;   ///< the size it is said to have unpacked; 0: as many bytes
    bool descriptor = false;    ///< of a zip: its sizes follow the bytes, as when it is streamed
};

[[nodiscard]] std::string zip_of(const std::vector<Member>& members);
[[nodiscard]] std::string tar_of(const std::vector<Member>& members);
[[nodiscard]] std::string gzip_of(std::string_view bytes);
/// One letter 1 + 258 * runs times, packed 150 fold; the same without gzip around it.
[[nodiscard]] std::string gzip_of_run(char letter, std::size_t runs);
[[nodiscard]] std::string deflated_run(char letter, std::size_t runs);
/// An Apple partition map with these partitions.
[[nodiscard]] std::string apm_of(const std::vector<std::string>& partitions);
/// A mail with one base64 attachment.
[[nodiscard]] std::string mail_of(const Member& attachment);

}   // namespace microengine::support
