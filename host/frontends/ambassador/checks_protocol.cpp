// SPDX-License-Identifier: MIT
// A3, A5: whom the webhook believes, and what it refuses.
#include "host/frontends/ambassador/check.hpp"
#include "host/util/random_id.hpp"

#include <algorithm>
#include <utility>

namespace microengine::ambassador {

namespace {

constexpr std::size_t kTooLarge = (std::size_t{16} << 20) + 1;   // above every sensible max_body_bytes

/// A request, and the status that it must get.
struct Trial {
    std::string what;
    Request request;
    unsigned wanted = 0;
};

Fault try_all(Desk& desk, const std::vector<Trial>& trials) {
    for (const Trial& trial : trials) {
        const auto answer = desk.send(trial.request);
        if (!answer) return trial.what + ": " + answer.error().message;
        if (answer->status != trial.wanted)
            return trial.what + ": " + std::to_string(answer->status) + ", not " +
                   std::to_string(trial.wanted);
        if (trial.wanted == 405 && !answer->allow.contains("POST"))
            return trial.what + ": 405 without Allow: GET, HEAD, POST";
    }
    return std::nullopt;
}

/// Nothing of these was accepted, so nothing may be answered; later replies are found at the end of the run.
Fault unanswered(const Desk& desk, const std::vector<const Posted*>& bounties) {
    for (const Posted* one : bounties)
        if (const Fault fault = fault_of_refused(desk.evidence(*one))) return one->about(*fault);
    return std::nullopt;
}

std::string with_digit(std::string signature, std::size_t at) {
    signature[at] = signature[at] == '0' ? '1' : '0';
    return signature;
}

std::string in_capitals(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
    return text;
}

std::vector<Trial> rejected(const std::string& body, const bounty::Secret& secret) {
    const std::string good = bounty::sign(body, secret);
    const bounty::Secret other("not " + std::string(secret.bytes()));
    std::vector<Trial> trials;
    const auto add = [&](std::string what, std::optional<std::string> header, unsigned wanted) {
        trials.push_back({std::move(what), webhook("bounty", body, std::move(header)), wanted});
    };
    add("no signature", std::nullopt, 400);
    add("an empty signature", "", 401);
    add("a signature in capitals", in_capitals(good) == good ? "A" + good.substr(1) : in_capitals(good), 401);
    add("a signature with a prefix", "sha256=" + good, 401);
    add("the first digit changed", with_digit(good, 0), 401);
    add("the last digit changed", with_digit(good, good.size() - 1), 401);
    add("a digit short", good.substr(0, good.size() - 1), 401);
    add("a digit long", good + "0", 401);
    add("a signature that is not ASCII", "\xc3\xa9" + good.substr(1), 401);
    add("the signature of the body and a line feed", bounty::sign(body + "\n", secret), 401);
    add("a signature with another secret", bounty::sign(body, other), 401);
    Request twice = webhook("bounty", body, secret);
    twice.headers.push_back({std::string(kSignature), good});
    trials.push_back({"the signature twice", std::move(twice), 401});
    trials.push_back({"a ping with another secret", webhook("ping", "", other), 401});
    return trials;
}

std::vector<Trial> signed_but_unusable(const bounty::Secret& secret) {
    const auto bounty = [&](std::string body) { return webhook("bounty", std::move(body), secret); };
    return {
        {"raw UTF-8, no bounty", bounty("{\"id\":1,\"note\":\"\xc3\xa9\"}"), 400},
        {"the same with the letter escaped", bounty(R"({"id":1,"note":"\u00e9"})"), 400},
        {"bytes that are no JSON", bounty(std::string("\x00\xff\xfe\x7b", 4)), 400},
        {"an event nobody knows", webhook("analyze", "{}", secret), 400},
        {"a ping over bytes", webhook("ping", std::string("\x00\xff\r\n\n", 5), secret), 200},
    };
}

std::string nested(std::size_t depth) {
    return R"({"new":)" + std::string(depth, '[') + std::string(depth, ']') + ",";
}

/// Bodies that are no bounty, made of one that is.
std::vector<Trial> unusable(Desk& desk, std::vector<const Posted*>& bounties) {
    const auto without = [&](std::string_view what, void (*edit)(BountyFields&)) {
        const Posted& bounty = desk.prepare(
            {.what = std::string(what), .edit = [edit](BountyFields& f, const auto&) { edit(f); }});
        bounties.push_back(&bounty);
        return Trial{std::string(what), webhook("bounty", bounty.body, desk.secret()), 400};
    };
    std::vector<Trial> trials{
        without("no id", [](BountyFields& f) { f.id.clear(); }),
        without("id null", [](BountyFields& f) { f.id = "null"; }),
        without("id is an object", [](BountyFields& f) { f.id = "{}"; }),
        without("no response_url", [](BountyFields& f) { f.response_url.clear(); }),
        without("response_url is a number", [](BountyFields& f) { f.response_url = "7"; }),
        without("response_url is ftp", [](BountyFields& f) { f.response_url = R"("ftp://127.0.0.1/")"; }),
        without("no artifact_uri", [](BountyFields& f) { f.artifact_uri.clear(); }),
        without("artifact_uri empty", [](BountyFields& f) { f.artifact_uri = R"("")"; }),
        without("names of an old README",
                [](BountyFields& f) {
                    f.others = {{"guid", f.id}, {"artifact_url", f.artifact_uri}};
                    f.id.clear();
                    f.artifact_uri.clear();
                }),
    };
    const Posted& whole = desk.prepare({.what = "a bounty in an unusable wrapping"});
    bounties.push_back(&whole);
    for (const auto& [what, body] : std::vector<std::pair<std::string, std::string>>{
             {"a list", "[" + whole.body + "]"},
             {"half a bounty", whole.body.substr(0, whole.body.size() / 2)},
             {"a bounty and more", whole.body + whole.body},
             {"nested a thousand deep", nested(1000) + whole.body.substr(1)}})
        trials.push_back({what, webhook("bounty", body, desk.secret()), 400});
    return trials;
}

/// Good bounties in requests that are none.
std::vector<Trial> misaddressed(Desk& desk, std::vector<const Posted*>& bounties) {
    const Posted& bounty = desk.prepare({.what = "a bounty in a bad request"});
    bounties.push_back(&bounty);
    const Request good = webhook("bounty", bounty.body, desk.secret());
    const std::string type(kContentType);
    std::vector<Trial> trials{
        {"no event", with(good, {{std::string(kEvent), ""}}), 400},
        {"another event", with(good, {{std::string(kEvent), "assertion"}}), 400},
        {"no Content-Type", with(good, {{type, ""}}), 415},
        {"Content-Type text/plain", with(good, {{type, "text/plain"}}), 415},
        {"Content-Type of a form", with(good, {{type, "application/x-www-form-urlencoded"}}), 415}};
    for (const char* method : {"PUT", "DELETE"}) {
        Request request = good;
        request.method = method;
        trials.push_back({method, std::move(request), 405});
    }
    Request elsewhere = good;
    const std::string path = desk.target().path.substr(0, desk.target().path.find('?'));
    elsewhere.path = path + (path.ends_with('/') ? "" : "/") + util::random_id();
    trials.push_back({"another path", std::move(elsewhere), 404});
    trials.push_back({"16 MiB", webhook("bounty", std::string(kTooLarge, ' '), desk.secret()), 413});
    return trials;
}

}   // namespace

Outcome checks_signatures(Scene& scene) {
    Desk& desk = scene.desk;
    const Posted& bounty = desk.prepare({.what = "a bounty with a wrong signature"});
    std::vector<Trial> trials = rejected(bounty.body, desk.secret());
    for (Trial& trial : signed_but_unusable(desk.secret())) trials.push_back(std::move(trial));
    if (const Fault fault = try_all(desk, trials)) return failed(*fault);
    return from(unanswered(desk, {&bounty}),
                std::to_string(trials.size()) + " requests, each with its status");
}

Outcome refuses_bad_requests(Scene& scene) {
    std::vector<const Posted*> bounties;
    std::vector<Trial> trials = misaddressed(scene.desk, bounties);
    for (Trial& trial : unusable(scene.desk, bounties)) trials.push_back(std::move(trial));
    if (const Fault fault = try_all(scene.desk, trials)) return failed(*fault);
    return from(unanswered(scene.desk, bounties),
                std::to_string(trials.size()) + " requests, each with its status");
}

}   // namespace microengine::ambassador
