// SPDX-License-Identifier: MIT
#include "tests/support/certificate.hpp"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <cstdio>
#include <memory>

namespace microengine::support {

void write_certificate(const TempDir& dir, const std::string& name) {
    const std::unique_ptr<EVP_PKEY, FreeSsl> key(::EVP_EC_gen("P-256"));
    const std::unique_ptr<X509, FreeSsl> certificate(::X509_new());
    ::X509_set_version(certificate.get(), 2);
    ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate.get()), 1);
    ::X509_gmtime_adj(::X509_getm_notBefore(certificate.get()), -60);
    ::X509_gmtime_adj(::X509_getm_notAfter(certificate.get()), 3600);
    ::X509_set_pubkey(certificate.get(), key.get());
    X509_NAME* subject = ::X509_get_subject_name(certificate.get());
    ::X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                 reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    ::X509_set_issuer_name(certificate.get(), subject);
    ::X509_sign(certificate.get(), key.get(), ::EVP_sha256());
    std::FILE* file = std::fopen((dir / "cert.pem").c_str(), "w");
    ::PEM_write_X509(file, certificate.get());
    std::fclose(file);
    file = std::fopen((dir / "key.pem").c_str(), "w");
    ::PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    ::chmod((dir / "key.pem").c_str(), 0600);
}

}   // namespace microengine::support
