// SPDX-License-Identifier: MIT
// What somebody outside names or answers: URLs, where a redirect leads, when to ask again; and the operator's
// list of hosts.
#include "host/fetch/address_guard.hpp"
#include "host/fetch/data_url.hpp"
#include "host/fetch/retry_after.hpp"
#include "host/fetch/web_address.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace microengine;

void check(bool holds) {
    if (!holds) std::abort();
}

void look_at_data_url(std::string_view url) {
    const auto decoded = fetch::decode_data_url(url, url.size());
    if (!decoded) {
        check(decoded.error().code == util::Errc::usage);   // never more comes out than went in
        return;
    }
    check(fetch::is_data_url(url));
    const std::size_t size = decoded->bytes.size();
    check(fetch::decode_data_url(url, size)->bytes == decoded->bytes);
    if (size > 0) check(fetch::decode_data_url(url, size - 1).error().code == util::Errc::limit);
}

void look_at_guard(const std::string& text) {
    const std::array<std::string, 1> entries{text};
    const auto guard = fetch::AddressGuard::make(entries);
    if (!guard) return;
    // Whatever is allowed, a public address stays open.
    const auto open = util::parse_network("8.8.8.8");
    check(guard->allows(open->address, 80, text));
    (void)guard->allows(util::parse_network("127.0.0.1")->address, 80, text);
    (void)guard->allows(util::parse_network("::1")->address, 80, text);
}

void look_at_address(const fetch::WebAddress& address) {
    check(!address.host().empty() && !address.place().empty());
    check(!address.host().contains('\0') && !address.place().contains('\n'));
    for (const CURLUPart part : {CURLUPART_USER, CURLUPART_PASSWORD}) {
        char* text = nullptr;
        check(::curl_url_get(address.handle(), part, &text, 0) != CURLUE_OK);
    }
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);   // a byte view
    look_at_data_url(text);
    look_at_guard(text);

    constexpr std::chrono::system_clock::time_point now{std::chrono::seconds(1'782'295'200)};
    const auto after = fetch::parse_retry_after(text, now);
    check(after >= std::chrono::milliseconds(0) && after <= std::chrono::hours(24));

    // A URL, and in its second line where it redirects to.
    const std::size_t line = std::min(text.find('\n'), text.size());
    const auto address = fetch::WebAddress::parse(text.substr(0, line));
    if (!address) return 0;
    look_at_address(*address);
    if (line == text.size()) return 0;
    const auto target = address->follow(text.substr(line + 1));
    if (!target) return 0;
    look_at_address(*target);
    check(target->secure() || !address->secure());
    return 0;
}
