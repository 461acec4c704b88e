// SPDX-License-Identifier: MIT
#pragma once
// A client of HTTP servers that knows no more than its bytes.

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace microengine::support {

struct Reply {
    int status = 0;                                            ///< 0: none came
    std::vector<std::pair<std::string, std::string>> fields;   ///< names in lower case
    std::string body;

    [[nodiscard]] std::string field(std::string_view name) const;
    [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(body); }
    [[nodiscard]] std::string code() const;   ///< of a problem
};

/// The bytes of one connection, with or without TLS.
class Client {
public:
    /// Of a Unix socket, or 127.0.0.1:PORT.
    explicit Client(const std::filesystem::path& path);
    explicit Client(std::uint16_t port, bool tls = false);
    ~Client();
    Client(Client&&) noexcept;
    Client& operator=(Client&&) = delete;

    [[nodiscard]] bool connected() const;
    Client& send(std::string_view bytes);
    /// Sends no more, and still listens.
    void finish();
    /// One answer; 100 Continue is one too.
    [[nodiscard]] Reply reply(bool head = false);
    /// Until that text has come; all that came before it and the text. Empty: it did not.
    [[nodiscard]] std::string until(std::string_view text);
    /// Is the next thing the end of the connection?
    [[nodiscard]] bool ended();
    /// The server's certificate, as its subject.
    [[nodiscard]] std::string subject() const;

private:
    [[nodiscard]] bool more();
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// "POST /v1/scan HTTP/1.1\r\n…": `fields` each with its line end.
[[nodiscard]] std::string request(std::string_view method, std::string_view target,
                                  std::string_view body = "", std::string_view fields = "");
[[nodiscard]] std::string get(std::string_view target, std::string_view fields = "");

}   // namespace microengine::support
