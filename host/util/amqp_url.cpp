// SPDX-License-Identifier: MIT
#include "host/util/amqp_url.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

namespace microengine::util {

namespace {

constexpr std::string_view kForm = "must be amqp://HOST[:PORT][/VHOST] or amqps://HOST[:PORT][/VHOST]";

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned value = 0;
        if (i + 2 >= text.size()) return std::nullopt;
        const char* const first = text.data() + i + 1;
        const auto [end, error] = std::from_chars(first, first + 2, value, 16);
        if (error != std::errc() || end != first + 2 || value == 0) return std::nullopt;
        out += static_cast<char>(value);
        i += 2;
    }
    return out;
}

bool is_host(std::string_view host) {
    return !host.empty() && host.size() <= 253 && std::ranges::all_of(host, [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_' ||
               c == ':';
    });
}

/// "host", "host:5672", "[::1]:5672".
bool read_authority(std::string_view text, AmqpAddress& out) {
    std::string_view port;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return false;
        out.host = text.substr(1, end - 1);
        const std::string_view rest = text.substr(end + 1);
        if (!rest.empty() && !rest.starts_with(':')) return false;
        port = rest.substr(rest.empty() ? 0 : 1);
    } else {
        const std::size_t colon = text.find(':');
        out.host = text.substr(0, colon);
        if (colon != std::string_view::npos) port = text.substr(colon + 1);
        if (out.host.contains(':')) return false;
    }
    if (!is_host(out.host)) return false;
    if (port.empty()) return true;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    return error == std::errc() && end == port.data() + port.size() && out.port != 0;
}

}   // namespace

std::string AmqpAddress::text() const {
    const bool v6 = host.contains(':');
    return std::string(tls ? "amqps://" : "amqp://") + (v6 ? "[" : "") + host + (v6 ? "]" : "") + ":" +
           std::to_string(port) + (vhost == "/" ? "" : "/" + vhost);
}

Result<AmqpAddress> parse_amqp_url(std::string_view url) {
    AmqpAddress out;
    out.tls = url.starts_with("amqps://");
    if (!out.tls && !url.starts_with("amqp://")) return fail(Errc::config, "queue.url", kForm);
    out.port = out.tls ? 5671 : 5672;
    url.remove_prefix(out.tls ? 8 : 7);
    const std::size_t slash = url.find('/');
    const std::string_view authority = url.substr(0, slash);
    if (authority.contains('@'))
        return fail(Errc::config, "queue.url",
                    "must have no user and password in it, because configurations are shown and kept: put "
                    "user:password into a file and name it with queue.credentials_file");
    if (url.find_first_of("?# ") != std::string_view::npos || !read_authority(authority, out))
        return fail(Errc::config, "queue.url", kForm);
    if (slash == std::string_view::npos || slash + 1 == url.size()) return out;
    const std::string_view path = url.substr(slash + 1);
    auto vhost = percent_decoded(path);
    if (!vhost || path.contains('/'))
        return fail(Errc::config, "queue.url", "has a virtual host that cannot be: write / in it as %2F");
    out.vhost = *std::move(vhost);
    return out;
}

}   // namespace microengine::util
