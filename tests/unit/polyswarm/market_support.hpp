// SPDX-License-Identifier: MIT
#pragma once
// A market in process: an engine and a marketplace written here, a real journal, real sockets on loopback.

#include "host/frontends/polyswarm/journal.hpp"
#include "host/frontends/polyswarm/market.hpp"
#include "tests/support/fake_service.hpp"
#include "tests/support/local_server.hpp"
#include "tests/support/record.hpp"
#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::polyswarm {

using namespace std::chrono_literals;

/// Where artifacts lie and replies arrive. Paths are without their query.
class Marketplace {
public:
    Marketplace();
    ~Marketplace();
    Marketplace(const Marketplace&) = delete;
    Marketplace& operator=(const Marketplace&) = delete;

    [[nodiscard]] std::string url(std::string_view path) const { return server_.url(path); }
    /// The whole answer to a GET of that path; others are 404.
    void serve(const std::string& path, std::string answer);
    /// To what is posted there, in turn; an empty one: the connection is cut. Then 200.
    void answer(const std::string& path, std::vector<std::string> answers);
    /// Answers wait from now on until they are let go; requests are seen all the same.
    void hold(const std::string& path);
    void let_go(const std::string& path);

    /// Bodies, in the order in which they came.
    [[nodiscard]] std::vector<std::string> posts(const std::string& path) const;
    /// Until so many have come.
    std::vector<std::string> await_posts(const std::string& path, std::size_t count = 1);
    [[nodiscard]] std::size_t gets(const std::string& path) const;
    void await_gets(const std::string& path, std::size_t count = 1);
    /// The paths of GETs, in the order in which they came.
    [[nodiscard]] std::vector<std::string> order() const;
    [[nodiscard]] std::vector<std::string> requests() const { return server_.requests(); }

private:
    void serve_one(support::Peer& peer);
    [[nodiscard]] std::string answer_to(const std::string& request);

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, std::string> artifacts_;
    std::map<std::string, std::vector<std::string>> answers_;
    std::map<std::string, std::vector<std::string>> posts_;
    std::vector<std::string> gets_;
    std::set<std::string> held_;
    bool ending_ = false;
    support::LocalServer server_;
};

/// "HTTP/1.1 500 x", with fields ("A: b\r\n") and without a body.
[[nodiscard]] std::string status_line(int status, std::string_view fields = {});

/// What a bounty says.
struct Wish {
    std::string id = "1";   ///< the JSON token
    std::string uri = {};   ///< empty: /artifact of the marketplace
    std::string type = "file";
    std::string phase = "assertion";
    std::chrono::milliseconds left = 60s;
    std::string reply_to = {};   ///< empty: /replies/<id>?nonce=n0nce
    std::string extra = {};      ///< more members: `"sha256":"…"`
};

class MarketTest : public testing::Test {
protected:
    MarketTest();
    /// Stops, and looks whether a nonce has been logged.
    ~MarketTest() override;

    void start();
    /// Everything that is owed is replied to; scans that are held are let go.
    void stop();
    /// Leaves what is open in the journal. Scans that are held are let go, too late.
    void leave();
    /// True: nothing was left.
    bool drain(std::chrono::milliseconds patience);

    [[nodiscard]] std::string bounty(const Wish& wish) const;
    /// The answer, which is on its way as long as it lives.
    [[nodiscard]] http::Response deliver(const std::string& body, const std::string& path = "/polyswarm");
    /// Its status.
    unsigned post(const Wish& wish) { return deliver(bounty(wish)).status; }
    /// The first reply to it.
    [[nodiscard]] nlohmann::json reply_to(const std::string& id);
    [[nodiscard]] std::vector<std::string> replies_to(const std::string& id) const {
        return marketplace.posts("/replies/" + id);
    }
    /// verdict, bid and first comment: "unknown 0 SKIPPED".
    [[nodiscard]] std::string gist_of(const std::string& id);
    /// By the id of the bounty.
    [[nodiscard]] std::map<std::string, JournalRow> rows() const;
    /// What its thread was asked before this has been done.
    void let_it_work() {
        EXPECT_TRUE(market->answers(std::chrono::steady_clock::now() + support::kPatience));
    }
    [[nodiscard]] double number(const std::string& metric) const { return record.number(metric); }
    [[nodiscard]] bool was_logged(std::string_view text) const;

    support::Record& record = support::Record::the();
    std::size_t lines_before = record.lines().size();
    support::TempDir dir;
    Marketplace marketplace;
    support::FakeService service;
    bounty::MarketSettings settings;
    std::shared_ptr<intake::SpoolRoom> room = std::make_shared<intake::SpoolRoom>(64U << 20, "");
    std::unique_ptr<Market> market;
};

}   // namespace microengine::polyswarm
