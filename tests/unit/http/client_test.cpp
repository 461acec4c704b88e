// SPDX-License-Identifier: MIT
// The server under test, and that its client sees what is there.
#include "http_support.hpp"

namespace microengine::http {

std::string form(const std::vector<std::pair<std::string, std::string>>& parts) {
    std::string out;
    for (const auto& [name, bytes] : parts)
        out += "--x-y\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name + "\"\r\n\r\n" +
               bytes + "\r\n";
    return out + "--x-y--\r\n";
}

core::HttpSettings with(const std::function<void(core::HttpSettings&)>& change) {
    core::HttpSettings settings;
    change(settings);
    return settings;
}

Running::Running(core::HttpSettings settings, std::uint64_t room_bytes,
                 const std::filesystem::path& spool_dir)
    : room(std::make_shared<intake::SpoolRoom>(room_bytes, spool_dir)) {
    (void)Record::the();   // before there are threads
    net::Inherited inherited;
    const std::vector<std::string> addresses{(dir / "http.sock").native(), "127.0.0.1:0"};
    auto listeners = net::listen_on(addresses, {}, inherited);
    if (!listeners) throw std::runtime_error(listeners.error().text());
    port = (*listeners)[1].endpoint.port;
    auto started = HttpServer::start(
        {.settings = std::move(settings), .service = service, .operations = operations, .room = room},
        *std::move(listeners));
    if (!started) throw std::runtime_error(started.error().text());
    server = *std::move(started);
}

Running::~Running() {
    server->stop_accepting();
    service.let_go();
    (void)server->drain(std::chrono::steady_clock::now() + kPatience);
    service.await_all();
    server.reset();
}

bool Running::wait_until_connections(int count) const {
    return Record::the().await("http_connections", [count](double now) { return now == count; });
}

Reply Running::ask(std::string_view bytes, bool head) const {
    Client client = unix_client();
    return client.send(bytes).reply(head);
}

namespace {

TEST(ClientTest, OfNobodyThere_IsNotConnected) {
    const TempDir dir;
    EXPECT_FALSE(Client(dir / "none.sock").connected());
}

}   // namespace
}   // namespace microengine::http
