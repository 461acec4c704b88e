// SPDX-License-Identifier: MIT
#pragma once
// A list's file, line by line, in little memory, and its digest on the way. It is not mapped: whoever writes
// to a mapped file could crash who reads it, and change a list that has been checked.

#include "digest.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace microengine::hashlist {

inline constexpr std::size_t kMostLine = std::size_t{64} << 10;

/// Cuts bytes that come in pieces into lines.
class Lines {
public:
    struct Sink {
        std::function<void(std::string_view line)> line;
        std::function<void()> too_long;   ///< in place of a line of more than kMostLine bytes
    };
    explicit Lines(Sink sink) : sink_(std::move(sink)) {}
    void add(std::string_view bytes);
    /// The last line, if no line feed ended it.
    void finish();

private:
    void keep(std::string_view bytes);
    void deliver(std::string_view end);

    Sink sink_;
    std::string begun_;   // a line that goes on in the next piece
    bool cut_ = false;    // it is too long, and what follows of it is dropped
};

/// Returns when it was changed last, in seconds. `hasher` gets all bytes. Throws microengine::Error: it is no
/// regular file, cannot be read, was changed meanwhile, or `stop` said so; that one is asked for each MiB.
std::int64_t read_list(const std::string& path, Lines& lines, Hasher& hasher,
                       const std::function<void()>& stop);

}   // namespace microengine::hashlist
