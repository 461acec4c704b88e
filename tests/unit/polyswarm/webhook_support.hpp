// SPDX-License-Identifier: MIT
#pragma once
// The webhook at paths of a real HTTP server. Whatever it accepts is kept, and answered 202.

#include "host/frontends/http/server.hpp"
#include "host/frontends/polyswarm/webhook.hpp"
#include "host/net/listen.hpp"
#include "tests/support/fake_service.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/record.hpp"
#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::polyswarm {

inline constexpr std::string_view kSecret = "a secret of the tests";
inline constexpr std::string_view kBounty =
    R"({"id":7,"artifact_uri":"http://127.0.0.1/a","response_url":"http://127.0.0.1/r?nonce=n0nce"})";

/// A request; what is empty is left out.
struct Asking {
    std::string method = "POST";
    std::string path = "/polyswarm";
    std::string event = "bounty";
    std::string type = "application/json";
    std::string body{kBounty};
    std::string secret{kSecret};
    std::optional<std::string> signature = {};   ///< else the one of that secret
    std::string fields = {};                     ///< more of them, each with its line end
    bool chunked = false;
};
[[nodiscard]] std::string signature_of(std::string_view body, std::string_view secret);
[[nodiscard]] std::string to_bytes(const Asking& asking);

/// "200 {"status":"OK"}"
[[nodiscard]] std::string text_of(const support::Reply& reply);

class WebhookTest : public testing::Test {
protected:
    WebhookTest();
    ~WebhookTest() override;

    void add_engine(const std::string& name, const std::string& path, std::string_view secret);
    void start();
    /// On a connection of its own.
    [[nodiscard]] support::Reply ask(const Asking& asking) const { return ask(to_bytes(asking)); }
    [[nodiscard]] support::Reply ask(std::string_view bytes, bool head = false) const;
    [[nodiscard]] support::Client client() const { return support::Client(dir / "http.sock"); }
    [[nodiscard]] std::vector<Arrival> arrivals();
    [[nodiscard]] std::size_t count_arrivals() { return arrivals().size(); }
    /// Of the first engine.
    void set_secret(std::string_view secret);

    support::Record& record = support::Record::the();
    support::TempDir dir;
    bounty::MarketSettings settings;
    core::HttpSettings http_settings;
    std::vector<std::unique_ptr<Engine>> engines;

private:
    std::mutex mutex_;
    std::vector<Arrival> arrivals_;
    std::unique_ptr<Webhook> webhook_;
    support::FakeService service_;
    support::FakeOperations operations_;
    std::unique_ptr<http::HttpServer> server_;
};

}   // namespace microengine::polyswarm
