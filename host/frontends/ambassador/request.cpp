// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/request.hpp"

#include "host/util/random_id.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace microengine::ambassador {

namespace {

void put(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

void put_chunk(std::string& out, std::string_view bytes) {
    std::array<char, 20> size{};
    const int digits = std::snprintf(size.data(), size.size(), "%zx", bytes.size());
    out.append(size.data(), static_cast<std::size_t>(digits)).append("\r\n");
    out.append(bytes).append("\r\n");
}

void put_chunks(std::string& out, std::string_view body, const std::vector<std::size_t>& sizes) {
    for (const std::size_t size : sizes) {
        const std::string_view piece = body.substr(0, size);
        if (piece.empty()) break;   // an empty chunk is the end
        put_chunk(out, piece);
        body.remove_prefix(piece.size());
    }
    if (!body.empty()) put_chunk(out, body);
    out += "0\r\n\r\n";
}

}   // namespace

std::string to_bytes(const Request& request, const Target& target) {
    std::string out =
        request.method + " " + (request.path.empty() ? target.path : request.path) + " HTTP/1.1\r\n";
    put(out, "Host", target.authority());
    for (const auto& [name, value] : request.headers) put(out, name, value);
    if (request.expects) put(out, "Expect", "100-continue");
    if (!request.chunks.empty()) {
        put(out, "Transfer-Encoding", "chunked");
        out += "\r\n";
        put_chunks(out, request.body, request.chunks);
        return out;
    }
    if (request.method == "POST" || !request.body.empty())
        put(out, "Content-Length", std::to_string(request.body.size()));
    return out + "\r\n" + request.body;
}

Request webhook(std::string_view event, std::string body, const bounty::Secret& secret) {
    std::string signature = bounty::sign(body, secret);
    return webhook(event, std::move(body), std::optional(std::move(signature)));
}

Request webhook(std::string_view event, std::string body, std::optional<std::string> signature) {
    Request request;
    if (!body.empty()) request.headers.push_back({std::string(kContentType), "application/json"});
    request.headers.push_back({std::string(kEvent), std::string(event)});
    request.headers.push_back({std::string(kDelivery), util::random_id()});
    if (signature) request.headers.push_back({std::string(kSignature), *std::move(signature)});
    request.body = std::move(body);
    return request;
}

Request with(Request request, const std::vector<Header>& headers) {
    for (const Header& header : headers) {
        std::erase_if(request.headers, [&](const Header& old) { return old.name == header.name; });
        if (!header.value.empty()) request.headers.push_back(header);
    }
    return request;
}

}   // namespace microengine::ambassador
