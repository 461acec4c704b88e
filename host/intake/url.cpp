// SPDX-License-Identifier: MIT
#include "host/intake/url.hpp"

#include "host/intake/read.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace microengine::intake {

namespace {

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool digit(char c) { return c >= '0' && c <= '9'; }

/// "https:" of RFC 3986. "example.com:80" has none: what stands there is a host, so no dots.
bool has_scheme(std::string_view url) {
    const std::size_t colon = url.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == url.size() || !letter(url[0]))
        return false;
    return std::ranges::all_of(url.substr(0, colon),
                               [](char c) { return letter(c) || digit(c) || c == '+' || c == '-'; });
}

bool control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

}   // namespace

util::Result<void> check_url(std::string_view url) {
    using util::Errc, util::fail;
    const std::string place = util::printable(util::cut(url, 80));
    if (url.size() > kMaxUrlBytes)
        return fail(
            Errc::limit, place,
            "URL has " + std::to_string(url.size()) + " bytes, at most " + std::to_string(kMaxUrlBytes));
    if (std::ranges::any_of(url, control)) return fail(Errc::usage, place, "URL has a control character");
    if (!util::is_utf8(url)) return fail(Errc::usage, place, "URL is not UTF-8");
    if (!has_scheme(url)) return fail(Errc::usage, place, "URL has no scheme; write https://… or http://…");
    return {};
}

core::ArtifactLoader url_loader(std::string url) {
    return [url = std::move(url)](core::ArtifactBuffer& buffer) -> Loaded {
        core::ArtifactFacts facts;
        facts.name = url;
        facts.type = core::ArtifactType::url;
        facts.size = url.size();
        if (const auto checked = check_url(url); !checked)
            return std::unexpected(core::LoadFailure{.facts = std::move(facts), .error = checked.error()});
        const std::span<std::uint8_t> space = buffer.prepare(url.size());
        std::memcpy(space.data(), url.data(), url.size());
        facts.sha256 = util::sha256(space);
        return core::Artifact{.facts = std::move(facts), .bytes = space};
    };
}

}   // namespace microengine::intake
