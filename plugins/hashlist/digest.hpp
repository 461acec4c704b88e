// SPDX-License-Identifier: MIT
#pragma once
// Digests: their text, and computing several of the same bytes in one pass.

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace microengine::hashlist {

enum class Kind : std::uint8_t { md5, sha1, sha256 };
inline constexpr std::array kKinds{Kind::md5, Kind::sha1, Kind::sha256};

constexpr std::size_t size_of(Kind kind) { return kind == Kind::md5 ? 16 : kind == Kind::sha1 ? 20 : 32; }
constexpr std::string_view name_of(Kind kind) {
    return kind == Kind::md5 ? "MD5" : kind == Kind::sha1 ? "SHA-1" : "SHA-256";
}

struct Digest {
    Kind kind = Kind::sha256;
    std::array<std::uint8_t, 32> bytes{};   ///< the first size_of(kind) count

    [[nodiscard]] std::span<const std::uint8_t> used() const { return {bytes.data(), size_of(kind)}; }
};

/// How many hexadecimal digits it begins with.
[[nodiscard]] std::size_t digits_in(std::string_view text);
/// Hexadecimal digits and nothing else; their number tells the kind. Nothing: it is none of the three.
[[nodiscard]] std::optional<Digest> parse_digest(std::string_view text);

/// Computes one kind. One thread. Made while opening: OpenSSL reads files when it is first used.
class Hasher {
public:
    /// Throws microengine::Error when OpenSSL does not offer it, as in FIPS mode.
    explicit Hasher(Kind kind);
    [[nodiscard]] Kind kind() const { return kind_; }
    void begin();
    void add(std::span<const std::uint8_t> bytes);
    [[nodiscard]] Digest finish();

private:
    struct Free {
        void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };
    Kind kind_;
    std::unique_ptr<EVP_MD, Free> algorithm_;
    std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}   // namespace microengine::hashlist
