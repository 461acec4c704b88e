// SPDX-License-Identifier: MIT
#pragma once
// A server on real sockets with a service written here, and a client that knows no more than its bytes.

#include "host/frontends/http/server.hpp"
#include "host/net/listen.hpp"
#include "tests/support/certificate.hpp"
#include "tests/support/fake_service.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/record.hpp"
#include "tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace microengine::http {

using support::Client;
using support::FakeOperations;
using support::FakeService;
using support::get;
using support::kPatience;
using support::Record;
using support::Reply;
using support::request;
using support::TempDir;
using support::write_certificate;
using support::write_file;

/// A generation of one backend that remembers a malicious answer about the artifact of that digest.
[[nodiscard]] std::shared_ptr<const engine::Generation> remembering(std::string_view sha256);

/// A form with one artifact for each pair of name and bytes.
[[nodiscard]] std::string form(const std::vector<std::pair<std::string, std::string>>& parts);
inline constexpr std::string_view kFormType = "Content-Type: multipart/form-data; boundary=x-y\r\n";

/// The defaults but for what is changed.
[[nodiscard]] core::HttpSettings with(const std::function<void(core::HttpSettings&)>& change);

/// All of it, on a Unix socket and a TCP port.
class Running {
public:
    explicit Running(core::HttpSettings settings = {}, std::uint64_t room_bytes = std::uint64_t{1} << 30,
                     const std::filesystem::path& spool_dir = {});
    ~Running();

    [[nodiscard]] Client unix_client() const { return Client(dir / "http.sock"); }
    [[nodiscard]] Client tcp_client(bool tls = false) const { return Client(port, tls); }
    /// False: there are not so many, and will not be.
    [[nodiscard]] bool wait_until_connections(int count) const;
    /// One request on a connection of its own.
    [[nodiscard]] Reply ask(std::string_view bytes, bool head = false) const;

    TempDir dir;
    FakeService service;
    FakeOperations operations;
    std::shared_ptr<intake::SpoolRoom> room;
    std::uint16_t port = 0;
    std::unique_ptr<HttpServer> server;
};

}   // namespace microengine::http
