// SPDX-License-Identifier: MIT
#include "digest.hpp"

#include <microengine/plugin.hpp>

#include <algorithm>
#include <new>
#include <string>

namespace microengine::hashlist {
namespace {

constexpr int kNoDigit = -1;

constexpr int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : kNoDigit;
}

/// Once the algorithm is there, OpenSSL fails for want of memory alone.
void require(int ok) {
    if (ok != 1) throw std::bad_alloc();
}

}   // namespace

std::optional<Digest> parse_digest(std::string_view text) {
    const auto kind =
        std::ranges::find_if(kKinds, [&](Kind each) { return size_of(each) * 2 == text.size(); });
    if (kind == kKinds.end()) return std::nullopt;
    Digest digest{.kind = *kind};
    for (std::size_t i = 0; i < size_of(*kind); ++i) {
        const int high = digit_of(text[2 * i]);
        const int low = digit_of(text[2 * i + 1]);
        if (high == kNoDigit || low == kNoDigit) return std::nullopt;
        digest.bytes.at(i) = static_cast<std::uint8_t>(high * 16 + low);
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
