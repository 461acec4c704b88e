// SPDX-License-Identifier: GPL-2.0-only
#pragma once
// Which members of a zip libclamav passes over without a word: packed by a method it does not know, with
// sizes of zip64, or out of its reach. A pure function over hostile bytes, any thread.

#include <string_view>

namespace microengine::clamav {

/// True if a member of the zip in `bytes` stays unread. Encrypted ones do not count: libclamav names them.
/// False for anything that is no zip.
[[nodiscard]] bool zip_hides_members(std::string_view bytes) noexcept;

}   // namespace microengine::clamav
