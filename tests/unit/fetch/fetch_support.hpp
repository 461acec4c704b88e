// SPDX-License-Identifier: MIT
#pragma once
// A resolver that knows the test's names only, and answers to wait for.

#include "host/fetch/client.hpp"
#include "tests/support/local_server.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::fetch {

using support::answering;
using support::in_turn;
using support::kPatience;
using support::LocalServer;
using support::ok;
using support::Peer;
using support::Script;
using support::TempDir;
using support::write_certificate;

/// What getaddrinfo() knows in this program. Other names do not resolve.
class Names {
public:
    static void set(const std::string& name, std::vector<std::string> addresses);
    /// It does not resolve that often before it does.
    static void fail_first(const std::string& name, std::size_t times);
    /// Whoever asks for it waits until it is let go.
    static void hold(const std::string& name);
    static void let_go(const std::string& name);
    static std::size_t asked(const std::string& name);
};

ClientSettings allowing(const std::vector<std::string>& allow_hosts);
/// 127.0.0.1 is allowed.
ClientSettings settings_for_tests();
std::shared_ptr<intake::SpoolRoom> new_room(std::uint64_t bytes = 64U << 20);

Get get_of(std::string url, std::uint64_t most_bytes = 1U << 20);
/// Begins it; the answer can be waited for.
std::future<GetAnswer> begin(Client& client, Get request);
std::future<PostAnswer> begin(Client& client, Post request);
/// Fails the test if none comes.
template <class Answer>
Answer answer_of(std::future<Answer> future) {
    if (future.wait_for(kPatience) == std::future_status::ready) return future.get();
    ADD_FAILURE() << "there is no answer";
    return {};
}
template <class Request>
auto fetch(Client& client, Request request) {
    return answer_of(begin(client, std::move(request)));
}

/// "none", or "timeout: the sentence".
std::string result_of(const GetAnswer& answer);
std::string result_of(const PostAnswer& answer);
/// What a slot would read.
std::string bytes_of(GetAnswer answer);

}   // namespace microengine::fetch
