// SPDX-License-Identifier: MIT
#pragma once
// SHA-256 over a sequence of fields. Each field goes in with its length, so that no two sequences collide by
// moving a border.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace microengine::yara {

using Digest = std::array<std::uint8_t, 32>;

class Hasher {
public:
    Hasher();
    ~Hasher();
    Hasher(const Hasher&) = delete;
    Hasher& operator=(const Hasher&) = delete;
    Hasher& add(std::string_view field);
    Hasher& add(std::int64_t number);
    [[nodiscard]] Digest finish();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Of the bytes alone, without a length.
[[nodiscard]] Digest digest_of(std::string_view bytes);
[[nodiscard]] std::string hex(const Digest& digest);

}   // namespace microengine::yara
