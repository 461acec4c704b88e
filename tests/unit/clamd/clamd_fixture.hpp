// SPDX-License-Identifier: MIT
#pragma once
// The server on real sockets, before a service that a test chooses; and a client that takes bytes as they
// are.

#include "host/engine/live_engine.hpp"
#include "host/frontends/clamd/server.hpp"
#include "tests/support/fake_backend.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace microengine::clamd {

class FakeOperations final : public engine::Operations {
public:
    void reload(std::string_view who, std::move_only_function<void(const engine::ReloadOutcome&)>) override {
        const std::scoped_lock lock(mutex_);
        asked_.push_back("reload by " + std::string(who));
    }
    void shutdown(std::string_view who) override {
        const std::scoped_lock lock(mutex_);
        asked_.push_back("shutdown by " + std::string(who));
    }
    [[nodiscard]] engine::Readiness readiness() const override { return {.ready = true, .reasons = {}}; }
    [[nodiscard]] std::vector<engine::BackendStatus> backends() const override { return {}; }
    [[nodiscard]] std::string metrics() const override { return ""; }
    [[nodiscard]] std::vector<std::string> asked() {
        const std::scoped_lock lock(mutex_);
        return asked_;
    }

private:
    std::mutex mutex_;
    std::vector<std::string> asked_;
};

/// Scans that wait until they are let go.
class Gate {
public:
    void wait() {
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
    }
    void open() {
        const std::scoped_lock lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    void until_waiting(int scans) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return waiting_ >= scans; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int waiting_ = 0;
    bool open_ = false;
};

inline constexpr std::chrono::seconds kPatience{30};   // of a test that waits for what must come

/// A client that takes bytes as they are.
class Client {
public:
    explicit Client(int fd);
    /// On a connection that is gone already it does nothing.
    void send(std::string_view bytes) const {
        (void)::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }
    void send_bytewise(std::string_view bytes) const {
        for (const char byte : bytes) send(std::string_view(&byte, 1));
    }
    /// With a descriptor beside them.
    void send_with(std::string_view bytes, const std::vector<int>& descriptors) const;
    void half_close() const { (void)::shutdown(fd_.get(), SHUT_WR); }
    /// All that comes until the server closes.
    [[nodiscard]] std::string rest() const;
    /// Exactly as many bytes, or as many as come.
    [[nodiscard]] std::string take(std::size_t bytes) const;
    [[nodiscard]] int fd() const { return fd_.get(); }

private:
    util::UniqueFd fd_;
};

class ServerTest : public testing::Test {
protected:
    ServerTest();
    ~ServerTest() override;
    ServerTest(const ServerTest&) = delete;
    ServerTest& operator=(const ServerTest&) = delete;

    /// Called once, after the settings are as the test wants them. The service outlives the server.
    void start_with(engine::ScanService& service);
    [[nodiscard]] Client connect() const;
    [[nodiscard]] Client connect_tcp() const;
    /// What the server answers to that, all at once, and then the end of the client's bytes.
    [[nodiscard]] std::string ask(std::string_view bytes) const;
    [[nodiscard]] std::string ask_tcp(std::string_view bytes) const;
    std::string write(const std::string& name, const std::string& text) const;

    std::filesystem::path here;
    core::ClamdSettings settings;
    FakeOperations operations;
    std::shared_ptr<intake::SpoolRoom> room =
        std::make_shared<intake::SpoolRoom>(std::uint64_t{64} << 20, "");
    std::unique_ptr<ClamdServer> server;
    std::uint16_t port = 0;
};

/// With a real engine, whose one backend does what an artifact's bytes say: "malicious", "suspicious",
/// "unknown", "hold" (until let go), else benign.
class ClamdTest : public ServerTest {
protected:
    ~ClamdTest() override;
    void start();

    std::size_t slots = 2;
    std::size_t queue = 100;
    Gate gate;
    std::atomic<int> scanned = 0;   ///< artifacts that the backend has seen
    std::unique_ptr<engine::LiveEngine> service;
};

/// "zINSTREAM\0", the chunks, the end.
[[nodiscard]] std::string stream(const std::vector<std::string>& chunks, char form = 'z');
[[nodiscard]] std::string chunk(std::string_view bytes);

using namespace std::string_literals;

}   // namespace microengine::clamd
