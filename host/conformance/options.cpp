// SPDX-License-Identifier: MIT
#include "host/conformance/options.hpp"

#include <CLI/CLI.hpp>

#include <charconv>
#include <string_view>

namespace microengine::conformance {

std::optional<FuzzBudget> fuzz_budget(const std::string& text) {
    std::uint64_t number = 0;
    const char* const stop = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), stop, number);
    const std::string_view unit(end, stop);
    constexpr std::uint64_t most = 1'000'000'000;
    if (error != std::errc{} || number == 0 || number > most) return std::nullopt;
    if (unit.empty()) return FuzzBudget{.count = number, .time = {}};
    if (unit != "s" && unit != "m") return std::nullopt;
    return FuzzBudget{.count = 0, .time = std::chrono::seconds(number * (unit == "m" ? 60 : 1))};
}

void add_options(CLI::App& app, Options& o) {
    app.add_option("FILE.so", o.plugin, "the plugin")->type_name("");
    app.parse_complete_callback([&o] {
        if (o.plugin.empty() && !o.list) throw CLI::RequiredError("FILE.so");
    });
    app.add_option("--set", o.settings, "one of its settings")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
    app.add_option("--grant", o.grants, "a right that it needs: network, exec_memory, programs")
        ->type_name("RIGHT")
        ->allow_extra_args(false);
    app.add_option("--only", o.only, "only this test, or all whose names begin so: scan/eicar, load/")
        ->type_name("TEST")
        ->allow_extra_args(false);
    app.add_option("--seed", o.seed, "of all that is random: repeats a failure")->type_name("N");
    app.add_option_function<std::string>(
           "--fuzz",
           [&o](const std::string& text) {
               o.fuzz = fuzz_budget(text);
               if (!o.fuzz)
                   throw CLI::ValidationError(
                       "--fuzz",
                       "must be a time such as 30s or 2m, or a number of scans, got '" + text + "'");
           },
           "scan mutated artifacts too, so long or so many: 30s, 2m, 5000")
        ->type_name("AMOUNT");
    CLI::Option* const scans =
        app.add_option("--scans", o.scans, "scans of the endurance tests (default: 10000)")
            ->type_name("N")
            ->check(CLI::Range(100, 100'000'000).description(""));
    app.add_flag("--quick", o.quick, "500 of them")->excludes(scans);
    app.add_option_function<std::uint64_t>(
           "--timeout", [&o](std::uint64_t seconds) { o.step_limit = std::chrono::seconds(seconds); },
           "longest time in seconds for one call into the plugin (default: 60)")
        ->type_name("SECONDS")
        ->check(CLI::Range(1, 3600).description(""));
    app.add_flag("--list", o.list, "say which tests there are, and what each proves");
    app.add_flag("--json", o.json, "as JSON");
}

}   // namespace microengine::conformance
