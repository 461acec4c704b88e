// SPDX-License-Identifier: MIT
#pragma once
// Certificates made on the spot.

#include "tests/support/temp_dir.hpp"

#include <openssl/ssl.h>

#include <string>

namespace microengine::support {

struct FreeSsl {
    void operator()(SSL* ssl) const { ::SSL_free(ssl); }
    void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
    void operator()(X509* certificate) const { ::X509_free(certificate); }
    void operator()(EVP_PKEY* key) const { ::EVP_PKEY_free(key); }
};

/// Writes a key and a certificate for that name, which vouches for itself: "key.pem", "cert.pem".
void write_certificate(const TempDir& dir, const std::string& name);

}   // namespace microengine::support
