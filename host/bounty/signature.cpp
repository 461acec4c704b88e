// SPDX-License-Identifier: MIT
#include "host/bounty/signature.hpp"

#include "host/util/digest.hpp"
#include "host/util/files.hpp"
#include "host/util/log.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace microengine::bounty {

namespace {

using util::Errc;
using util::fail;
using util::Level;
using util::log;

constexpr std::size_t kMostSecretBytes = std::size_t{4} << 10;
constexpr std::size_t kLeastSecretBytes = 16;   // shorter ones can be guessed
constexpr std::size_t kDigits = 64;

bool is_lower_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

/// Without a branch on what is compared.
bool is_signed_with(const Secret& secret, std::string_view body, const std::array<char, kDigits>& given) {
    const std::string expected = sign(body, secret);
    return ::CRYPTO_memcmp(expected.data(), given.data(), given.size()) == 0;
}

void warn_if_unwise(const std::filesystem::path& file, std::size_t size) {
    if (size < kLeastSecretBytes)
        log(Level::warning, "secret_short",
            {{"file", file.native()},
             {"bytes", std::to_string(size)},
             {"least", std::to_string(kLeastSecretBytes)}});
    struct stat status{};
    if (::stat(file.c_str(), &status) == 0 && (status.st_mode & S_IRWXO) != 0)
        log(Level::warning, "secret_exposed",
            {{"file", file.native()}, {"hint", "others than its owner and group may read it; chmod 640 it"}});
}

}   // namespace

void wipe(void* memory, std::size_t bytes) { ::OPENSSL_cleanse(memory, bytes); }

Secret::Secret(std::string bytes) : bytes_(bytes.begin(), bytes.end()) {
    util::ensure(!bytes.empty(), "a secret is not empty");
    wipe(bytes.data(), bytes.size());
}

util::Result<Secret> read_secret(const std::filesystem::path& file) {
    auto read = util::read_file(file, kMostSecretBytes);
    if (!read) return fail(Errc::config, read.error().place, read.error().message);
    std::string& text = *read;
    if (text.ends_with('\n')) text.resize(text.size() - (text.ends_with("\r\n") ? 2 : 1));
    if (text.empty()) return fail(Errc::config, file.native(), "is empty; the secret has to be in it");
    warn_if_unwise(file, text.size());
    Secret secret(text);
    wipe(text.data(), text.size());   // moving a short string would leave it there
    return secret;
}

std::string sign(std::string_view body, const Secret& secret) {
    const std::string_view key = secret.bytes();
    util::Sha256 digest{};
    unsigned size = 0;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(body.data());   // a byte view
    util::ensure(::HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, body.size(),
                        digest.data(), &size) != nullptr &&
                     size == digest.size(),
                 "HMAC-SHA256 is there");
    return util::hex(digest);
}

Signed check_signature(std::string_view body, std::string_view header, const Secrets& secrets) {
    const bool well_formed = header.size() == kDigits && std::ranges::all_of(header, is_lower_hex);
    std::array<char, kDigits> given{};
    if (well_formed) std::ranges::copy(header, given.begin());
    const bool current = is_signed_with(secrets.current, body, given);
    const bool previous = secrets.previous && is_signed_with(*secrets.previous, body, given);
    if (!well_formed) return Signed::malformed;
    if (current) return Signed::current;
    return previous ? Signed::previous : Signed::no;
}

}   // namespace microengine::bounty
