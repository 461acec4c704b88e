// SPDX-License-Identifier: MIT
#include "host/fetch/web_address.hpp"

#include "host/util/result.hpp"
#include "host/util/text.hpp"

#include <utility>

namespace microengine::fetch {

namespace {

constexpr std::size_t kLongestPlace = 100;   // of what is shown

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
    char* text = nullptr;
    if (::curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
    std::string copied(text);
    ::curl_free(text);
    return copied;
}

std::string without_brackets(std::string host) {
    if (host.starts_with('[') && host.ends_with(']')) return host.substr(1, host.size() - 2);
    return host;
}

std::unexpected<Fault> no_web_address() {
    return std::unexpected(Fault{.failure = Failure::scheme, .why = "it is no http or https URL"});
}

}   // namespace

std::expected<WebAddress, Fault> WebAddress::parse(std::string_view url) {
    return take(Url(::curl_url()), url);
}

std::expected<WebAddress, Fault> WebAddress::follow(std::string_view location) const {
    auto target = take(Url(::curl_url_dup(url_.get())), location);
    if (!target)
        return std::unexpected(
            Fault{.failure = Failure::scheme, .why = place_ + " redirects to what is no http or https URL"});
    if (secure_ && !target->secure_)
        return std::unexpected(
            Fault{.failure = Failure::redirects, .why = place_ + " redirects from https to http"});
    return target;
}

WebAddress WebAddress::copy() const {
    WebAddress other;
    other.url_.reset(::curl_url_dup(url_.get()));
    util::ensure(other.url_ != nullptr, "there is memory for a URL");
    other.host_ = host_;
    other.place_ = place_;
    other.secure_ = secure_;
    return other;
}

std::expected<WebAddress, Fault> WebAddress::take(Url url, std::string_view text) {
    util::ensure(url != nullptr, "there is memory for a URL");
    // The library would read up to a NUL, and so something else than whoever looked at the whole text.
    if (text.contains('\0')) return no_web_address();
    const std::string terminated(text);
    if (::curl_url_set(url.get(), CURLUPART_URL, terminated.c_str(), CURLU_URLENCODE | CURLU_ALLOW_SPACE) !=
        CURLUE_OK)
        return no_web_address();
    const std::string scheme = part_of(url.get(), CURLUPART_SCHEME);
    if (scheme != "http" && scheme != "https") return no_web_address();
    for (const CURLUPart part : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_FRAGMENT})
        (void)::curl_url_set(url.get(), part, nullptr, 0);
    WebAddress address;
    const std::string host = part_of(url.get(), CURLUPART_HOST);
    if (host.empty()) return no_web_address();
    address.host_ = without_brackets(host);
    const std::string port = part_of(url.get(), CURLUPART_PORT);
    address.place_ = util::printable(util::cut(host, kLongestPlace)) + (port.empty() ? "" : ":" + port);
    address.secure_ = scheme == "https";
    address.url_ = std::move(url);
    return address;
}

}   // namespace microengine::fetch
