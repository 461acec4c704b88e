// SPDX-License-Identifier: MIT
#include "host/util/digest.hpp"

#include "host/util/result.hpp"

#include <openssl/evp.h>

namespace microengine::util {

namespace {

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

/// Fetched once: the lookup costs more than hashing a small artifact.
const EVP_MD* algorithm() {
    static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return fetched;
}

void start(EVP_MD_CTX* context) {
    ensure(EVP_DigestInit_ex2(context, algorithm(), nullptr) == 1, "SHA-256 starts");
}

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}   // namespace

struct Sha256Stream::Impl {
    Context context{EVP_MD_CTX_new()};
};

Sha256Stream::Sha256Stream() : impl_(std::make_unique<Impl>()) { start(impl_->context.get()); }
Sha256Stream::~Sha256Stream() = default;
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;

void Sha256Stream::update(std::span<const std::uint8_t> bytes) {
    ensure(EVP_DigestUpdate(impl_->context.get(), bytes.data(), bytes.size()) == 1, "SHA-256 goes on");
}

Sha256 Sha256Stream::finish() {
    Sha256 digest{};
    unsigned size = 0;
    ensure(EVP_DigestFinal_ex(impl_->context.get(), digest.data(), &size) == 1, "SHA-256 ends");
    start(impl_->context.get());
    return digest;
}

Sha256 sha256(std::span<const std::uint8_t> bytes) {
    // NOLINTNEXTLINE(misc-use-internal-linkage): it is local to this function
    thread_local Sha256Stream stream;
    stream.update(bytes);
    return stream.finish();
}

std::string hex(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

std::optional<Sha256> parse_sha256(std::string_view text) {
    Sha256 digest{};
    if (text.size() != digest.size() * 2) return std::nullopt;
    for (std::size_t i = 0; i < digest.size(); ++i) {
        const int high = digit(text[2 * i]);
        const int low = digit(text[2 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        digest[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return digest;
}

}   // namespace microengine::util
