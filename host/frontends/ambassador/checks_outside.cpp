// SPDX-License-Identifier: MIT
// A12: what a stranger must not make an engine reach.
#include "host/bounty/reply.hpp"
#include "host/frontends/ambassador/check.hpp"
#include "host/frontends/ambassador/market_server.hpp"
#include "host/frontends/ambassador/watched_file.hpp"
#include "host/util/endpoint.hpp"

#include <utility>

namespace microengine::ambassador {

namespace {

bool on_loopback(const std::string& address) {
    const auto endpoint = util::parse_endpoint(address);
    return endpoint && endpoint->local();
}

std::vector<Plan> ways_to(const std::string& port, const std::string& file) {
    const Truth skipped = unknown(bounty::kCannotFetch);
    std::vector<Plan> plans;
    for (const std::string host :
         {"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f000001", "2130706433", "127.1", "0"})
        plans.push_back(
            {.what = "an artifact on " + host + ", which is private",
             .uri = std::string("http://").append(host).append(":").append(port).append("/secret"),
             .truth = skipped});
    plans.push_back({.what = "a redirect to 127.0.0.1",
                     .artifact = {.then = 302, .location = "http://127.0.0.1:" + port + "/secret"},
                     .truth = skipped});
    plans.push_back({.what = "a redirect to a file",
                     .artifact = {.then = 302, .location = "file://" + file},
                     .truth = skipped});
    plans.push_back({.what = "a file", .uri = "file://" + file, .truth = skipped});
    return plans;
}

}   // namespace

Outcome stays_outside(Scene& scene) {
    if (!on_loopback(scene.address))
        return skipped("--listen is no address of this machine alone: nothing here is private to the engine");
    auto trap = Trap::set(scene.address);
    if (!trap) return failed(trap.error().text());
    auto file = WatchedFile::make("a text that nobody outside may have judged\n");
    if (!file) return failed(file.error().text());
    const std::string port = std::to_string(trap->port());

    Desk& desk = scene.desk;
    std::vector<Posted*> all;
    for (Plan& plan : ways_to(port, file->path().native())) all.push_back(&desk.prepare(std::move(plan)));
    desk.post_all(all, all.size());
    // Nobody can tell whether it was accepted or not: both are right, as long as nothing is posted there.
    const Posted& elsewhere = desk.prepare({.what = "replies wanted on 127.0.0.1, which is private",
                                            .artifact = {.bytes = eicar(desk.dice()())},
                                            .response_url = "http://127.0.0.1:" + port + "/reply"});
    const auto answer = desk.send(webhook("bounty", elsewhere.body, desk.secret()));
    if (answer && answer->status != 202 && answer->status != 400)
        return failed(elsewhere.about("answered with " + std::to_string(answer->status)));
    if (const Fault fault = desk.await(all)) return failed(*fault);
    (void)desk.market().wait_for_replies(elsewhere.reply, 1, elsewhere.deadline);
    if (const std::size_t seen = trap->connections(); seen != 0)
        return failed(std::to_string(seen) + " connections to 127.0.0.1:" + port +
                      ", which only this machine may reach");
    if (file->opened()) return failed("the file that an artifact_uri named was opened");
    return passed(std::to_string(all.size() + 1) + " ways in: no connection, no file opened");
}

}   // namespace microengine::ambassador
