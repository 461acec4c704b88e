// SPDX-License-Identifier: MIT
#pragma once
// TLS for the server's side of a connection, by OpenSSL.

#include "host/frontends/http/transport.hpp"
#include "host/util/result.hpp"

#include <filesystem>
#include <memory>

namespace microengine::http {

/// A certificate with its key, loaded. Immutable; any thread. Connections keep the one they began with.
class TlsContext {
public:
    /// Both in PEM. An error names the file: one that cannot be read, a key that is another certificate's or
    /// that everybody may read.
    [[nodiscard]] static util::Result<std::shared_ptr<const TlsContext>> load(
        const std::filesystem::path& certificate, const std::filesystem::path& key);
    ~TlsContext();
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;

    [[nodiscard]] std::unique_ptr<Transport> transport(int fd) const;

private:
    struct Impl;
    explicit TlsContext(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}   // namespace microengine::http
