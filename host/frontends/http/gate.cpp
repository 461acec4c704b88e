// SPDX-License-Identifier: MIT
// What a request must be before anybody works for it: for a route of ours, from somebody who may use it.

#include "host/frontends/http/connection.hpp"
#include "host/frontends/http/fields.hpp"

#include <boost/asio/ip/address.hpp>

#include <utility>

namespace microengine::http {

namespace {

/// Of "name:80", "[::1]:80".
std::string host_name(std::string_view host) {
    if (host.starts_with('[')) return std::string(host.substr(1, host.find(']') - 1));
    return lower_case(host.substr(0, host.rfind(':')));
}

/// A name that only a name server gives could be anybody's: a web page whose own name points here now (DNS
/// rebinding) would read every answer.
bool is_own_name(std::string_view host) {
    const std::string name = host_name(host);
    boost::system::error_code error;
    (void)boost::asio::ip::make_address(name, error);
    return !error || name == "localhost" || name.ends_with(".localhost");
}

/// Browsers say from which site a request comes, whatever the page wants.
bool from_foreign_page(const Head& head) {
    const std::string* origin = head.find("origin");
    if (origin == nullptr) return false;
    const std::string* host = head.find("host");
    const std::size_t slashes = origin->find("://");
    return host == nullptr || slashes == std::string::npos ||
           lower_case(std::string_view(*origin).substr(slashes + 3)) != lower_case(*host);
}

std::optional<Response> refused_expectation(const Head& head) {
    const std::string* expects = head.find("expect");
    if (expects == nullptr || lower_case(*expects) == "100-continue") return std::nullopt;
    return refuse(Problem::expectation_failed);
}

}   // namespace

std::optional<Response> Connection::refused_at_gate(Exchange& exchange) const {
    const Head& head = exchange.head();
    auto target = parse_target(head.target);
    if (!target) return refuse(Problem::malformed_request, "its target is no path");
    exchange.target = *std::move(target);
    exchange.mounted = is_mounted(exchange.target.path);
    if (exchange.mounted) return refused_expectation(head);
    auto found = find_route(head.method, exchange.target.path);
    if (const auto* mismatch = std::get_if<Mismatch>(&found)) {
        Response response = refuse(mismatch->problem);
        if (mismatch->row != nullptr) {
            exchange.match.row = mismatch->row;
            response.fields.push_back({"Allow", allowed_methods(*mismatch->row)});
        }
        return response;
    }
    exchange.match = std::get<Match>(std::move(found));
    if (auto refusal = refused_caller(exchange)) return refusal;
    if (exchange.match.row->route != Route::scan && !exchange.target.query.empty())
        return refuse(Problem::bad_parameter,
                      "this path takes no parameter '" + exchange.target.query.front().name + "'");
    return refused_expectation(head);
}

std::optional<Response> Connection::refused_caller(Exchange& exchange) const {
    const Scope scope = exchange.match.row->scope;
    const auto tokens = hub_.tokens.get();
    if (!tokens) {
        // Nobody is asked who he is, so a browser's user must not be made to ask for somebody else.
        if (from_foreign_page(exchange.head())) return refuse(Problem::foreign_page);
        const std::string* host = exchange.head().find("host");
        if (!peer_.unix_socket && host != nullptr && !is_own_name(*host))
            return refuse(Problem::misdirected, "without tokens only localhost and addresses are served");
        exchange.caller.scan = exchange.caller.admin = exchange.caller.metrics = true;
        return std::nullopt;
    }
    const std::string* given = exchange.head().find("authorization");
    const auto bearer = given == nullptr ? std::nullopt : bearer_of(*given);
    if (auto caller = bearer ? tokens->find(*bearer) : std::nullopt) exchange.caller = *std::move(caller);
    if (exchange.caller.may(scope)) return std::nullopt;
    const bool known = exchange.caller.scan || exchange.caller.admin || exchange.caller.metrics;
    Response response = refuse(known ? Problem::forbidden : Problem::unauthorized,
                               "the scope '" + std::string(to_text(scope)) + "' is needed");
    response.fields.push_back({"WWW-Authenticate", known ? "Bearer error=\"insufficient_scope\", scope=\"" +
                                                               std::string(to_text(scope)) + "\""
                                                   : bearer ? "Bearer error=\"invalid_token\""
                                                            : "Bearer realm=\"microengine\""});
    return response;
}

}   // namespace microengine::http
