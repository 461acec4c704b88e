// SPDX-License-Identifier: MIT
// The commands of the marketplace's other side.
#include "host/app/grammar.hpp"

namespace microengine::app {

namespace {

const Names<ambassador::Phases> kPhases{{"assertion", ambassador::Phases::assertion},
                                        {"arbitration", ambassador::Phases::arbitration},
                                        {"both", ambassador::Phases::both}};

}   // namespace

void Grammar::ambassador() {
    CLI::App* ambassador = command(
        &app_, "ambassador", Command::ambassador, "play PolySwarm for an engine, and judge its replies",
        "microengine ambassador --target http://127.0.0.1:8080/polyswarm --secret-file secret\n"
        "         microengine ambassador --spawn microengine.toml\n"
        "Posts bounties, serves their artifacts and takes the replies, all on this machine.\n"
        "Exit codes: 0 all passed, 1 a check failed, 2 it could not run.");
    ambassador::Options& o = options.ambassador;
    ambassador->add_option("--target", o.target, "the engine's webhook")->type_name("URL");
    ambassador
        ->add_option("--secret-file", o.secret_file,
                     "that engine's secret (default: MICROENGINE_POLYSWARM_SECRET)")
        ->type_name("FILE")
        ->needs("--target");
    ambassador
        ->add_option_function<std::string>(
            "--spawn",
            [this](const std::string& file) {
                options.config = file;
                options.ambassador.spawn = true;
            },
            "start an engine with this configuration, and end it")
        ->type_name("FILE")
        ->excludes("--target");
    ambassador
        ->add_option("--puppet", options.puppet,
                     "a plugin that misbehaves as it is told, for A15, A26 and A27")
        ->type_name("FILE.so")
        ->needs("--spawn");
    ambassador
        ->add_option("--listen", o.listen, "serve artifacts and take replies there (default: 127.0.0.1:0)")
        ->type_name("ADDRESS");
    ambassador
        ->add_option_function<std::int64_t>(
            "--duration-ms", [&o](std::int64_t ms) { o.lasts = std::chrono::milliseconds(ms); },
            "time until a bounty expires (default: 5000)")
        ->type_name("MS")
        ->check(CLI::Range(1000, 600'000).description(""));
    choice(ambassador, "--phase", o.phases, kPhases, "replies to ask for (default: both)");
    ambassador->add_option("--seed", o.seed, "post the same bounties again")->type_name("N");
    ambassador->add_option("--checks", o.checks, "only these: A1,A7")
        ->type_name("LIST")
        ->delimiter(',')
        ->allow_extra_args(false);
    ambassador_load(ambassador);
}

void Grammar::ambassador_load(CLI::App* ambassador) {
    ambassador::Options& o = options.ambassador;
    ambassador->add_option("--count", o.count, "instead of the checks, post so many bounties and judge each")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000).description(""));
    ambassador->add_option("--rate", o.rate, "bounties a second (default: as fast as they are taken)")
        ->type_name("N")
        ->needs("--count")
        ->check(CLI::Range(0.001, 100'000.0).description(""));
    ambassador
        ->add_option("--corpus", o.corpus,
                     "their artifacts: DIR/malicious and DIR/benign (default: EICAR and texts)")
        ->type_name("DIR")
        ->needs("--count");
    ambassador
        ->add_option_function<std::string>(
            "--format", [&o](const std::string& word) { o.json = word == "json"; }, "form of the results")
        ->check(CLI::IsMember({"text", "json"}).description(""))
        ->type_name("text|json");
}

}   // namespace microengine::app
