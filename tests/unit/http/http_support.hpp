// SPDX-License-Identifier: MIT
#pragma once
// A server on real sockets with a service written here, and a client that knows no more than its bytes.

#include "host/engine/operations.hpp"
#include "host/engine/scan_service.hpp"
#include "host/frontends/http/server.hpp"
#include "host/net/listen.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <stdlib.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace microengine::http {

inline constexpr std::chrono::seconds kPatience{20};   // of a test that waits for what must come

class TempDir {
public:
    TempDir() {
        std::string name = (std::filesystem::temp_directory_path() / "me-http-XXXXXX").native();
        path_ = ::mkdtemp(name.data());
    }
    ~TempDir() { std::filesystem::remove_all(path_); }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

/// Judges by what the bytes are: "evil" is malicious, "odd" unknown, all else benign. Its thread is the
/// engine's.
class FakeService final : public engine::ScanService {
public:
    FakeService();
    ~FakeService() override;

    engine::Offer offer(engine::Job&& job) override;
    std::shared_ptr<const engine::Generation> generation() const override;
    engine::Load load() const override { return {}; }

    /// Jobs wait from now on until they are let go.
    void hold();
    void let_go();
    /// Until so many jobs have been taken in all.
    void await_jobs(std::size_t count);
    /// Until so many have been scanned in all.
    void await_done(std::size_t count);
    /// Until all that were taken have been answered: then a server may end.
    void await_all();
    void answer_offers(engine::Offer offer);
    void set_generation(std::shared_ptr<const engine::Generation> generation);

    struct Seen {
        std::string name, request, bytes;
        std::chrono::nanoseconds timeout{0};
        engine::Urgency urgency = engine::Urgency::interactive;
        engine::Detail detail = engine::Detail::explanation;
        bool all_matches = true;
        bool cancelled = false;
    };
    /// Of the scans that are done, in their order.
    [[nodiscard]] std::vector<Seen> seen();

private:
    void run(const std::stop_token& stop);
    void scan(engine::Job job);

    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<engine::Job> waiting_;
    std::vector<Seen> seen_;
    std::size_t taken_ = 0;
    std::size_t answered_ = 0;
    bool held_ = false;
    engine::Offer answer_ = engine::Offer::accepted;
    std::shared_ptr<const engine::Generation> generation_;
    std::jthread thread_;
};

/// A generation of one backend that remembers a malicious answer about the artifact of that digest.
[[nodiscard]] std::shared_ptr<const engine::Generation> remembering(std::string_view sha256);

class FakeOperations final : public engine::Operations {
public:
    using Done = std::move_only_function<void(const engine::ReloadOutcome&)>;

    void reload(std::string_view who, Done done) override;
    void shutdown(std::string_view /*who*/) override {}
    engine::Readiness readiness() const override;
    std::vector<engine::BackendStatus> backends() const override;
    std::string metrics() const override { return "# a number\nmicroengine_up 1\n"; }

    void set_outcome(engine::ReloadOutcome outcome);
    void set_readiness(engine::Readiness readiness);
    void change_health(const std::function<void(plugin::Health&)>& change);

private:
    mutable std::mutex mutex_;
    engine::ReloadOutcome outcome_{.replaced = true, .generation = 2, .problems = {}};
    engine::Readiness readiness_{.ready = true, .reasons = {}};
    plugin::Health health_;
    std::vector<std::jthread> threads_;
};

/// What all servers of this program have counted and logged. Any thread.
class Record {
public:
    static Record& the();
    /// "http_requests_total{route=/healthz,status=200}"
    [[nodiscard]] double number(const std::string& metric);
    /// False: it has not come to be.
    [[nodiscard]] bool await(const std::string& metric, const std::function<bool(double)>& holds);
    /// Lines of "event key=value …".
    [[nodiscard]] std::vector<std::string> lines();

private:
    Record();
    class Sink;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, double> numbers_;
    std::vector<std::string> lines_;
};

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

/// Writes a key and a certificate for that name; both in one directory: "key.pem", "cert.pem".
void write_certificate(const TempDir& dir, const std::string& name);
void write_file(const std::filesystem::path& path, std::string_view text, unsigned mode = 0600);

}   // namespace microengine::http
