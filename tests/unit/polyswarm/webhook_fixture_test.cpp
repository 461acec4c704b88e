// SPDX-License-Identifier: MIT
// The fixture of the webhook's tests, and that a request of its is what it says.
#include "host/bounty/signature.hpp"
#include "webhook_support.hpp"

namespace microengine::polyswarm {

std::string signature_of(std::string_view body, std::string_view secret) {
    return bounty::sign(body, bounty::Secret(std::string(secret)));
}

std::string to_bytes(const Asking& asking) {
    std::string out = asking.method + " " + asking.path + " HTTP/1.1\r\nHost: localhost\r\n" + asking.fields;
    const auto add = [&out](std::string_view name, std::string_view value) {
        out.append(name).append(": ").append(value).append("\r\n");
    };
    if (!asking.event.empty()) add("X-POLYSWARM-EVENT", asking.event);
    if (asking.signature)
        add("X-POLYSWARM-SIGNATURE", *asking.signature);
    else if (!asking.secret.empty())
        add("X-POLYSWARM-SIGNATURE", signature_of(asking.body, asking.secret));
    if (!asking.type.empty()) add("Content-Type", asking.type);
    if (!asking.chunked) {
        add("Content-Length", std::to_string(asking.body.size()));
        return out + "\r\n" + asking.body;
    }
    add("Transfer-Encoding", "chunked");
    out += "\r\n";
    const std::size_t half = asking.body.size() / 2;
    for (const std::string& part : {asking.body.substr(0, half), asking.body.substr(half)}) {
        constexpr std::string_view digits = "0123456789abcdef";
        std::string size;
        for (std::size_t rest = part.size(); rest > 0; rest /= 16) size.insert(0, 1, digits[rest % 16]);
        if (!part.empty()) out += size + "\r\n" + part + "\r\n";
    }
    return out + "0\r\n\r\n";
}

std::string text_of(const support::Reply& reply) { return std::to_string(reply.status) + " " + reply.body; }

WebhookTest::WebhookTest() {
    add_engine("main", "/polyswarm", kSecret);
    add_engine("other", "/swarm/other", "the other engine's secret");
}

WebhookTest::~WebhookTest() {
    if (!server_) return;
    server_->stop_accepting();
    (void)server_->drain(std::chrono::steady_clock::now() + support::kPatience);
    server_.reset();
}

void WebhookTest::add_engine(const std::string& name, const std::string& path, std::string_view secret) {
    bounty::EngineSettings engine;
    engine.name = name;
    engine.path = path;
    engine.secret_file = dir / name;
    support::write_file(engine.secret_file, secret);
    engines.push_back(std::make_unique<Engine>(engine));
    EXPECT_TRUE(engines.back()->read_secrets());
}

void WebhookTest::set_secret(std::string_view secret) {
    support::write_file(dir / "main", secret);
    EXPECT_TRUE(engines.front()->read_secrets());
}

void WebhookTest::start() {
    webhook_ =
        std::make_unique<Webhook>(settings, engines, [this](Arrival arrival, http::Mount::Answer done) {
            {
                const std::scoped_lock lock(mutex_);
                arrivals_.push_back(std::move(arrival));
            }
            done(accepted_response());
        });
    net::Inherited inherited;
    const std::vector<std::string> addresses{(dir / "http.sock").native()};
    auto listeners = net::listen_on(addresses, {}, inherited);
    ASSERT_TRUE(listeners) << listeners.error().text();
    auto started = http::HttpServer::start({.settings = http_settings,
                                            .service = service_,
                                            .operations = operations_,
                                            .room = std::make_shared<intake::SpoolRoom>(1U << 20, ""),
                                            .mount = webhook_.get()},
                                           *std::move(listeners));
    ASSERT_TRUE(started) << started.error().text();
    server_ = *std::move(started);
}

support::Reply WebhookTest::ask(std::string_view bytes, bool head) const {
    support::Client asking = client();
    return asking.send(bytes).reply(head);
}

std::vector<Arrival> WebhookTest::arrivals() {
    const std::scoped_lock lock(mutex_);
    return arrivals_;
}

namespace {

TEST(AskingTest, HasItsBodyInTwoChunks) {
    const std::string bytes =
        to_bytes({.event = "", .type = "", .body = "hello", .secret = "", .chunked = true});
    EXPECT_EQ(bytes,
              "POST /polyswarm HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
              "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n");
}

}   // namespace
}   // namespace microengine::polyswarm
