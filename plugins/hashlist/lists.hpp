// SPDX-License-Identifier: MIT
#pragma once
// All lists of a backend, loaded and checked.

#include "names.hpp"
#include "table.hpp"

#include <microengine/plugin.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace microengine::hashlist {

/// Immutable once made.
class Lists {
public:
    /// Throws microengine::Error: at the setting whose list is wrong, with a line for each of the first
    /// twenty bad lines and the number of the others.
    explicit Lists(const Settings& settings);

    struct Side {
        Table table;
        struct Source {
            std::string list;          ///< a file, or the setting that has the digests itself
            std::uint64_t first = 0;   ///< place of its first line
        };
        std::vector<Source> sources;
        std::uint64_t lines = 0;   ///< of all of them

        [[nodiscard]] const Source& source(std::uint32_t place) const;
    };
    [[nodiscard]] const Side& block() const { return block_; }
    [[nodiscard]] const Side& allow() const { return allow_; }
    [[nodiscard]] Names::Name name(Listed listed) const { return names_.get(listed.name); }
    /// Whether an artifact's digest of this kind must be known.
    [[nodiscard]] bool uses(Kind kind) const;
    [[nodiscard]] const Signatures& signatures() const { return signatures_; }

private:
    class Loading;
    Side block_, allow_;
    Names names_;
    Signatures signatures_;
};

}   // namespace microengine::hashlist
