// SPDX-License-Identifier: MIT
// What a client of the HTTP API sends, cut in two at any byte: read the same both ways, and never more than
// was sent.
#include "host/frontends/http/fields.hpp"
#include "host/frontends/http/multipart.hpp"
#include "host/frontends/http/parser.hpp"
#include "host/frontends/http/routes.hpp"
#include "host/frontends/http/scan_options.hpp"
#include "host/frontends/http/target.hpp"
#include "host/frontends/http/tokens.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace microengine::http;

void check(bool holds) {
    if (!holds) std::abort();
}

class Keeper final : public PartHandler {
public:
    bool on_part(std::string name) override {
        text += "[" + name + "]";
        return ++parts < 64;
    }
    bool on_bytes(std::string_view piece) override {
        text += piece;
        return true;
    }
    std::string text;
    std::size_t parts = 0;
};

std::string parts_of(const MultipartBoundary& boundary, std::string_view first, std::string_view second) {
    Keeper keeper;
    MultipartParser parser(boundary, keeper);
    parser.feed(first);
    const auto state = parser.feed(second);
    if (state == MultipartParser::State::malformed) return "malformed";   // when it is noticed may differ
    return keeper.text + std::to_string(static_cast<int>(state));
}

/// One request and where it ended.
struct Request {
    std::string body;
    bool done = false;
    bool bad = false;
    std::size_t used = 0;
};

Request request_of(RequestParser& parser, std::string_view first, std::string_view second) {
    Request request;
    std::string in;
    for (const std::string_view piece : {first, second}) {
        in += piece;
        for (;;) {
            const auto step = parser.next(in);
            if (step.status == RequestParser::Status::bad) {
                request.bad = true;
                return request;
            }
            check(step.used <= in.size());
            request.body += step.piece;
            request.used += step.used;
            in.erase(0, step.used);
            request.done = step.status == RequestParser::Status::done;
            if (request.done) return request;
            if (step.status == RequestParser::Status::more) break;
        }
    }
    return request;
}

void look_at(const Head& head, std::string_view body) {
    if (const auto target = parse_target(head.target)) {
        const auto found = find_route(head.method, target->path);
        if (const auto* match = std::get_if<Match>(&found)) check(!match->parameter.contains('/'));
        if (const auto options = read_options(target->query, {}))
            check(options->timeout.count() >= 1 && options->timeout.count() <= 60'000);
    }
    if (const auto* disposition = head.find("content-disposition"))
        if (const auto parsed = parse_parametrised(*disposition)) (void)file_name_of(*parsed);
    if (const auto* authorization = head.find("authorization")) (void)bearer_of(*authorization);
    if (const auto* type = head.find("content-type")) {
        const auto parsed = parse_parametrised(*type);
        const auto boundary = parsed ? boundary_of(*parsed) : std::nullopt;
        if (boundary) (void)parts_of(*boundary, body, "");
    }
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    // The first two bytes say where it is cut.
    const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);   // a byte view
    const std::size_t cut = std::min<std::size_t>(data[0] | (data[1] << 8U), text.size());
    const auto first = text.substr(0, cut);
    const auto second = text.substr(cut);

    RequestParser whole_parser;
    const Request whole = request_of(whole_parser, text, "");
    RequestParser parser;
    const Request halves = request_of(parser, first, second);
    if (whole.done && halves.done)
        check(whole.body == halves.body && whole.used == halves.used && whole.used <= text.size());
    else
        check(!whole.done && !halves.done);
    if (whole.done) look_at(whole_parser.head(), whole.body);

    // The text as a form of its own, so that the fuzzer need not find a request around it first.
    const MultipartBoundary boundary{.text = "x"};
    check(parts_of(boundary, text, "") == parts_of(boundary, first, second));
    (void)Tokens::parse(text, "fuzz");
    return 0;
}
