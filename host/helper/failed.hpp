// SPDX-License-Identifier: MIT
#pragma once
// The sentence for a system call that failed, without the host's error type.

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

namespace microengine::helper {

/// "what: the text of errno".
[[nodiscard]] inline std::string failed(std::string_view what) {
    const char* text = ::strerrordesc_np(errno);   // thread-safe, unlike strerror()
    return std::string(what) + ": " + (text != nullptr ? text : "unknown error");
}

}   // namespace microengine::helper
