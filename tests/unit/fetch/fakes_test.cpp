// SPDX-License-Identifier: MIT
// The resolver of the client's tests.
#include "fetch_support.hpp"
#include "host/util/endpoint.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cctype>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>

namespace microengine::fetch {

namespace {

struct Name {
    std::vector<std::string> addresses;
    std::size_t fails = 0;
    std::size_t asked = 0;
    bool held = false;
};
struct Known {
    std::mutex mutex;
    std::condition_variable changed;
    std::map<std::string, Name> names;
};
/// Outlives the threads in which libcurl resolves.
Known& known() {
    static auto* all = new Known;   // never deleted
    return *all;
}

struct Result {
    addrinfo info{};
    sockaddr_storage address{};
};

addrinfo* result_of(const std::string& text, std::uint16_t port) {
    const auto network = util::parse_network(text);
    if (!network) return nullptr;
    auto* result = new Result;
    result->info.ai_socktype = SOCK_STREAM;
    result->info.ai_protocol = IPPROTO_TCP;
    result->info.ai_addr = reinterpret_cast<sockaddr*>(&result->address);
    if (IN6_IS_ADDR_V4MAPPED(&network->address)) {
        sockaddr_in four{};
        four.sin_family = AF_INET;
        four.sin_port = htons(port);
        std::memcpy(&four.sin_addr, network->address.s6_addr + 12, sizeof four.sin_addr);
        std::memcpy(&result->address, &four, sizeof four);
        result->info.ai_addrlen = sizeof four;
    } else {
        sockaddr_in6 six{};
        six.sin6_family = AF_INET6;
        six.sin6_port = htons(port);
        six.sin6_addr = network->address;
        std::memcpy(&result->address, &six, sizeof six);
        result->info.ai_addrlen = sizeof six;
    }
    result->info.ai_family = result->address.ss_family;
    return &result->info;
}

}   // namespace

void Names::set(const std::string& name, std::vector<std::string> addresses) {
    const std::scoped_lock lock(known().mutex);
    known().names[name] = {.addresses = std::move(addresses), .fails = 0, .asked = 0, .held = false};
}

void Names::fail_first(const std::string& name, std::size_t times) {
    const std::scoped_lock lock(known().mutex);
    known().names[name].fails = times;
}

void Names::hold(const std::string& name) {
    const std::scoped_lock lock(known().mutex);
    known().names[name].held = true;
}

void Names::let_go(const std::string& name) {
    const std::scoped_lock lock(known().mutex);
    known().names[name].held = false;
    known().changed.notify_all();
}

std::size_t Names::asked(const std::string& name) {
    const std::scoped_lock lock(known().mutex);
    return known().names[name].asked;
}

ClientSettings settings_for_tests() {
    ClientSettings settings;
    const std::vector<std::string> allowed{"127.0.0.1"};
    settings.guard = *AddressGuard::make(allowed);
    return settings;
}

std::shared_ptr<intake::SpoolRoom> new_room(std::uint64_t bytes) {
    return std::make_shared<intake::SpoolRoom>(bytes, std::filesystem::path());
}

Get get_of(std::string url, std::uint64_t most_bytes) {
    Get request;
    request.url = std::move(url);
    request.deadline = core::Deadline::after(kPatience);
    request.most_bytes = most_bytes;
    return request;
}

std::future<GetAnswer> begin(Client& client, Get request) {
    std::promise<GetAnswer> promise;
    auto future = promise.get_future();
    client.get(std::move(request), [promise = std::move(promise)](GetAnswer answer) mutable {
        promise.set_value(std::move(answer));
    });
    return future;
}

std::future<PostAnswer> begin(Client& client, Post request) {
    std::promise<PostAnswer> promise;
    auto future = promise.get_future();
    client.post(std::move(request), [promise = std::move(promise)](PostAnswer answer) mutable {
        promise.set_value(std::move(answer));
    });
    return future;
}

namespace {

std::string result_text(Failure failure, const std::string& why) {
    return std::string(to_text(failure)) + (why.empty() ? "" : ": " + why);
}

class Memory final : public core::ArtifactBuffer {
public:
    std::span<std::uint8_t> prepare(std::size_t size) override {
        bytes.resize(size);
        return bytes;
    }
    std::vector<std::uint8_t> bytes;
};

}   // namespace

std::string result_of(const GetAnswer& answer) { return result_text(answer.failure, answer.why); }
std::string result_of(const PostAnswer& answer) { return result_text(answer.failure, answer.why); }

std::string bytes_of(GetAnswer answer) {
    EXPECT_EQ(result_of(answer), "none");
    if (!answer.got) return {};
    EXPECT_TRUE(answer.why.empty());
    const util::Sha256 sha256 = answer.got->sha256;
    Memory memory;
    auto loader = intake::Spool::loader(std::move(answer.got->bytes), "fetched", {});
    const auto loaded = loader(memory);
    if (!loaded) return "not loaded: " + loaded.error().error.text();
    EXPECT_EQ(loaded->facts.sha256, sha256);
    return {loaded->bytes.begin(), loaded->bytes.end()};
}

}   // namespace microengine::fetch

// In the place of the C library's, for libcurl too: what a program defines comes first.
extern "C" {

__attribute__((visibility("default"))) int getaddrinfo(const char* name, const char* service, const addrinfo*,
                                                       addrinfo** results) {
    using namespace microengine::fetch;
    std::string lower(name);
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    std::unique_lock lock(known().mutex);
    Name& entry = known().names[lower];
    ++entry.asked;
    known().changed.wait(lock, [&entry] { return !entry.held; });
    *results = nullptr;
    if (entry.fails > 0 || entry.addresses.empty()) {
        entry.fails -= entry.fails > 0 ? 1 : 0;
        return EAI_NONAME;
    }
    addrinfo** end = results;
    for (const std::string& address : entry.addresses) {
        *end = result_of(address, static_cast<std::uint16_t>(service == nullptr ? 0 : std::stoi(service)));
        if (*end != nullptr) end = &(*end)->ai_next;
    }
    return 0;
}

__attribute__((visibility("default"))) void freeaddrinfo(addrinfo* results) noexcept {
    while (results != nullptr) {
        addrinfo* next = results->ai_next;
        delete reinterpret_cast<microengine::fetch::Result*>(results);   // its first member
        results = next;
    }
}
}
