// SPDX-License-Identifier: MIT
#pragma once
// One HTTP request and its answer: a handle of libcurl's among those that a client's thread drives. All of it
// on that thread.

#include "host/fetch/client.hpp"
#include "host/fetch/fault.hpp"
#include "host/fetch/pace.hpp"
#include "host/fetch/web_address.hpp"

#include <curl/curl.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace microengine::fetch {

/// The head of an answer, while it is asked about.
class Head {
public:
    explicit Head(CURL* easy) : easy_(easy) {}
    [[nodiscard]] unsigned status() const;
    /// The first of that name; nothing: there is none.
    [[nodiscard]] std::optional<std::string_view> field(const char* name) const;
    /// Has each field of that name this value, in any case, or none?
    [[nodiscard]] bool only(const char* name, std::string_view value) const;

private:
    CURL* easy_;
};

/// Who wants the answer. False ends the exchange, and he knows why.
class Taker {
public:
    virtual ~Taker() = default;
    virtual bool on_head(const Head& head) = 0;
    virtual bool on_bytes(std::span<const std::uint8_t> piece) = 0;
};

/// What is asked for, and when.
struct Step {
    WebAddress address;
    const std::string* json = nullptr;   ///< what is posted, and outlives the exchange; null: a get
    std::uint64_t not_before_ns = 0;     ///< monotonic
};

class Exchange {
public:
    /// Begins it. `settings` and `taker` outlive it.
    Exchange(CURLM* multi, const ClientSettings& settings, Step step, Taker& taker);
    /// Ends it.
    ~Exchange();
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    [[nodiscard]] CURL* handle() const { return easy_.get(); }
    [[nodiscard]] const std::string& place() const { return step_.address.place(); }
    [[nodiscard]] Pace& pace() { return pace_; }
    /// What `ended` means. Nothing: the answer is whole, or the taker had enough.
    [[nodiscard]] std::optional<Fault> fault(CURLcode ended) const;

private:
    struct Free {
        void operator()(CURL* easy) const { ::curl_easy_cleanup(easy); }
        void operator()(curl_slist* list) const { ::curl_slist_free_all(list); }
    };

    void set_up();
    void set_up_post();
    [[nodiscard]] bool judge(const util::IpAddress& address, std::uint16_t port);
    [[nodiscard]] bool take_head(std::string_view line);
    [[nodiscard]] bool take_bytes(std::span<const std::uint8_t> piece);
    [[nodiscard]] Fault unconnected(CURLcode ended) const;
    [[nodiscard]] Fault refused() const;

    static curl_socket_t on_open(void* self, curlsocktype purpose, curl_sockaddr* address);
    static int on_connected(void* self, char* peer, char* own, int peer_port, int own_port);
    static std::size_t on_header(char* text, std::size_t one, std::size_t count, void* self);
    static std::size_t on_body(char* bytes, std::size_t one, std::size_t count, void* self);

    CURLM* multi_;
    const ClientSettings& settings_;
    Step step_;
    Taker& taker_;
    std::unique_ptr<curl_slist, Free> fields_;
    std::unique_ptr<CURL, Free> easy_;
    Pace pace_;
    std::size_t head_bytes_ = 0;
    std::size_t opened_ = 0;   // sockets
    std::string refused_;      // the address that the guard refused
    bool head_taken_ = false;
    bool enough_ = false;    // said the taker
    bool endless_ = false;   // the head
};

}   // namespace microengine::fetch
