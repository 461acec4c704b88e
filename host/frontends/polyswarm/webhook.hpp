// SPDX-License-Identifier: MIT
#pragma once
// The door: requests from the marketplace, each answered by a fixed table of checks. Nothing of a body is
// looked at before its signature has been checked over the bytes as they came.

#include "host/frontends/http/mount.hpp"
#include "host/frontends/polyswarm/engine.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::polyswarm {

/// A bounty that has passed all checks.
struct Arrival {
    Engine* engine = nullptr;   ///< never null
    bounty::Bounty bounty;
    std::string body;       ///< as it was signed
    std::string delivery;   ///< printable, at most 64 bytes
};

class Webhook final : public http::Mount {
public:
    /// Takes an arrival, and answers it once, on any thread.
    using Accept = std::function<void(Arrival arrival, Answer done)>;

    Webhook(const bounty::MarketSettings& settings, std::vector<std::unique_ptr<Engine>>& engines,
            Accept accept)
        : settings_(settings), engines_(engines), accept_(std::move(accept)) {}

    [[nodiscard]] std::string_view name() const override { return "polyswarm"; }
    [[nodiscard]] std::vector<std::string> paths() const override;
    [[nodiscard]] bool has(std::string_view path) const override { return engine_at(path) != nullptr; }
    [[nodiscard]] bool wants_body(std::string_view method) const override { return method == "POST"; }
    [[nodiscard]] std::uint64_t most_body_bytes() const override { return settings_.max_body_bytes; }
    [[nodiscard]] std::chrono::milliseconds body_timeout() const override {
        return settings_.request_timeout;
    }
    void answer(Request request, Answer done) override;
    void refused(unsigned status) override;
    void settle() override;

private:
    [[nodiscard]] Engine* engine_at(std::string_view path) const;

    const bounty::MarketSettings& settings_;
    std::vector<std::unique_ptr<Engine>>& engines_;
    Accept accept_;
    util::Mutex mutex_;
    util::Condition settled_;
    std::size_t unanswered_ ME_GUARDED_BY(mutex_) = 0;
};

[[nodiscard]] http::Response accepted_response();
[[nodiscard]] http::Response busy_response();
[[nodiscard]] http::Response journal_response();

}   // namespace microengine::polyswarm
