// SPDX-License-Identifier: MIT
#include "host/report/uri.hpp"

namespace microengine::report {

namespace {

bool unreserved(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~").contains(c);
}

std::string encoded(std::string_view text, std::string_view kept) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (unreserved(c) || kept.contains(c)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

}   // namespace

// A colon is encoded everywhere: in the first segment of a relative reference it would end a scheme.
std::string uri_of_path(std::string_view path) {
    const std::string text = encoded(path, "/!$&'()*+,;=@");
    return path.starts_with('/') ? "file://" + text : text;
}

std::string uri_of_url(std::string_view url) { return encoded(url, ":/?#[]@!$&'()*+,;=%"); }

}   // namespace microengine::report
