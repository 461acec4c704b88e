// SPDX-License-Identifier: MIT
// An engine that has loaded everything, as a program that a benchmark can ask again and again:
//
//   warm_engine CONFIG
//
// Each line of standard input is a JSON object. {"files": [...]} scans them one after the other, as a
// frontend with one client does. With "clients": N they are all handed in at once, by N clients in turn. With
// "rate": R one is handed in every 1/R seconds whether or not the last is answered, and its time begins when
// it was due, so that a stall counts for all that came during it. Answers with one line: {"seconds": S,
// "each": [...], "verdicts": [...]}, each in the order of the files.

#include "host/app/compose.hpp"
#include "host/engine/engine.hpp"
#include "host/intake/file.hpp"
#include "host/util/allocator.hpp"
#include "host/util/clock.hpp"
#include "host/util/files.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace microengine;
using nlohmann::json;

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "warm_engine: %s\n", why.c_str());
    std::exit(1);
}

/// What a scan command sets up, without the command.
struct Warm {
    explicit Warm(const char* file) : loaded(config::load(file)), catalog(util::layout().plugins) {
        if (!loaded.ok()) give_up(config::to_text(loaded.diagnostics));
        rungs = app::vet_backends(loaded, catalog);
        auto settings = app::isolation_settings(loaded.config);
        if (!settings) give_up(settings.error().text());
        isolation.emplace(*std::move(settings), temp_root);
        app::open_backends(rungs, catalog, temp_root, &*isolation);
        for (const app::Rung& rung : rungs)
            if (rung.stopped()) give_up(rung.refusal + config::to_text(rung.settings_problems));
        const std::size_t slots = std::max(loaded.config.scan.workers, std::thread::hardware_concurrency());
        engine.emplace(app::make_generation(loaded.config, {}, rungs, app::make_cache(loaded.config.cache)),
                       engine::EngineSettings{.slots = slots, .queue_capacity = 100'000});
    }

    config::Loaded loaded;
    plugin::Catalog catalog;
    plugin::TempRoot temp_root{{}};
    std::optional<isolate::Isolation> isolation;
    std::vector<app::Rung> rungs;
    std::optional<engine::Engine> engine;
};

struct Answers {
    explicit Answers(std::size_t count) : each(count), verdicts(count) {}
    std::vector<double> each;   // seconds
    std::vector<std::string> verdicts;
};

void submit(engine::Engine& engine, const std::string& file, std::uint64_t client, std::size_t index,
            std::uint64_t since, Answers& answers) {
    engine::Job job;
    job.name = file;
    job.load = intake::file_loader(file, {});
    job.client = client;
    job.detail = engine::Detail::explanation;
    job.done = [&answers, index, since](const core::Report& report) {
        answers.each[index] = static_cast<double>(util::monotonic_ns() - since) / 1e9;
        answers.verdicts[index] = core::to_text(report.combined.verdict);
    };
    if (!engine.submit(std::move(job))) give_up("the engine takes nothing more");
}

json run(engine::Engine& engine, const json& wanted) {
    const auto files = wanted.at("files").get<std::vector<std::string>>();
    const auto clients = wanted.value("clients", std::uint64_t{0});
    const double rate = wanted.value("rate", 0.0);
    Answers answers(files.size());
    const std::uint64_t start = util::monotonic_ns();
    for (std::size_t i = 0; i < files.size(); ++i) {
        std::uint64_t since = util::monotonic_ns();
        if (rate > 0) {
            const auto due = static_cast<std::uint64_t>(static_cast<double>(i) / rate * 1e9);
            if (start + due > since)
                std::this_thread::sleep_for(std::chrono::nanoseconds(start + due - since));
            since = start + due;
        }
        submit(engine, files[i], clients > 0 ? i % clients : 0, i, since, answers);
        if (clients == 0 && rate <= 0) engine.drain();
    }
    engine.drain();
    const double seconds = static_cast<double>(util::monotonic_ns() - start) / 1e9;
    return {{"seconds", seconds}, {"each", answers.each}, {"verdicts", answers.verdicts}};
}

}   // namespace

int main(int argc, char** argv) {
    util::tune_allocator();
    if (argc != 2) give_up("usage: warm_engine CONFIG");
    Warm warm(argv[1]);
    std::cout << "ready" << std::endl;
    for (std::string line; std::getline(std::cin, line);)
        std::cout << run(*warm.engine, json::parse(line)).dump() << std::endl;
    return 0;
}
