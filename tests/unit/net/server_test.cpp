// SPDX-License-Identifier: MIT
// What every frontend's server does, whatever is said: lets in, counts, ends.
#include "host/net/server.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <new>
#include <optional>
#include <string>
#include <vector>

namespace microengine::net {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

/// Says hello, then waits for the client to say or end something.
class Greeting final : public Conversation {
public:
    explicit Greeting(Socket socket) : socket_(std::move(socket)) {}
    asio::awaitable<void> run() override {
        (void)!::write(socket_.native_handle(), "hello", 5);
        boost::system::error_code error;
        co_await socket_.async_wait(Socket::wait_read, asio::redirect_error(asio::use_awaitable, error));
    }
    void stop() override {
        boost::system::error_code ignored;
        if (ends_when_told) socket_.cancel(ignored);
    }
    void close() override {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }
    static inline std::atomic<bool> ends_when_told = true;

private:
    Socket socket_;
};

class ServerTest : public testing::Test {
protected:
    ServerTest() {
        std::string name = (std::filesystem::temp_directory_path() / "microengine-net-XXXXXX").native();
        here = ::mkdtemp(name.data());
        Greeting::ends_when_told = true;
    }
    ~ServerTest() override {
        server.reset();
        std::filesystem::remove_all(here);
    }
    ServerTest(const ServerTest&) = delete;
    ServerTest& operator=(const ServerTest&) = delete;

    void start(std::size_t most) {
        const std::vector<std::string> addresses{(here / "one").native(), (here / "two").native()};
        Inherited none;
        auto listeners = listen_on(addresses, {}, none);
        ASSERT_TRUE(listeners.has_value());
        server.emplace(Server::Parts{.io = io,
                                     .frontend = "test",
                                     .max_connections = most,
                                     .admits = [this](const Peer&) { return admits.load(); },
                                     .begin =
                                         [this](Socket socket, Peer, std::uint64_t) {
                                             if (no_memory.exchange(false)) throw std::bad_alloc();
                                             return std::make_shared<Greeting>(std::move(socket));
                                         },
                                     .stopping = [this] { stopping = true; }},
                       *std::move(listeners));
        server->start();
    }
    [[nodiscard]] util::UniqueFd connect(const char* name) const {
        util::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        (here / name).native().copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
        EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        return fd;
    }
    /// "" once the server has closed it.
    [[nodiscard]] static std::string heard(const util::UniqueFd& client) {
        std::array<char, 5> text{};
        const ssize_t got = ::recv(client.get(), text.data(), text.size(), MSG_WAITALL);
        return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
    }
    [[nodiscard]] static bool silent(const util::UniqueFd& client) {
        char byte = 0;
        return ::recv(client.get(), &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
    }

    std::filesystem::path here;
    std::atomic<bool> admits = true, no_memory = false, stopping = false;
    asio::io_context io{1};
    std::optional<Server> server;
};

TEST_F(ServerTest, AllAddressesTogetherHaveSoManyConnections) {
    start(1);
    const auto first = connect("one");
    EXPECT_EQ(heard(first), "hello");
    auto second = connect("two");
    ASSERT_TRUE(server->answers(steady_clock::now() + std::chrono::minutes(1)));
    EXPECT_TRUE(silent(second)) << "it waits";
    (void)!::write(first.get(), "x", 1);
    EXPECT_EQ(heard(second), "hello");
}

TEST_F(ServerTest, WhoIsNotAdmittedIsClosed) {
    start(10);
    admits = false;
    EXPECT_EQ(heard(connect("one")), "");
    admits = true;
    EXPECT_EQ(heard(connect("one")), "hello");
}

TEST_F(ServerTest, AConversationThatCannotBeginIsNotTheEndOfTheOthers) {
    start(1);
    no_memory = true;
    EXPECT_EQ(heard(connect("one")), "");
    EXPECT_EQ(heard(connect("one")), "hello") << "and it takes no place";
}

TEST_F(ServerTest, DrainsOnceAllHaveEndedAndNobodyElseIsLetIn) {
    start(10);
    const auto client = connect("one");
    EXPECT_EQ(heard(client), "hello");
    EXPECT_TRUE(server->drain(steady_clock::now() + std::chrono::minutes(1)));
    EXPECT_TRUE(stopping);
    EXPECT_EQ(heard(client), "");
    EXPECT_FALSE(std::filesystem::exists(here / "one")) << "its paths are gone";
}

TEST_F(ServerTest, WhoeverIsLeftAtTheEndIsClosed) {
    Greeting::ends_when_told = false;
    start(10);
    const auto client = connect("one");
    EXPECT_EQ(heard(client), "hello");
    EXPECT_FALSE(server->drain(steady_clock::now()));
    EXPECT_EQ(heard(client), "");
}

TEST_F(ServerTest, OneThatNeverBeganLeavesNoPaths) {
    const std::vector<std::string> addresses{(here / "one").native()};
    Inherited none;
    auto listeners = listen_on(addresses, {}, none);
    ASSERT_TRUE(listeners.has_value());
    server.emplace(Server::Parts{.io = io, .frontend = "test", .admits = {}, .begin = {}, .stopping = {}},
                   *std::move(listeners));
    server.reset();
    EXPECT_FALSE(std::filesystem::exists(here / "one"));
}

}   // namespace
}   // namespace microengine::net
