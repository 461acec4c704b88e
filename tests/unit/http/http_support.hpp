// SPDX-License-Identifier: MIT
#pragma once
// A server on real sockets with a service written here, and a client that knows no more than its bytes.

#include "host/engine/operations.hpp"
#include "host/engine/scan_service.hpp"
#include "host/frontends/http/server.hpp"
#include "host/net/listen.hpp"
#include "tests/support/certificate.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/record.hpp"
#include "tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace microengine::http {

using support::Client;
using support::get;
using support::kPatience;
using support::Record;
using support::Reply;
using support::request;
using support::TempDir;
using support::write_certificate;
using support::write_file;

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
