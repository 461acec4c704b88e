// SPDX-License-Identifier: MIT
#include "host/fetch/exchange.hpp"

#include "host/util/clock.hpp"
#include "host/util/endpoint.hpp"
#include "host/util/result.hpp"
#include "host/util/text.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace microengine::fetch {

namespace {

// All heads of one exchange, with those of status 1xx and what follows a chunked body.
constexpr std::size_t kMostHeadBytes = std::size_t{64} << 10;
constexpr long kPieceBytes = 64L << 10;

bool same_word(std::string_view text, std::string_view word) {
    return std::ranges::equal(text, word, [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
}

/// The library leaves the line's end in a field without a value.
std::string_view value_of(const curl_header& header) {
    std::string_view value = header.value;
    while (!value.empty() && std::string_view(" \t\r\n").contains(value.back())) value.remove_suffix(1);
    return value;
}

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
    // Only what was left out of the library is refused, and then it is not what we were built for.
    util::ensure(::curl_easy_setopt(easy, option, value) == CURLE_OK, "libcurl knows its options");
}

std::optional<std::pair<util::IpAddress, std::uint16_t>> address_of(const curl_sockaddr& given) {
    if (given.family == AF_INET) {
        sockaddr_in four{};
        std::memcpy(&four, &given.addr, sizeof four);
        return std::pair(util::ip_of(four.sin_addr), ntohs(four.sin_port));
    }
    if (given.family == AF_INET6) {
        // Longer than the member of that name, which stands for whatever follows.
        sockaddr_in6 six{};
        std::memcpy(&six, static_cast<const void*>(&given.addr), sizeof six);
        return std::pair(six.sin6_addr, ntohs(six.sin6_port));
    }
    return std::nullopt;
}

std::uint64_t in_ns(std::chrono::milliseconds time) {
    return static_cast<std::uint64_t>(std::chrono::nanoseconds(time).count());
}

}   // namespace

unsigned Head::status() const {
    long status = 0;
    (void)::curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    return static_cast<unsigned>(status);
}

std::optional<std::string_view> Head::field(const char* name) const {
    curl_header* header = nullptr;
    if (::curl_easy_header(easy_, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK) return std::nullopt;
    return value_of(*header);
}

bool Head::only(const char* name, std::string_view value) const {
    curl_header* header = nullptr;
    for (std::size_t i = 0; ::curl_easy_header(easy_, name, i, CURLH_HEADER, -1, &header) == CURLHE_OK; ++i)
        if (const auto given = value_of(*header); !given.empty() && !same_word(given, value)) return false;
    return true;
}

Exchange::Exchange(CURLM* multi, const ClientSettings& settings, Step step, Taker& taker)
    : multi_(multi),
      settings_(settings),
      step_(std::move(step)),
      taker_(taker),
      easy_(::curl_easy_init()),
      pace_(step_.json == nullptr ? settings.stall_timeout : std::chrono::milliseconds(0)) {
    util::ensure(easy_ != nullptr, "there is memory for a request");
    set_up();
    if (step_.json != nullptr) set_up_post();
    util::ensure(::curl_multi_add_handle(multi_, easy_.get()) == CURLM_OK, "a request is begun once");
}

Exchange::~Exchange() { (void)::curl_multi_remove_handle(multi_, easy_.get()); }

void Exchange::set_up() {
    CURL* easy = easy_.get();
    set(easy, CURLOPT_CURLU, step_.address.handle());
    set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(easy, CURLOPT_FOLLOWLOCATION, 0L);
    // Set, though empty: else the environment is asked.
    set(easy, CURLOPT_PROXY, settings_.proxy.c_str());
    set(easy, CURLOPT_NOPROXY, "");
    set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!settings_.ca_file.empty()) {
        set(easy, CURLOPT_CAINFO, settings_.ca_file.c_str());
        set(easy, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    }
    if (!settings_.user_agent.empty()) set(easy, CURLOPT_USERAGENT, settings_.user_agent.c_str());
    set(easy, CURLOPT_NOSIGNAL, 1L);
    // Else an exchange that ends while its name is being resolved waits for the resolver, and all others do.
    set(easy, CURLOPT_QUICK_EXIT, 1L);
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings_.connect_timeout.count()));
    set(easy, CURLOPT_BUFFERSIZE, kPieceBytes);
    set(easy, CURLOPT_OPENSOCKETFUNCTION, &Exchange::on_open);
    set(easy, CURLOPT_OPENSOCKETDATA, this);
    set(easy, CURLOPT_PREREQFUNCTION, &Exchange::on_connected);
    set(easy, CURLOPT_PREREQDATA, this);
    set(easy, CURLOPT_HEADERFUNCTION, &Exchange::on_header);
    set(easy, CURLOPT_HEADERDATA, this);
    set(easy, CURLOPT_WRITEFUNCTION, &Exchange::on_body);
    set(easy, CURLOPT_WRITEDATA, this);
}

void Exchange::set_up_post() {
    // "Expect:" leaves that field out: a body of this size need not wait for leave to be sent.
    for (const char* field : {"Content-Type: application/json", "Expect:"}) {
        curl_slist* longer = ::curl_slist_append(fields_.get(), field);
        util::ensure(longer != nullptr, "there is memory for a field");
        (void)fields_.release();   // it is part of the longer one
        fields_.reset(longer);
    }
    CURL* easy = easy_.get();
    set(easy, CURLOPT_HTTPHEADER, fields_.get());
    set(easy, CURLOPT_POST, 1L);
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(step_.json->size()));
    set(easy, CURLOPT_POSTFIELDS, step_.json->c_str());
}

bool Exchange::judge(const util::IpAddress& address, std::uint16_t port) {
    // To a proxy, which the operator chose, and which does what follows.
    if (!settings_.proxy.empty()) return true;
    if (settings_.guard.allows(address, port, step_.address.host())) return true;
    refused_ = util::to_text(address);
    return false;
}

curl_socket_t Exchange::on_open(void* self, curlsocktype, curl_sockaddr* address) {
    Exchange& exchange = *static_cast<Exchange*>(self);
    const auto target = address_of(*address);
    if (!target || !exchange.judge(target->first, target->second)) return CURL_SOCKET_BAD;
    ++exchange.opened_;
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

int Exchange::on_connected(void* self, char* peer, char*, int peer_port, int) {
    Exchange& exchange = *static_cast<Exchange*>(self);
    // Once more, for a connection that another exchange had opened.
    const auto network = util::parse_network(peer);
    if (!network || !exchange.judge(network->address, static_cast<std::uint16_t>(peer_port))) {
        exchange.opened_ = 0;
        return CURL_PREREQFUNC_ABORT;
    }
    exchange.pace_.begin(util::monotonic_ns());
    return CURL_PREREQFUNC_OK;
}

std::size_t Exchange::on_header(char* text, std::size_t, std::size_t count, void* self) {
    return static_cast<Exchange*>(self)->take_head({text, count}) ? count : 0;
}

std::size_t Exchange::on_body(char* bytes, std::size_t, std::size_t count, void* self) {
    const std::span piece(reinterpret_cast<const std::uint8_t*>(bytes), count);   // a byte view
    // An empty body is no call, and 0 the sign of trouble.
    return static_cast<Exchange*>(self)->take_bytes(piece) ? count : CURL_WRITEFUNC_ERROR;
}

bool Exchange::take_head(std::string_view line) {
    pace_.count(line.size());
    head_bytes_ += line.size();
    endless_ = head_bytes_ > kMostHeadBytes;
    if (endless_) return false;
    const bool last = line == "\r\n" || line == "\n";
    const Head head(easy_.get());
    if (!last || head_taken_ || head.status() < 200) return true;
    head_taken_ = true;
    enough_ = !taker_.on_head(head);
    return !enough_;
}

bool Exchange::take_bytes(std::span<const std::uint8_t> piece) {
    pace_.count(piece.size());
    if (!head_taken_) return false;
    enough_ = !taker_.on_bytes(piece);
    return !enough_;
}

std::optional<Fault> Exchange::fault(CURLcode ended) const {
    if (enough_ || ended == CURLE_OK) return std::nullopt;
    if (endless_)
        return Fault{.failure = Failure::broken,
                     .why = "the head of the answer of " + place() + " has more than " +
                            util::human_bytes(kMostHeadBytes)};
    switch (ended) {
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY:
        case CURLE_COULDNT_CONNECT:
        case CURLE_OPERATION_TIMEDOUT:
        case CURLE_PROXY:
        case CURLE_ABORTED_BY_CALLBACK:
            return unconnected(ended);
        case CURLE_PEER_FAILED_VERIFICATION:
            return Fault{.failure = Failure::tls, .why = "the certificate of " + place() + " is not trusted"};
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_USE_SSL_FAILED:
            return Fault{.failure = Failure::tls, .why = "no TLS connection to " + place() + " came about"};
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_WEIRD_SERVER_REPLY:
            return Fault{.failure = Failure::broken,
                         .why = "the answer of " + place() + " is no HTTP",
                         .passing = true};
        case CURLE_BAD_CONTENT_ENCODING:
            return Fault{.failure = Failure::encoded,
                         .why = place() + " sent an encoded answer, which nobody asked for"};
        default:
            return Fault{.failure = Failure::broken,
                         .why = "the answer of " + place() + " was cut short",
                         .passing = true};
    }
}

Fault Exchange::unconnected(CURLcode ended) const {
    // A name of which one address is refused may have another.
    if (!refused_.empty() && opened_ == 0) return refused();
    const std::string in_time = " within " + util::human_duration(in_ns(settings_.connect_timeout));
    curl_off_t resolved = 0;
    (void)::curl_easy_getinfo(easy_.get(), CURLINFO_NAMELOOKUP_TIME_T, &resolved);
    if (ended == CURLE_OPERATION_TIMEDOUT && resolved != 0)
        return {.failure = Failure::connect, .why = "no connection to " + place() + in_time, .passing = true};
    // Not to be asked again: a thread still waits for the resolver.
    if (ended == CURLE_OPERATION_TIMEDOUT)
        return {.failure = Failure::resolve, .why = "the name of " + place() + " did not resolve" + in_time};
    if (ended == CURLE_COULDNT_RESOLVE_HOST)
        return {.failure = Failure::resolve,
                .why = "the name of " + place() + " does not resolve",
                .passing = true};
    if (ended == CURLE_COULDNT_RESOLVE_PROXY)
        return {
            .failure = Failure::resolve, .why = "the name of the proxy does not resolve", .passing = true};
    long number = 0;
    (void)::curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &number);
    const std::string reason = number == 0 ? "" : ": " + util::errno_text(static_cast<int>(number));
    return {.failure = Failure::connect, .why = "cannot connect to " + place() + reason, .passing = true};
}

Fault Exchange::refused() const {
    return {.failure = Failure::address,
            .why = place() + " is at " + refused_ + ", which is neither public nor allowed"};
}

}   // namespace microengine::fetch
