// SPDX-License-Identifier: MIT
// Spellings of one request, PolySwarm's vectors, and secrets that change.
#include "tests/unit/bounty/vectors.hpp"
#include "webhook_support.hpp"

namespace microengine::polyswarm {

namespace {

using support::Client;
using support::Reply;
using testing::HasSubstr;
using testing::Not;

TEST_F(WebhookTest, EverySignedVector_GetsItsStatus) {
    start();
    std::size_t accepted = 0;
    for (const auto& vector : bounty::vectors("hmac")) {
        set_secret(vector.at("secret").get<std::string>());
        const Reply reply = ask({.event = vector.at("event").get<std::string>(),
                                 .body = bounty::body_of(vector),
                                 .signature = vector.at("signature").get<std::string>()});
        EXPECT_EQ(reply.status, vector.at("status")) << vector << reply.body;
        accepted += reply.status == 202 ? 1 : 0;
    }
    EXPECT_EQ(count_arrivals(), accepted);
    EXPECT_GE(accepted, 6);
}

TEST_F(WebhookTest, EveryRejectedVector_GetsItsStatus) {
    start();
    const auto entries = bounty::vectors("hmac");
    for (const auto& vector : bounty::vectors("hmac_reject")) {
        const auto entry = std::ranges::find_if(
            entries, [&](const auto& one) { return one.at("name") == vector.at("body_of"); });
        ASSERT_NE(entry, entries.end());
        set_secret(vector.at("secret").get<std::string>());
        Asking asking{.body = bounty::body_of(*entry)};
        asking.signature = bounty::text_or_none(vector.at("header"));
        if (!asking.signature) asking.secret = "";
        const Reply reply = ask(asking);
        EXPECT_EQ(reply.status, vector.at("status")) << vector;
        EXPECT_THAT(reply.body, HasSubstr("X-POLYSWARM-SIGNATURE")) << vector;
    }
    EXPECT_EQ(count_arrivals(), 0);
}

TEST_F(WebhookTest, TheRawRequestOfTheVectors_IsAccepted) {
    add_engine("root", "/", "qwertyuiop");
    start();
    Client client = this->client();
    EXPECT_EQ(text_of(client.send(bounty::file_beside("bounty.http")).reply()),
              R"(202 {"status":"ACCEPTED"})");
    EXPECT_TRUE(client.ended());   // as it asked for
    const auto taken = arrivals();
    ASSERT_EQ(taken.size(), 1);
    EXPECT_EQ(taken[0].engine->settings.name, "root");
    EXPECT_EQ(taken[0].delivery, "6f6f0b9e-0000-4000-8000-000000000001");
    EXPECT_EQ(taken[0].body.size(), 505);
}

TEST_F(WebhookTest, NamesOfFieldsAndEventsHaveNoCase) {
    start();
    const std::string signature = signature_of(kBounty, kSecret);
    const auto with = [&](const std::string& event, const std::string& name, const std::string& type) {
        return "POST /polyswarm HTTP/1.1\r\nhost: a\r\n" + event + "\r\n" + name + signature + "\r\n" + type +
               "\r\ncontent-length: " + std::to_string(kBounty.size()) + "\r\n\r\n" + std::string(kBounty);
    };
    for (const std::string& bytes :
         {with("x-polyswarm-event: BOUNTY", "x-polyswarm-signature: ", "content-type: application/json"),
          with("X-PolySwarm-Event: Bounty", "X-Polyswarm-Signature: ", "CONTENT-TYPE: APPLICATION/JSON"),
          with("X-POLYSWARM-EVENT:bounty", "X-POLYSWARM-SIGNATURE:", "Content-Type:application/json"),
          with("X-POLYSWARM-EVENT: \t bounty \t", "X-POLYSWARM-SIGNATURE: \t ",
               "Content-Type: application/json\t")})
        EXPECT_EQ(ask(bytes).status, 202) << bytes;
}

TEST_F(WebhookTest, ChunksAreSignedAsWhatTheyMake) {
    start();
    EXPECT_EQ(ask({.chunked = true}).status, 202);
    EXPECT_EQ(ask({.event = "ping", .type = "", .body = "", .chunked = true}).status, 200);
    EXPECT_EQ(ask({.secret = "another", .chunked = true}).status, 401);
    ASSERT_EQ(count_arrivals(), 1);
    EXPECT_EQ(arrivals()[0].body, kBounty);
}

TEST_F(WebhookTest, WhoAsksBeforeSendingABody_IsToldToGoOn) {
    start();
    const std::string bytes = to_bytes({.fields = "Expect: 100-continue\r\n"});
    Client client = this->client();
    client.send(std::string_view(bytes).substr(0, bytes.find("\r\n\r\n") + 4));
    EXPECT_EQ(client.reply().status, 100);
    EXPECT_EQ(client.send(kBounty).reply().status, 202);
}

TEST_F(WebhookTest, OneConnectionServesMany) {
    start();
    Client client = this->client();
    client.send(to_bytes(Asking{}) + to_bytes({.event = "ping", .body = ""}) + to_bytes({.secret = ""}) +
                to_bytes(Asking{}));
    for (const int status : {202, 200, 400, 202}) EXPECT_EQ(client.reply().status, status);
}

TEST_F(WebhookTest, EachEngineHasItsSecretAndPath) {
    start();
    const std::string other(" the other engine's secret", 1, std::string::npos);
    EXPECT_EQ(ask({.path = "/swarm/other", .secret = other}).status, 202);
    EXPECT_EQ(ask({.path = "/polyswarm", .secret = other}).status, 401);
    EXPECT_EQ(ask({.path = "/swarm/other"}).status, 401);
    ASSERT_EQ(count_arrivals(), 1);
    EXPECT_EQ(arrivals()[0].engine->settings.name, "other");
}

TEST_F(WebhookTest, WhileASecretChanges_BothAreTaken) {
    bounty::EngineSettings rotating;
    rotating.name = "rotating";
    rotating.path = "/rotating";
    rotating.secret_file = dir / "current";
    rotating.previous_secret_file = dir / "previous";
    support::write_file(rotating.secret_file, "the new secret, 1\n");
    support::write_file(rotating.previous_secret_file, "the old secret, 0\r\n");
    engines.push_back(std::make_unique<Engine>(rotating));
    Engine& engine = *engines.back();
    ASSERT_TRUE(engine.read_secrets());
    start();
    const auto status = [this](const std::string& secret) {
        return ask({.path = "/rotating", .event = "ping", .body = "", .secret = secret}).status;
    };
    const std::string metric = "polyswarm_previous_secret_total{engine=rotating}";
    EXPECT_EQ(status("the new secret, 1"), 200);
    EXPECT_EQ(record.number(metric), 0);
    EXPECT_EQ(status("the old secret, 0"), 200);
    EXPECT_EQ(record.number(metric), 1);
    EXPECT_EQ(status("some third secret"), 401);

    support::write_file(rotating.secret_file, "the newest secret");
    EXPECT_EQ(status("the newest secret"), 401);   // it has not been read yet
    ASSERT_TRUE(engine.read_secrets());
    EXPECT_EQ(status("the newest secret"), 200);
    EXPECT_EQ(status("the new secret, 1"), 401);

    support::write_file(rotating.secret_file, "\n");
    EXPECT_FALSE(engine.read_secrets());
    EXPECT_EQ(status("the newest secret"), 200);   // nothing has changed
    EXPECT_EQ(status("the old secret, 0"), 200);

    support::write_file(rotating.secret_file, "another one again");
    support::write_file(rotating.previous_secret_file, "\n");   // the change is over
    EXPECT_TRUE(engine.read_secrets());
    EXPECT_EQ(status("another one again"), 200);
    EXPECT_EQ(status("the old secret, 0"), 401);
    // An empty file is no secret, not an empty one: this is the HMAC of nothing under nothing.
    const std::string hollow = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
    EXPECT_EQ(ask({.path = "/rotating", .event = "ping", .body = "", .signature = hollow}).status, 401);
    std::filesystem::remove(rotating.previous_secret_file);
    EXPECT_TRUE(engine.read_secrets());
}

TEST_F(WebhookTest, WhoHasNotSignedYet_CannotFillTheMemory) {
    settings.max_body_bytes = 1024;
    start();
    std::vector<support::Client> strangers;
    const std::string all_but_one =
        "POST /polyswarm HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1024\r\n\r\n" +
        std::string(1023, 'x');
    for (int i = 0; i < 64; ++i) {
        strangers.push_back(client());
        strangers.back().send(all_but_one);
    }
    const auto ask_until = [this](int wanted) {   // the server reads, and sees an end, when it comes to it
        const auto last = std::chrono::steady_clock::now() + support::kPatience;
        support::Reply reply;
        while (reply.status != wanted && std::chrono::steady_clock::now() < last) reply = ask(to_bytes({}));
        EXPECT_EQ(reply.status, wanted);
        return reply;
    };
    EXPECT_EQ(ask_until(503).field("retry-after"), "1");
    strangers.clear();
    ask_until(202);
}

TEST_F(WebhookTest, ADeliveryIdIsForTheLogOnly) {
    start();
    const std::string_view raw = "\xff\t\xe2\x80\xae";
    EXPECT_EQ(ask({.fields = "X-POLYSWARM-DELIVERY: " + std::string(200, 'd') + "\r\n"}).status, 202);
    EXPECT_EQ(ask({.fields = "X-POLYSWARM-DELIVERY: " + std::string(raw) + std::string(100, '\xff') + "\r\n"})
                  .status,
              202);
    EXPECT_EQ(ask({.fields = "X-POLYSWARM-DELIVERY: a\r\nX-POLYSWARM-DELIVERY: b\r\n"}).status, 202);
    const auto taken = arrivals();
    ASSERT_EQ(taken.size(), 3);
    EXPECT_EQ(taken[0].delivery, std::string(64, 'd'));
    EXPECT_LE(taken[1].delivery.size(), 64);
    EXPECT_TRUE(std::ranges::all_of(taken[1].delivery, [](char c) { return c >= ' ' && c <= '~'; }))
        << taken[1].delivery;
    EXPECT_EQ(taken[2].delivery, "");
}

TEST_F(WebhookTest, RequestsAreCounted) {
    start();
    const auto number = [this](std::string_view labels) {
        return record.number("polyswarm_webhooks_total{" + std::string(labels) + "}");
    };
    const double accepted = number("engine=main,event=bounty,status=202");
    const double pings = number("engine=main,event=ping,status=200");
    const double refused = number("engine=other,event=bounty,status=401");
    const double large = number("engine=,event=other,status=413");
    const double missing = record.number("polyswarm_signature_failures_total{reason=missing}");
    const double malformed = record.number("polyswarm_signature_failures_total{reason=malformed}");
    const double mismatch = record.number("polyswarm_signature_failures_total{reason=mismatch}");
    EXPECT_EQ(ask(Asking{}).status, 202);
    EXPECT_EQ(ask({.event = "ping"}).status, 200);
    EXPECT_EQ(ask({.path = "/swarm/other"}).status, 401);
    EXPECT_EQ(ask({.body = std::string(settings.max_body_bytes + 1, 'x')}).status, 413);
    EXPECT_EQ(ask({.secret = ""}).status, 400);
    EXPECT_EQ(ask({.signature = "x"}).status, 401);
    EXPECT_EQ(number("engine=main,event=bounty,status=202"), accepted + 1);
    EXPECT_EQ(number("engine=main,event=ping,status=200"), pings + 1);
    EXPECT_EQ(number("engine=other,event=bounty,status=401"), refused + 1);
    EXPECT_EQ(number("engine=,event=other,status=413"), large + 1);
    EXPECT_EQ(record.number("polyswarm_signature_failures_total{reason=missing}"), missing + 1);
    EXPECT_EQ(record.number("polyswarm_signature_failures_total{reason=malformed}"), malformed + 1);
    EXPECT_EQ(record.number("polyswarm_signature_failures_total{reason=mismatch}"), mismatch + 1);
}

TEST_F(WebhookTest, NoSecretIsLogged) {
    start();
    const std::size_t before = record.lines().size();
    (void)ask({.secret = "another"});
    (void)ask({.secret = ""});
    (void)ask(
        {.body =
             R"({"id":7,"artifact_uri":"http://h/p?nonce=n0nce","response_url":"http://a b/?nonce=n0nce"})"});
    (void)ask({.body = R"({"id":7,"response_url":"n0nce)"});
    const auto lines = record.lines();
    EXPECT_GT(lines.size(), before);
    for (std::size_t i = before; i < lines.size(); ++i) {
        EXPECT_THAT(lines[i], Not(HasSubstr("n0nce")));
        EXPECT_THAT(lines[i], Not(HasSubstr(kSecret)));
        EXPECT_THAT(lines[i], Not(HasSubstr(signature_of(kBounty, kSecret))));
    }
}

}   // namespace
}   // namespace microengine::polyswarm
