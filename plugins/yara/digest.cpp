// SPDX-License-Identifier: MIT
#include "digest.hpp"

#include "handles.hpp"

#include <openssl/evp.h>

#include <cstring>
#include <new>

namespace microengine::yara {

struct Hasher::Impl {
    CHandle<EVP_MD_CTX, &EVP_MD_CTX_free> context{EVP_MD_CTX_new()};
};

namespace {

/// OpenSSL fails here only for want of memory.
void require(int ok) {
    if (ok != 1) throw std::bad_alloc();
}

}   // namespace

Hasher::Hasher() : impl_(std::make_unique<Impl>()) {
    require(impl_->context == nullptr ? 0 : EVP_DigestInit_ex(impl_->context.get(), EVP_sha256(), nullptr));
}
Hasher::~Hasher() = default;

Hasher& Hasher::add(std::string_view field) {
    add(static_cast<std::int64_t>(field.size()));
    require(EVP_DigestUpdate(impl_->context.get(), field.data(), field.size()));
    return *this;
}

Hasher& Hasher::add(std::int64_t number) {
    require(EVP_DigestUpdate(impl_->context.get(), &number, sizeof number));
    return *this;
}

Digest Hasher::finish() {
    Digest digest{};
    require(EVP_DigestFinal_ex(impl_->context.get(), digest.data(), nullptr));
    return digest;
}

Digest digest_of(std::string_view bytes) {
    Digest digest{};
    require(EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr));
    return digest;
}

std::string hex(const Digest& digest) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const unsigned byte : digest) {
        text += digits[byte >> 4U];
        text += digits[byte & 0xFU];
    }
    return text;
}

}   // namespace microengine::yara
