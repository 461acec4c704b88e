// SPDX-License-Identifier: MIT
#include "digest.hpp"

#include <microengine/plugin.hpp>

#include <algorithm>
#include <new>
#include <string>

namespace microengine::hashlist {
namespace {

constexpr std::uint8_t kNoDigit = 0xFF;

/// A million lines have a hundred million digits.
constexpr std::array<std::uint8_t, 256> kDigits = [] {
    std::array<std::uint8_t, 256> digits{};
    digits.fill(kNoDigit);
    for (std::uint8_t i = 0; i < 10; ++i) digits.at(static_cast<std::size_t>('0') + i) = i;
    for (std::uint8_t i = 0; i < 6; ++i)
        digits.at(static_cast<std::size_t>('a') + i) = digits.at(static_cast<std::size_t>('A') + i) =
            static_cast<std::uint8_t>(10 + i);
    return digits;
}();

unsigned digit_of(char c) { return kDigits[static_cast<unsigned char>(c)]; }

/// Once the algorithm is there, OpenSSL fails for want of memory alone.
void require(int ok) {
    if (ok != 1) throw std::bad_alloc();
}

}   // namespace

std::size_t digits_in(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::find_if(text, [](char c) { return digit_of(c) == kNoDigit; }) - text.begin());
}

std::optional<Digest> parse_digest(std::string_view text) {
    const auto kind =
        std::ranges::find_if(kKinds, [&](Kind each) { return size_of(each) * 2 == text.size(); });
    if (kind == kKinds.end()) return std::nullopt;
    Digest digest{.kind = *kind};
    for (std::size_t i = 0; i < size_of(*kind); ++i) {
        const unsigned high = digit_of(text[2 * i]);
        const unsigned low = digit_of(text[2 * i + 1]);
        if ((high | low) > 0xF) return std::nullopt;
        digest.bytes.at(i) = static_cast<std::uint8_t>(high << 4U | low);
    }
    return digest;
}

Hasher::Hasher(Kind kind)
    : kind_(kind),
      algorithm_(EVP_MD_fetch(nullptr, std::string(name_of(kind)).c_str(), nullptr)),
      context_(EVP_MD_CTX_new()) {
    if (algorithm_ == nullptr)
        throw Error(ME_E_FAILED, "this system's OpenSSL computes no " + std::string(name_of(kind)) +
                                     "; lists with such digests cannot be used here");
    if (context_ == nullptr) throw std::bad_alloc();
    begin();
}

void Hasher::begin() { require(EVP_DigestInit_ex(context_.get(), algorithm_.get(), nullptr)); }

void Hasher::add(std::span<const std::uint8_t> bytes) {
    require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

Digest Hasher::finish() {
    Digest digest{.kind = kind_};
    require(EVP_DigestFinal_ex(context_.get(), digest.bytes.data(), nullptr));
    return digest;
}

}   // namespace microengine::hashlist
