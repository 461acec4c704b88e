// SPDX-License-Identifier: MIT
#pragma once
// Names, each kept once: feeds repeat a few thousand of them a million times.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>

namespace microengine::hashlist {

/// Filled by one thread; after seal() read by any.
class Names {
public:
    using Id = std::uint32_t;
    static constexpr Id kNone = 0;
    struct Name {
        std::string_view text;   ///< as long as this object lives and nothing is added
        bool family = false;
    };

    Names();
    Names(const Names&) = delete;
    Names& operator=(const Names&) = delete;
    Names(Names&&) = delete;
    Names& operator=(Names&&) = delete;
    ~Names() = default;

    /// At most 255 bytes of it. Throws microengine::Error when there are more than 4 GiB of names.
    [[nodiscard]] Id add(std::string_view text, bool family);
    [[nodiscard]] Name get(Id id) const;
    /// Gives back what only adding needs.
    void seal();

private:
    struct Hash {
        using is_transparent = void;
        const std::string* pool;
        std::size_t operator()(std::string_view record) const;
        std::size_t operator()(Id id) const;
    };
    struct Equal {
        using is_transparent = void;
        const std::string* pool;
        bool operator()(Id one, Id other) const { return one == other; }
        bool operator()(std::string_view record, Id id) const;
        bool operator()(Id id, std::string_view record) const { return (*this)(record, id); }
    };

    std::string pool_;   // records: a byte for the family, one for the size, the text
    std::unordered_set<Id, Hash, Equal> known_;
};

}   // namespace microengine::hashlist
