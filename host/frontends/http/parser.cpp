// SPDX-License-Identifier: MIT
#include "host/frontends/http/parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

namespace microengine::http {

namespace {

namespace beast = boost::beast;
using beast::error_code;
using beast::http::error;

// A chunk's size, its extensions and the fields behind the last one: more than that is no honest client's.
constexpr std::size_t kMostFraming = std::size_t{32} << 10;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) { return lower(c); });
    return out;
}

/// What Beast finds, kept.
class Collector final : public beast::http::basic_parser<true> {
public:
    Head found;
    bool head_done = false;
    bool finished = false;
    bool too_many_fields = false;
    std::string_view piece;

private:
    using View = beast::string_view;

    void on_request_impl(beast::http::verb /*verb*/, View method, View target, int version,
                         error_code& /*ec*/) override {
        found.method.assign(method.data(), method.size());
        found.target.assign(target.data(), target.size());
        found.minor = static_cast<unsigned>(version % 10);
    }
    void on_response_impl(int /*status*/, View /*reason*/, int /*version*/, error_code& /*ec*/) override {}
    void on_field_impl(beast::http::field /*field*/, View name, View value, error_code& ec) override {
        if (head_done) return;   // behind the last chunk: nobody asked for it
        if (found.fields.size() == kMostFields) {
            too_many_fields = true;
            ec = error::header_limit;
            return;
        }
        found.fields.push_back({lower({name.data(), name.size()}), std::string(value.data(), value.size())});
    }
    void on_header_impl(error_code& /*ec*/) override { head_done = true; }
    void on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/, error_code& /*ec*/) override {}
    std::size_t on_body_impl(View body, error_code& /*ec*/) override { return take(body); }
    void on_chunk_header_impl(std::uint64_t /*size*/, View /*extensions*/, error_code& /*ec*/) override {}
    std::size_t on_chunk_body_impl(std::uint64_t /*remain*/, View body, error_code& /*ec*/) override {
        return take(body);
    }
    void on_finish_impl(error_code& /*ec*/) override { finished = true; }

    std::size_t take(View body) {
        piece = {body.data(), body.size()};
        return body.size();
    }
};

RequestParser::Step bad(Problem problem, std::string why) {
    return {.status = RequestParser::Status::bad, .problem = problem, .why = std::move(why)};
}

/// Beast calls everything a version that is none.
bool ends_in_version(std::string_view bytes) {
    const std::string_view line = bytes.substr(0, bytes.find("\r\n"));
    constexpr std::string_view like = " HTTP/1.1";
    if (line.size() < like.size()) return false;
    const std::string_view end = line.substr(line.size() - like.size());
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return end.starts_with(" HTTP/") && is_digit(end[6]) && end[7] == '.' && is_digit(end[8]);
}

RequestParser::Step bad(const error_code& ec, std::string_view bytes) {
    if (ec == error::header_limit)
        return bad(Problem::head_too_large, "at most " + std::to_string(kMostHeadBytes) + " bytes and " +
                                                std::to_string(kMostFields) + " fields");
    if (ec == error::bad_version && ends_in_version(bytes)) return bad(Problem::unsupported_version, "");
    return bad(Problem::malformed_request, ec.message());
}

/// What Beast lets pass and a server must not.
std::optional<RequestParser::Step> objection(const Head& head) {
    const std::size_t codings = head.count("transfer-encoding");
    if (codings != 0 &&
        (!head.chunked || codings != 1 || lower(*head.find("transfer-encoding")) != "chunked"))
        return bad(Problem::unsupported_coding, "");
    if (codings != 0 && head.minor == 0) return bad(Problem::malformed_request, "HTTP/1.0 knows no chunks");
    const std::size_t hosts = head.count("host");
    if (hosts > 1 || (hosts == 0 && head.minor != 0))
        return bad(Problem::malformed_request, "a request has one Host field");
    return std::nullopt;
}

}   // namespace

struct RequestParser::Impl {
    Impl() {
        collector.header_limit(kMostHeadBytes);
        collector.body_limit(boost::none);
    }
    Collector collector;
    bool told_head = false;
    bool began = false;
};

RequestParser::RequestParser() : impl_(std::make_unique<Impl>()) {}
RequestParser::~RequestParser() = default;

const Head& RequestParser::head() const { return impl_->collector.found; }

RequestParser::Step RequestParser::next(std::string_view bytes) {
    Collector& collector = impl_->collector;
    std::size_t used = 0;
    if (!impl_->began) {
        // RFC 9112, 2.2: empty lines before a request are ignored.
        while (bytes.substr(used).starts_with("\r\n")) used += 2;
    }
    for (;;) {
        if (impl_->told_head && collector.finished) return {.status = Status::done, .used = used};
        const std::string_view rest = bytes.substr(used);
        if (rest.empty() || (!impl_->began && rest == "\r")) return {.status = Status::more, .used = used};
        impl_->began = true;
        collector.piece = {};
        error_code ec;
        used += collector.put(boost::asio::buffer(rest.data(), rest.size()), ec);
        if (ec == error::need_more) {
            if (impl_->told_head && bytes.size() - used > kMostFraming)
                return bad(Problem::malformed_body, "the framing of a chunk has no end");
            return {.status = Status::more, .used = used};
        }
        if (ec && impl_->told_head) return bad(Problem::malformed_body, ec.message());
        if (ec) return bad(ec, rest);
        if (collector.head_done && !impl_->told_head) {
            impl_->told_head = true;
            Head& head = collector.found;
            head.chunked = collector.chunked();
            if (const auto length = collector.content_length(); length && !head.chunked)
                head.content_length = *length;
            head.keep_alive = collector.keep_alive();
            if (auto problem = objection(head)) return *std::move(problem);
            return {.status = Status::head, .used = used};
        }
        if (!collector.piece.empty()) return {.status = Status::body, .used = used, .piece = collector.piece};
    }
}

}   // namespace microengine::http
