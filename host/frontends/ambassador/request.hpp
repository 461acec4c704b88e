// SPDX-License-Identifier: MIT
#pragma once
// Requests as bytes, so that malformed ones can be sent as well. Pure; any thread.

#include "host/bounty/signature.hpp"
#include "host/frontends/ambassador/target.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::ambassador {

struct Header {
    std::string name, value;
};

struct Request {
    std::string method = "POST";
    std::string path{};              ///< empty: the target's
    std::vector<Header> headers{};   ///< but for Host, Content-Length and Transfer-Encoding
    std::string body{};
    std::vector<std::size_t>
        chunks{};           ///< not empty: the body is sent in chunks of these sizes, the rest in one
    bool expects = false;   ///< Expect: 100-continue
};

[[nodiscard]] std::string to_bytes(const Request& request, const Target& target);

/// A webhook as PolySwarm sends it: event, delivery id, signature, and the content type of a bounty.
[[nodiscard]] Request webhook(std::string_view event, std::string body, const bounty::Secret& secret);
/// The same with something else as the signature; nothing: without one.
[[nodiscard]] Request webhook(std::string_view event, std::string body, std::optional<std::string> signature);

/// Each is replaced, added or, with an empty value, removed.
[[nodiscard]] Request with(Request request, const std::vector<Header>& headers);

inline constexpr std::string_view kSignature = "X-POLYSWARM-SIGNATURE";
inline constexpr std::string_view kEvent = "X-POLYSWARM-EVENT";
inline constexpr std::string_view kDelivery = "X-POLYSWARM-DELIVERY";
inline constexpr std::string_view kContentType = "Content-Type";

}   // namespace microengine::ambassador
