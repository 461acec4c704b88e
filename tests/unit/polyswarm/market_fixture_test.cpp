// SPDX-License-Identifier: MIT
// The fixture of the market's tests, and that it sees what happens.
#include "host/bounty/bounty.hpp"
#include "host/bounty/signature.hpp"
#include "market_support.hpp"

#include <algorithm>
#include <ctime>
#include <future>

namespace microengine::polyswarm {

namespace {

constexpr std::string_view kSecret = "a secret of the tests";

/// ISO 8601, with milliseconds.
std::string timestamp(std::chrono::milliseconds from_now) {
    using std::chrono::milliseconds;
    const auto at =
        std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()) +
        from_now;
    const std::time_t seconds = at / 1s;
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::string text(64, '\0');
    text.resize(std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.", &parts));
    const std::string digits = std::to_string((at % 1s).count());
    return text + std::string(3 - digits.size(), '0') + digits + "Z";
}

}   // namespace

Marketplace::Marketplace() : server_([this](support::Peer& peer) { serve_one(peer); }) {}

Marketplace::~Marketplace() {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
    changed_.notify_all();
}

void Marketplace::serve_one(support::Peer& peer) {
    for (;;) {
        const std::string request = peer.request();
        if (request.empty()) return;
        const std::string answer = answer_to(request);
        if (answer.empty()) return peer.vanish();
        if (!peer.send(answer)) return;
    }
}

std::string Marketplace::answer_to(const std::string& request) {
    const std::size_t blank = request.find(' ');
    const std::string path = request.substr(blank + 1, request.find_first_of(" ?", blank + 1) - blank - 1);
    std::unique_lock lock(mutex_);
    const bool is_get = request.starts_with("GET ");
    if (is_get)
        gets_.push_back(path);
    else
        posts_[path].push_back(request.substr(request.find("\r\n\r\n") + 4));
    changed_.notify_all();
    changed_.wait(lock, [&] { return ending_ || !held_.contains(path); });
    if (is_get) return artifacts_.contains(path) ? artifacts_[path] : status_line(404);
    std::vector<std::string>& answers = answers_[path];
    if (answers.empty()) return support::ok("{}");
    std::string answer = answers.front();
    answers.erase(answers.begin());
    return answer;
}

void Marketplace::serve(const std::string& path, std::string answer) {
    const std::scoped_lock lock(mutex_);
    artifacts_[path] = std::move(answer);
}

void Marketplace::answer(const std::string& path, std::vector<std::string> answers) {
    const std::scoped_lock lock(mutex_);
    answers_[path] = std::move(answers);
}

void Marketplace::hold(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    held_.insert(path);
}

void Marketplace::let_go(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    held_.erase(path);
    changed_.notify_all();
}

std::vector<std::string> Marketplace::posts(const std::string& path) const {
    const std::scoped_lock lock(mutex_);
    const auto found = posts_.find(path);
    return found == posts_.end() ? std::vector<std::string>{} : found->second;
}

std::vector<std::string> Marketplace::await_posts(const std::string& path, std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, support::kPatience, [&] { return posts_[path].size() >= count; }))
        << "no reply at " << path;
    return posts_[path];
}

std::size_t Marketplace::gets(const std::string& path) const {
    const std::scoped_lock lock(mutex_);
    return static_cast<std::size_t>(std::ranges::count(gets_, path));
}

void Marketplace::await_gets(const std::string& path, std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(
        changed_.wait_for(lock, support::kPatience,
                          [&] { return static_cast<std::size_t>(std::ranges::count(gets_, path)) >= count; }))
        << "nobody gets " << path;
}

std::vector<std::string> Marketplace::order() const {
    const std::scoped_lock lock(mutex_);
    return gets_;
}

std::string status_line(int status, std::string_view fields) {
    return "HTTP/1.1 " + std::to_string(status) + " x\r\n" + std::string(fields) +
           "Content-Length: 0\r\n\r\n";
}

MarketTest::MarketTest() {
    bounty::EngineSettings engine;
    engine.name = "main";
    engine.secret_file = dir / "secret";
    support::write_file(engine.secret_file, kSecret);
    settings.engines.push_back(engine);
    settings.journal = dir / "journal.db";
    settings.fetch.allow_hosts = {"127.0.0.1"};
    marketplace.serve("/artifact", support::ok("fine"));
    marketplace.serve("/evil", support::ok("evil"));
}

MarketTest::~MarketTest() {
    if (market) stop();
    EXPECT_FALSE(was_logged("n0nce"));
    EXPECT_FALSE(was_logged(kSecret));
}

void MarketTest::start() {
    auto opened = Market::open({.settings = settings, .service = service, .room = room});
    ASSERT_TRUE(opened) << opened.error().text();
    market = *std::move(opened);
    market->begin();
}

bool MarketTest::drain(std::chrono::milliseconds patience) {
    market->stop_accepting();
    return market->drain(std::chrono::steady_clock::now() + patience, support::kPatience);
}

void MarketTest::stop() {
    service.let_go();
    EXPECT_TRUE(drain(support::kPatience)) << "something is still owed";
    service.await_all();
    market.reset();
}

void MarketTest::leave() {
    (void)drain(0ms);
    service.let_go();
    service.await_all();
    market.reset();
}

std::string MarketTest::bounty(const Wish& wish) const {
    std::string plain = wish.id;
    std::erase(plain, '"');
    return R"({"id":)" + wish.id + R"(,"artifact_type":")" + wish.type + R"(","artifact_uri":")" +
           (wish.uri.empty() ? marketplace.url("/artifact?nonce=n0nce") : wish.uri) + R"(","expiration":")" +
           timestamp(wish.left) + R"(","phase":")" + wish.phase + R"(","response_url":")" +
           (wish.reply_to.empty() ? marketplace.url("/replies/" + plain + "?nonce=n0nce") : wish.reply_to) +
           "\"" + (wish.extra.empty() ? "" : "," + wish.extra) + "}";
}

http::Response MarketTest::deliver(const std::string& body, const std::string& path) {
    http::Mount::Request request{.path = path, .head = {}, .body = body, .peer = "a test"};
    request.head.method = "POST";
    request.head.fields = {
        {"x-polyswarm-event", "bounty"},
        {"content-type", "application/json"},
        {"x-polyswarm-delivery", "d-1"},
        {"x-polyswarm-signature", bounty::sign(body, bounty::Secret(std::string(kSecret)))},
    };
    std::promise<http::Response> promise;
    auto answer = promise.get_future();
    market->mount().answer(std::move(request),
                           [promise = std::move(promise)](http::Response response) mutable {
                               promise.set_value(std::move(response));
                           });
    if (answer.wait_for(support::kPatience) == std::future_status::ready) return answer.get();
    ADD_FAILURE() << "there is no answer";
    return {};
}

nlohmann::json MarketTest::reply_to(const std::string& id) {
    const auto bodies = marketplace.await_posts("/replies/" + id);
    return bodies.empty() ? nlohmann::json() : nlohmann::json::parse(bodies.front());
}

std::string MarketTest::gist_of(const std::string& id) {
    const nlohmann::json reply = reply_to(id);
    std::string gist = reply.value("verdict", "none");
    gist += reply.contains("bid") ? " " + reply["bid"].dump() : "";
    const nlohmann::json comments = reply["metadata"]["comments"];
    return comments.empty() ? gist : gist + " " + comments.front().get<std::string>();
}

std::map<std::string, JournalRow> MarketTest::rows() const {
    std::map<std::string, JournalRow> all;
    auto read = read_journal(settings.journal, {.most = 10'000});
    EXPECT_TRUE(read) << read.error().text();
    if (read)
        for (JournalRow& row : *read) {
            const auto parsed = bounty::parse_bounty(row.body, 0);
            all.emplace(parsed ? parsed->id : row.body, std::move(row));
        }
    return all;
}

bool MarketTest::was_logged(std::string_view text) const {
    const auto lines = record.lines();
    return std::any_of(lines.begin() + static_cast<std::ptrdiff_t>(lines_before), lines.end(),
                       [text](const std::string& line) { return line.contains(text); });
}

namespace {

TEST_F(MarketTest, TheMarketplace_SeesWhatIsAskedOfIt) {
    EXPECT_EQ(marketplace.gets("/artifact"), 0);
    start();
    EXPECT_EQ(post({}), 202);
    marketplace.await_gets("/artifact");
    EXPECT_EQ(reply_to("1").value("verdict", ""), "benign");
    EXPECT_FALSE(was_logged("n0nce"));
    EXPECT_TRUE(was_logged("redacted"));
}

}   // namespace
}   // namespace microengine::polyswarm
