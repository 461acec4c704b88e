// SPDX-License-Identifier: MIT
#include "host/fetch/exchange.hpp"
#include "host/util/result.hpp"
#include "host/util/text.hpp"

namespace microengine::fetch {

namespace {

std::uint64_t in_ns(std::chrono::milliseconds time) {
    return static_cast<std::uint64_t>(std::chrono::nanoseconds(time).count());
}

}   // namespace

std::optional<Fault> Exchange::fault(CURLcode ended) const {
    if (enough_ || ended == CURLE_OK) return std::nullopt;
    if (endless_)
        return Fault{.failure = Failure::broken,
                     .why = "the head of the answer of " + place() + " has more than " +
                            util::human_bytes(kMostHeadBytes)};
    long connected = 0;
    (void)::curl_easy_getinfo(easy_.get(), CURLINFO_HTTP_CONNECTCODE, &connected);
    if (connected != 0 && connected / 100 != 2)
        return Fault{.failure = Failure::connect,
                     .why = "the proxy answered " + std::to_string(connected) + " for " + place()};
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
