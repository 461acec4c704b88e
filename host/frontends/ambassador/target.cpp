// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/target.hpp"

#include "host/util/text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace microengine::ambassador {

namespace {

bool is_port(std::string_view digits) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    return error == std::errc{} && end == digits.data() + digits.size() && port != 0;
}

/// "host:port", "[::1]:port", either without the port.
std::optional<Target> parse_authority(std::string_view text) {
    Target target;
    std::string_view rest;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        target.host = text.substr(1, end - 1);
        rest = text.substr(end + 1);
    } else {
        const std::size_t colon = std::min(text.find(':'), text.size());
        target.host = text.substr(0, colon);
        rest = text.substr(colon);
    }
    target.port = rest.empty() ? "80" : rest.substr(1);
    if (target.host.empty() || (!rest.empty() && rest.front() != ':') || !is_port(target.port))
        return std::nullopt;
    return target;
}

}   // namespace

std::string Target::authority() const {
    const std::string name = host.contains(':') ? "[" + host + "]" : host;
    return port == "80" ? name : name + ":" + port;
}

std::string Target::text() const { return "http://" + authority() + path; }

util::Result<Target> parse_target(std::string_view url) {
    constexpr std::string_view scheme = "http://";
    const auto refuse = [url](std::string_view why) {
        return util::fail(util::Errc::usage, "--target",
                          "'" + util::printable(util::cut(url, 200)) + "' " + std::string(why));
    };
    if (url.starts_with("https://"))
        return refuse(
            "is https; name the address behind the proxy that ends TLS: http://127.0.0.1:8080/polyswarm");
    // Blanks and control characters would become part of the request's first line.
    const bool clean = std::ranges::all_of(url, [](char c) { return c > ' ' && c != '\x7f' && c != '@'; });
    if (!url.starts_with(scheme) || !clean)
        return refuse("is no URL such as http://127.0.0.1:8080/polyswarm");
    url.remove_prefix(scheme.size());
    url = url.substr(0, url.find('#'));
    const std::size_t path = std::min(url.find_first_of("/?"), url.size());
    auto target = parse_authority(url.substr(0, path));
    if (!target) return refuse("has no host and port such as 127.0.0.1:8080");
    target->path = url.substr(path);
    if (!target->path.starts_with('/')) target->path.insert(0, 1, '/');
    return *std::move(target);
}

}   // namespace microengine::ambassador
