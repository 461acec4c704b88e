// SPDX-License-Identifier: MIT
// A6: bounties and requests in every spelling.
#include "host/frontends/ambassador/check.hpp"

#include <utility>

namespace microengine::ambassador {

namespace {

constexpr std::size_t kThreads = 8;

/// "EICAR" in base64, as a data: URL.
std::string data_url(std::string_view bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out = "data:text/plain;base64,";
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t group = 0;
        const std::string_view three = bytes.substr(at, 3);
        for (std::size_t i = 0; i < 3; ++i)
            group = group << 8U | (i < three.size() ? static_cast<std::uint8_t>(three[i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i)
            out += i <= three.size() ? digits[(group >> (18 - 6 * i)) & 63U] : '=';
    }
    return out;
}

std::vector<Plan> spelled(Desk& desk) {
    std::vector<Plan> plans;
    for (const Spelling& spelling : spellings())
        plans.push_back({.what = std::string(spelling.name),
                         .artifact = {.bytes = eicar(desk.dice()())},
                         .phase = bounty::Phase::assertion,
                         .rules = spelling.rules,
                         .layout = spelling.layout,
                         .edit = spelling.apply});
    plans.push_back({.what = "a data: URL", .uri = data_url(eicar()), .truth = malicious()});
    // Backends that take URLs may say what they like.
    const auto url = [](BountyFields& f, const auto&) {
        f.artifact_type = R"("URL")";
        f.mimetype.clear();
        f.sha256.clear();
    };
    plans.push_back(
        {.what = "a URL to judge", .uri = "http://malware.example/landing", .truth = Truth{}, .edit = url});
    plans.push_back({.what = "a list of URLs",
                     .artifact = {.bytes = "# a list\r\nhttp://malware.example/landing\r\n"},
                     .truth = Truth{},
                     .edit = [](BountyFields& f, const auto&) {
                         f.artifact_type = R"("url")";
                         f.mimetype = R"("text/uri-list")";
                     }});
    return plans;
}

/// One bounty, sent in another way.
Fault sent_otherwise(Desk& desk, const std::string& what, void (*edit)(Request&)) {
    Posted& bounty = desk.prepare({.what = what, .artifact = {.bytes = eicar(desk.dice()())}});
    Request request = webhook("bounty", bounty.body, desk.secret());
    edit(request);
    const auto answer = desk.send(request);
    bounty.status = answer ? answer->status : 0;
    bounty.problem = answer ? "" : answer.error().message;
    const Fault fault = desk.await(bounty);
    return fault ? Fault(bounty.about(*fault)) : std::nullopt;
}

}   // namespace

Outcome reads_every_spelling(Scene& scene) {
    Desk& desk = scene.desk;
    std::vector<Posted*> all;
    for (Plan& plan : spelled(desk)) all.push_back(&desk.prepare(std::move(plan)));
    desk.post_all(all, kThreads);
    Fault fault = desk.await(all);
    if (!fault) fault = sent_otherwise(desk, "in chunks", [](Request& r) { r.chunks = {1, 7, 100}; });
    if (!fault)
        fault = sent_otherwise(desk, "with Expect: 100-continue", [](Request& r) { r.expects = true; });
    if (!fault)
        fault = sent_otherwise(desk, "Content-Type with a charset", [](Request& r) {
            r = with(std::move(r), {{std::string(kContentType), "Application/JSON; charset=utf-8"}});
        });
    if (!fault)
        fault = sent_otherwise(desk, "the event in capitals",
                               [](Request& r) { r = with(std::move(r), {{std::string(kEvent), "BOUNTY"}}); });
    return from(fault, std::to_string(all.size() + 4) + " spellings, all answered");
}

}   // namespace microengine::ambassador
