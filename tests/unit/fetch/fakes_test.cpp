// SPDX-License-Identifier: MIT
// What waits for the client's answers.
#include "fetch_support.hpp"

namespace microengine::fetch {

ClientSettings allowing(const std::vector<std::string>& allow_hosts) {
    ClientSettings settings;
    settings.guard = *AddressGuard::make(allow_hosts);
    settings.connect_timeout = kPatience;
    settings.stall_timeout = kPatience;
    return settings;
}

ClientSettings settings_for_tests() { return allowing({"127.0.0.1"}); }

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
