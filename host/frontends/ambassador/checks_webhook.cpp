// SPDX-License-Identifier: MIT
// A1, A2, A4: the webhook, its liveness, and how soon it answers.
#include "host/frontends/ambassador/check.hpp"
#include "host/frontends/ambassador/numbers.hpp"

#include <algorithm>

namespace microengine::ambassador {

namespace {

constexpr std::size_t kLoad = 100;
constexpr std::size_t kThreads = 8;
constexpr milliseconds kPingPatience{1000};
constexpr milliseconds kAnswerLimit{500};
constexpr milliseconds kHeldLimit{1000};   // who fetches first waits longer for what does not come

}   // namespace

Outcome answers_unsigned(Scene& scene) {
    for (const char* method : {"GET", "HEAD"}) {
        Request request;
        request.method = method;
        const auto answer = scene.desk.send(request);
        if (!answer) return failed(std::string(method) + ": " + answer.error().text());
        if (answer->status != 200) return failed(std::string(method) + ": " + std::to_string(answer->status));
    }
    return passed("200");
}

Outcome answers_ping(Scene& scene) {
    const bounty::Secret& secret = scene.desk.secret();
    const std::vector<std::pair<std::string_view, Request>> pings{
        {"an empty body", webhook("ping", "", secret)},
        {"another body", webhook("ping", "{\"any\": \"thing\"}\n", secret)},
        {"the event in capitals", webhook("PING", "", secret)},
        {"header names in capitals and small letters",
         {.headers = {{"x-polyswarm-event", "ping"}, {"X-Polyswarm-Signature", bounty::sign("", secret)}}}},
        {"blanks around the values",
         with(webhook("ping", "", secret),
              {{std::string(kEvent), "  ping \t"},
               {std::string(kSignature), " \t" + bounty::sign("", secret) + "  "}})},
    };
    milliseconds longest{0};
    for (const auto& [what, request] : pings) {
        const auto answer = scene.desk.send(request, kPingPatience);
        if (!answer) return failed(std::string(what) + ": " + answer.error().message);
        if (answer->status / 100 != 2)
            return failed(std::string(what) + ": " + std::to_string(answer->status));
        longest = std::max(longest, answer->took);
    }
    return passed(std::to_string(pings.size()) + " spellings, the slowest " +
                  std::to_string(longest.count()) + " ms");
}

Outcome accepts_before_work(Scene& scene) {
    // Who fetches first cannot answer: the artifact is held back until 202 is here.
    Desk& desk = scene.desk;
    Posted& held = desk.prepare({.what = "a bounty whose artifact does not come before 202",
                                 .artifact = {.bytes = eicar(), .manner = ArtifactScript::Manner::held}});
    desk.post(held);
    if (held.took > kHeldLimit)
        return failed("202 after " + std::to_string(held.took.count()) +
                      " ms, while its artifact was held back");
    desk.market().release(held.artifact);
    if (const Fault fault = desk.await(held)) return failed(held.about(*fault));

    std::vector<Posted*> load;
    load.reserve(kLoad);
    for (std::size_t i = 0; i < kLoad; ++i)
        load.push_back(&desk.prepare({.what = "one of a hundred", .artifact = {.bytes = benign_text(i)}}));
    desk.post_all(load, kThreads);
    std::vector<milliseconds> took;
    std::ranges::transform(load, std::back_inserter(took), &Posted::took);
    const milliseconds most = percentile(took, 99);
    if (const Fault fault = desk.await(load)) return failed(*fault);
    const std::string seen = "p99 of 202 " + std::to_string(most.count()) + " ms, of a hundred by eight";
    return most <= kAnswerLimit ? passed(seen) : failed(seen + "; at most 500 ms");
}

}   // namespace microengine::ambassador
