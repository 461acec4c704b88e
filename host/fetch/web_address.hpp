// SPDX-License-Identifier: MIT
#pragma once
// An http or https URL, taken apart by the library that also connects: no second parser could see another
// host in it. User info is left out, so it is never sent. Pure; any thread.

#include "host/fetch/fault.hpp"

#include <curl/curl.h>

#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace microengine::fetch {

class WebAddress {
public:
    [[nodiscard]] static std::expected<WebAddress, Fault> parse(std::string_view url);
    /// Where a redirect leads; never from https to http.
    [[nodiscard]] std::expected<WebAddress, Fault> follow(std::string_view location) const;
    [[nodiscard]] WebAddress copy() const;

    /// As the URL names it, without brackets.
    [[nodiscard]] const std::string& host() const { return host_; }
    /// "store.example:9000", for sentences: escaped, and cut.
    [[nodiscard]] const std::string& place() const { return place_; }
    [[nodiscard]] bool secure() const { return secure_; }
    [[nodiscard]] CURLU* handle() const { return url_.get(); }

private:
    struct Free {
        void operator()(CURLU* url) const { ::curl_url_cleanup(url); }
    };
    using Url = std::unique_ptr<CURLU, Free>;

    [[nodiscard]] static std::expected<WebAddress, Fault> take(Url url, std::string_view text);

    Url url_;
    std::string host_;
    std::string place_;
    bool secure_ = false;
};

}   // namespace microengine::fetch
