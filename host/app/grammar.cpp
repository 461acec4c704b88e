// SPDX-License-Identifier: MIT
// The commands that scan, and those that are left.
#include "host/app/grammar.hpp"

#include <microengine/plugin.h>

#include <charconv>
#include <cmath>
#include <cstdint>

namespace microengine::app {

namespace {

const Names<cli::When> kWhen{
    {"auto", cli::When::automatic}, {"always", cli::When::always}, {"never", cli::When::never}};
const Names<cli::Format> kFormats{{"text", cli::Format::text},
                                  {"json", cli::Format::json},
                                  {"ndjson", cli::Format::ndjson},
                                  {"sarif", cli::Format::sarif},
                                  {"clamscan", cli::Format::clamscan}};
const Names<core::Strategy> kStrategies{{"any", core::Strategy::any},
                                        {"majority", core::Strategy::majority},
                                        {"weighted", core::Strategy::weighted}};
const Names<report::FailOn> kFailOn{{"suspicious", report::FailOn::suspicious},
                                    {"malicious", report::FailOn::malicious}};
const Names<util::Level> kLevels{{"debug", util::Level::debug},
                                 {"info", util::Level::info},
                                 {"warning", util::Level::warning},
                                 {"error", util::Level::error}};
const Names<config::LogFormat> kLogFormats{{"auto", config::LogFormat::automatic},
                                           {"text", config::LogFormat::text},
                                           {"json", config::LogFormat::json}};
const Names<double> kSecondsIn{{"ms", 0.001}, {"s", 1}, {"", 1}, {"m", 60}, {"min", 60}, {"h", 3600}};
constexpr std::uint64_t kMostArtifactBytes = std::uint64_t{4} << 30;   // as the configuration has it
constexpr double kLongestSeconds = 86'400;

/// "500ms", "30s", "2m"; a number alone is seconds.
std::chrono::nanoseconds duration_of(const std::string& text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto unit = kSecondsIn.find(std::string(end, text.data() + text.size()));
    if (error != std::errc{} || unit == kSecondsIn.end() ||
        !(number >= 0 && number * unit->second <= kLongestSeconds))
        throw CLI::ValidationError(
            "--timeout", "must be a time within 0..24h such as 500ms, 30s or 2m, got '" + text + "'");
    return std::chrono::nanoseconds(static_cast<std::int64_t>(number * unit->second * 1e9));
}

/// "500k", "1.5M", "2GiB"; a number alone is bytes.
std::uint64_t size_of(const std::string& text) {
    static const Names<double> bytes_in{
        {"", 1},           {"b", 1},           {"k", 1e3},           {"kb", 1e3},          {"ki", 1024.0},
        {"m", 1e6},        {"mb", 1e6},        {"g", 1e9},           {"gb", 1e9},          {"kib", 1024.0},
        {"mi", 1048576.0}, {"mib", 1048576.0}, {"gi", 1073741824.0}, {"gib", 1073741824.0}};
    double number = 0;
    const char* const stop = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), stop, number, std::chars_format::fixed);
    const auto unit = bytes_in.find(CLI::detail::to_lower(CLI::detail::trim_copy(std::string(end, stop))));
    if (error != std::errc{} || unit == bytes_in.end() ||
        !(number >= 0 && number * unit->second <= static_cast<double>(kMostArtifactBytes)))
        throw CLI::ValidationError(
            "--max-size", "must be a size within 0..4GiB such as 500k, 1.5M or 2G, got '" + text + "'");
    return static_cast<std::uint64_t>(std::llround(number * unit->second));
}

}   // namespace

Grammar::Grammar() {
    app_.name("microengine");
    app_.set_version_flag("--version", "microengine " MICROENGINE_VERSION " (plugin ABI " +
                                           std::to_string(ME_ABI_MAJOR) + "." + std::to_string(ME_ABI_MINOR) +
                                           ")");
    app_.set_help_flag("-h,--help", "show this help");
    app_.require_subcommand(1);
    app_.fallthrough();   // global options may stand behind the command as well
    app_.footer(
        "Example: microengine scan --explain suspicious.bin\n"
        "'microengine COMMAND --help' has more. Exit codes of scan: 0 nothing found, 1 found, 2 error or "
        "unknown,\n"
        "64 usage, 78 bad configuration, 130 interrupted.");
    global();
    scan();
    serve();
    worker();
    ambassador();
    plugins();
    others();
}

void Grammar::global() {
    app_.add_option("--config", options.config,
                    "configuration file (else searched, else the built-in default)")
        ->type_name("FILE");
    choice(&app_, "--log-level", options.log_level, kLevels, "least level that is logged");
    choice(&app_, "--log-format", options.log_format, kLogFormats, "form of the log");
    choice(&app_, "--color,--colour", options.colour, kWhen, "colours; auto: on a terminal without NO_COLOR");
}

CLI::App* Grammar::command(CLI::App* parent, const std::string& name, Command value, const std::string& help,
                           const std::string& example) {
    CLI::App* sub = parent->add_subcommand(name, help);
    sub->footer("Example: " + example);
    sub->callback([this, value] { options.command = value; });
    return sub;
}

void Grammar::scan() {
    CLI::App* scan = command(
        &app_, "scan", Command::scan, "scan files, directories, standard input or URLs",
        "microengine scan --infected --format ndjson ~/Downloads\n"
        "         microengine scan --plugin ./my_engine.so --set rules=./rules FILE\n"
        "Finds are malicious or suspicious artifacts. What could not be judged is unknown, never benign.");
    cli::ScanOptions& o = options.scan;
    scan->add_option("PATH", o.paths, "files and directories (recursively); - is standard input")
        ->type_name("");
    scan->add_option("-f,--file-list", o.file_list,
                     "read paths from FILE, one a line or NUL-separated; - is standard input")
        ->type_name("FILE");
    scan->add_option("--url", o.urls, "judge this URL, with the backends that take URLs; it is not fetched")
        ->type_name("URL")
        ->allow_extra_args(false);
    choice(scan, "--format", o.format, kFormats, "form of the results");
    scan->add_flag("--explain", o.explain,
                   "say why: a sentence, a table of backends, what would change the verdict");
    scan->add_flag("-i,--infected", o.finds_only, "show finds only");
    scan->add_flag("-q,--quiet", o.quiet, "show errors only; the exit code tells");
    scan->add_flag("--no-summary", o.no_summary, "no summary at the end");
    choice(scan, "--progress", o.progress, kWhen, "progress on standard error; auto: on a terminal");
    scan_limits(scan);
    scan->add_option("--plugin", o.plugin, "try this one plugin, without any configuration")
        ->type_name("FILE.so");
    scan->add_option("--set", o.settings, "a setting of that plugin")
        ->type_name("KEY=VALUE")
        ->needs("--plugin")
        ->allow_extra_args(false);
}

void Grammar::scan_limits(CLI::App* scan) {
    cli::ScanOptions& o = options.scan;
    choice(scan, "--strategy", o.strategy, kStrategies,
           "combine with this strategy instead of the configured one");
    choice(scan, "--fail-on", o.fail_on, kFailOn, "least verdict that makes the exit code 1");
    scan->add_option("-j,--jobs", o.jobs, "artifacts scanned at the same time (default: cores)")
        ->type_name("N")
        ->check(CLI::Range(1, 256).description(""));
    scan->add_option_function<std::string>(
            "-a,--timeout", [&o](const std::string& text) { o.timeout = duration_of(text); },
            "longest time for one artifact: 500ms, 30s, 2m; 0: none")
        ->type_name("TIME");
    scan->add_option_function<std::string>(
            "-z,--max-size", [&o](const std::string& text) { o.max_bytes = size_of(text); },
            "larger artifacts are unknown, not scanned: 500k, 1.5M, 2G")
        ->type_name("SIZE");
    scan->add_flag("--cache", o.cache,
                   "remember answers in a file: unchanged artifacts are not scanned again next time");
    scan->add_flag("-x,--one-file-system", o.one_file_system, "do not walk into other file systems");
}

void Grammar::serve() {
    CLI::App* serve = command(&app_, "serve", Command::serve,
                              "scan for others: an HTTP API, and sockets for ClamAV's clients",
                              "microengine serve --http 127.0.0.1:8080 --clamd /tmp/clamd.sock\n"
                              "SIGHUP reloads the configuration and the signatures; SIGTERM ends, once what "
                              "is in work is answered.\n"
                              "Exit codes: 0 told to end, 2 an address cannot be had, 78 bad configuration.");
    const auto listen = [serve](const std::string& name, std::vector<std::string>& addresses,
                                const std::string& help) {
        serve->add_option(name, addresses, help)->type_name("ADDRESS")->allow_extra_args(false);
    };
    listen("--http", options.listen_http,
           "serve the HTTP API there: 127.0.0.1:8080, or the path of a socket (default: http.listen)");
    listen("--clamd", options.listen_clamd,
           "serve ClamAV's clients there: 127.0.0.1:3310, or the path of a socket (default: clamd.listen)");
}

void Grammar::worker() {
    CLI::App* worker =
        command(&app_, "worker", Command::worker, "scan what other machines have put into the queue",
                "microengine worker --config fleet.toml --http 127.0.0.1:9100\n"
                "Takes jobs from the broker that queue.url names, and gives each result back before it "
                "lets go of the job.\n"
                "SIGHUP reloads the configuration and the signatures; SIGTERM ends, once what "
                "is in hand is answered.\n"
                "Exit codes: 0 told to end, 2 an address cannot be had, 78 bad configuration.");
    worker
        ->add_option("--http", options.listen_http,
                     "serve /readyz, /metrics and the HTTP API there (default: nowhere)")
        ->type_name("ADDRESS")
        ->allow_extra_args(false);
}

void Grammar::others() {
    CLI::App* backends =
        command(&app_, "backends", Command::backends, "open the configured backends and show their state",
                "microengine backends --why");
    backends->add_flag("--why", options.why, "give the reason for each that is not ready");
    backends->add_flag("--json", options.json, "as JSON");

    CLI::App* bounties = command(
        &app_, "bounties", Command::bounties, "list the bounties of the marketplace, and explain each",
        "microengine bounties --owed\nmicroengine bounties 16bed7b5f261\n"
        "Exit codes: 0, 1 no such bounty, 2 the journal cannot be read, 78 bad configuration.");
    bounties
        ->add_option("BOUNTY", options.bounty,
                     "the first digits of one, as logs and the list show them: explain it")
        ->type_name("");
    bounties->add_flag("--owed", options.only_owed, "only those that a reply is still owed for");
    bounties->add_option("-n,--most", options.most, "so many of the newest")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000).description(""));
    bounties->add_flag("--json", options.json, "as JSON, one object a line");

    CLI::App* config = app_.add_subcommand("config", "check, show and document the configuration");
    config->require_subcommand(1);
    command(config, "check", Command::config_check, "report every problem of the configuration",
            "microengine config check --config site.toml");
    command(config, "show", Command::config_show, "the effective configuration, defaults filled in",
            "microengine config show");
    command(config, "reference", Command::config_reference, "all keys, as Markdown",
            "microengine config reference > configuration.md");

    CLI::App* completion =
        command(&app_, "completion", Command::completion, "print a completion script for a shell",
                "source <(microengine completion bash)");
    completion->add_option("SHELL", options.shell, "bash, zsh or fish")
        ->type_name("")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""));
}

}   // namespace microengine::app
