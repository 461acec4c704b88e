// SPDX-License-Identifier: MIT
// What the tests of the clamd server share.
#include "tests/unit/clamd/clamd_fixture.hpp"

#include "host/net/listen.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/time.h>

#include <array>
#include <cstring>

namespace microengine::clamd {

namespace {

engine::Behaviour obeys(Gate& gate, std::atomic<int>& scanned) {
    return [&gate, &scanned](const plugin::ScanRequest& request, core::ScanResult& out) {
        const auto bytes = request.artifact->bytes;
        const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        ++scanned;
        if (text.contains("hold")) gate.wait();
        out.outcome = core::Outcome::completed;
        out.verdict = core::Verdict::benign;
        if (text.contains("unknown")) {
            out.outcome = core::Outcome::failed;
            out.reason = core::Reason::plugin_error;
            out.verdict = core::Verdict::unknown;
        }
        const bool malicious = text.contains("malicious");
        if (!malicious && !text.contains("suspicious")) return;
        out.verdict = malicious ? core::Verdict::malicious : core::Verdict::suspicious;
        const auto detect = [&](const char* name) {
            core::Detection& detection = out.detections.emplace_back();
            detection.name = name;
            detection.verdict = out.verdict;
        };
        detect("Bad Thing: (1)");
        if (text.contains("twice")) detect("Other");
    };
}

}   // namespace

Client::Client(int fd) : fd_(fd) {
    const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
    EXPECT_EQ(::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
}

void Client::send_with(std::string_view bytes, const std::vector<int>& descriptors) const {
    iovec piece{.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * 4)> control{};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(sizeof(int) * descriptors.size());
    cmsghdr* const part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof(int) * descriptors.size());
    std::memcpy(CMSG_DATA(part), descriptors.data(), sizeof(int) * descriptors.size());
    EXPECT_EQ(::sendmsg(fd_.get(), &message, MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
}

std::string Client::rest() const {
    std::string all;
    std::array<char, 4096> piece{};
    for (;;) {
        const ssize_t got = ::recv(fd_.get(), piece.data(), piece.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        EXPECT_GE(got, 0) << (errno == EAGAIN ? "nothing came" : "reset: what was not read yet is lost");
        if (got <= 0) return all;
        all.append(piece.data(), static_cast<std::size_t>(got));
    }
}

std::string Client::take(std::size_t bytes) const {
    std::string all(bytes, '\0');
    const ssize_t got = ::recv(fd_.get(), all.data(), bytes, MSG_WAITALL);
    all.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return all;
}

ServerTest::ServerTest() {
    std::string name = (std::filesystem::temp_directory_path() / "microengine-clamd-XXXXXX").native();
    here = ::mkdtemp(name.data());
    settings.listen = {(here / "clamd.sock").native(), "127.0.0.1:0"};
    settings.roots = {here};
    // No test waits for these unless it says so.
    settings.command_timeout = settings.read_timeout = settings.fd_wait_timeout = std::chrono::minutes(10);
    settings.linger = std::chrono::milliseconds(1);
}

ServerTest::~ServerTest() { std::filesystem::remove_all(here); }

ClamdTest::~ClamdTest() {
    gate.open();
    if (service) {
        service->cancel();
        service->drain();
    }
    server.reset();
}

void ClamdTest::start() {
    service =
        std::make_unique<engine::LiveEngine>(engine::generation({obeys(gate, scanned)}),
                                             engine::EngineSettings{.slots = slots, .queue_capacity = queue});
    start_with(*service);
}

void ServerTest::start_with(engine::ScanService& service) {
    net::Inherited none;
    auto listeners = net::listen_on(settings.listen, {}, none);
    ASSERT_TRUE(listeners.has_value()) << listeners.error().text();
    for (const net::Listener& listener : *listeners)
        if (!listener.unix_socket) port = listener.endpoint.port;
    auto started =
        ClamdServer::start({.settings = settings, .service = service, .operations = operations, .room = room},
                           *std::move(listeners));
    ASSERT_TRUE(started.has_value()) << started.error().text();
    server = *std::move(started);
}

Client ServerTest::connect() const {
    Client client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    settings.listen.front().copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    EXPECT_EQ(::connect(client.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return client;
}

Client ServerTest::connect_tcp() const {
    Client client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(client.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return client;
}

std::string ServerTest::ask(std::string_view bytes) const {
    const Client client = connect();
    client.send(bytes);
    client.half_close();
    return client.rest();
}

std::string ServerTest::ask_tcp(std::string_view bytes) const {
    const Client client = connect_tcp();
    client.send(bytes);
    client.half_close();
    return client.rest();
}

std::string ServerTest::write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((here / name).parent_path());
    std::ofstream(here / name) << text;
    return (here / name).native();
}

std::string chunk(std::string_view bytes) {
    const auto size = htonl(static_cast<std::uint32_t>(bytes.size()));
    std::string out(sizeof size, '\0');
    std::memcpy(out.data(), &size, sizeof size);
    return out + std::string(bytes);
}

std::string stream(const std::vector<std::string>& chunks, char form) {
    std::string out = form == 'z' ? "zINSTREAM\0"s : "nINSTREAM\n"s;
    for (const std::string& bytes : chunks) out += chunk(bytes);
    return out + chunk("");
}

}   // namespace microengine::clamd
