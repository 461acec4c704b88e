// SPDX-License-Identifier: MIT
#include "host/app/options.hpp"

#include "host/util/text.hpp"

#include <microengine/plugin.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace microengine::app {

namespace {

template <class T>
using Names = std::map<std::string, T>;

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
const Names<ambassador::Phases> kPhases{{"assertion", ambassador::Phases::assertion},
                                        {"arbitration", ambassador::Phases::arbitration},
                                        {"both", ambassador::Phases::both}};
const Names<Language> kLanguages{{"cpp", Language::cpp}, {"c", Language::c}, {"rust", Language::rust}};
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

/// One of a few words; the help shows them once, in the manner of the shell.
template <class T>
void choice(CLI::App* app, const std::string& name, T& value, const Names<T>& names,
            const std::string& help) {
    std::string words;
    for (const auto& [word, unused] : names) words += (words.empty() ? "" : "|") + word;
    app->add_option_function<std::string>(
           name, [&value, &names](const std::string& word) { value = names.at(word); }, help)
        ->check(CLI::IsMember(names).description(""))
        ->type_name(words);
}
template <class T>
void choice(CLI::App* app, const std::string& name, std::optional<T>& value, const Names<T>& names,
            const std::string& help) {
    std::string words;
    for (const auto& [word, unused] : names) words += (words.empty() ? "" : "|") + word;
    app->add_option_function<std::string>(
           name, [&value, &names](const std::string& word) { value = names.at(word); }, help)
        ->check(CLI::IsMember(names).description(""))
        ->type_name(words);
}

/// The words of the command line, bound to one Options.
class Grammar {
public:
    Grammar();
    Grammar(const Grammar&) = delete;
    Grammar& operator=(const Grammar&) = delete;
    ~Grammar() = default;
    CLI::App& app() { return app_; }
    Options options;

private:
    CLI::App* command(CLI::App* parent, const std::string& name, Command value, const std::string& help,
                      const std::string& example);
    void global();
    void scan();
    void scan_limits(CLI::App* scan);
    void serve();
    void worker();
    void ambassador();
    void ambassador_load(CLI::App* ambassador);
    void plugins();
    void plugin_new(CLI::App* plugin);
    void plugin_check(CLI::App* plugin);
    void others();
    CLI::App app_{
        "Scans artifacts with many malware detection backends and explains the verdict they make together."};
};

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

void Grammar::plugin_check(CLI::App* plugin) {
    CLI::App* check = command(plugin, "check", Command::plugin_check,
                              "does it keep the contract? Runs its code, in processes of its own",
                              "microengine plugin check ./my_engine.so --set rules=./rules\n"
                              "         microengine plugin check ./my_engine.so --fuzz 30s --seed 7\n"
                              "Exit codes: 0 all passed, 1 a test failed, 2 it could not run.");
    check->fallthrough(false);   // another program reads all that stands behind it
    conformance::add_options(*check, options.check);
}

void Grammar::plugin_new(CLI::App* plugin) {
    CLI::App* make = command(
        plugin, "new", Command::plugin_new, "begin a plugin: a project that builds, tests and scans",
        "microengine plugin new my_engine\n"
        "         microengine plugin new my_engine --language rust --type file,url --into ~/src/my_engine\n"
        "NAME has lower case letters, digits and underscores. Nothing that exists is written over.\n"
        "Exit codes: 0, 2 it cannot be written, 64 the name or the folder will not do.");
    PluginWish& wish = options.plugin_new;
    make->add_option("NAME", wish.name, "of the plugin: its file, its project, the end of its id")
        ->type_name("")
        ->required();
    choice(make, "--language", wish.language, kLanguages, "what it is written in (default: cpp)");
    make->add_option_function<std::string>(
            "--type",
            [&wish](const std::string& text) {
                if (const auto read = read_artifact_types(text, wish); !read)
                    throw CLI::ValidationError("--type", read.error().message);
            },
            "artifacts that it takes: file, url or file,url (default: file)")
        ->type_name("TYPES");
    make->add_option("--into", wish.into, "the folder to make (default: ./NAME)")->type_name("DIR");
}

void Grammar::plugins() {
    CLI::App* plugin = app_.add_subcommand("plugin", "begin, list, describe and check plugins");
    plugin->require_subcommand(1);
    plugin_new(plugin);
    CLI::App* list =
        command(plugin, "list", Command::plugin_list, "the plugins that could be loaded, and why others not",
                "microengine plugin list");
    list->add_flag("--json", options.json, "as JSON");
    CLI::App* info = command(plugin, "info", Command::plugin_info, "a plugin's card and its settings",
                             "microengine plugin info yara");
    info->add_option("PLUGIN", options.plugin, "a name in the plugin directory, or a path")
        ->type_name("")
        ->required();
    info->add_flag("--json", options.json, "as JSON");
    plugin_check(plugin);
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

void add_words(const CLI::App* app, const std::string& path, std::vector<cli::CommandWords>& all) {
    cli::CommandWords words{.path = path, .help = app->get_description(), .subcommands = {}, .options = {}};
    for (const CLI::Option* option : app->get_options()) {
        if (option->get_positional()) {
            words.positional = option->get_name(true);
            continue;
        }
        cli::OptionWords one{.names = {},
                             .help = option->get_description(),
                             .takes_value = option->get_expected_max() > 0,
                             .values = {},
                             .is_file = false};
        for (const std::string& name : option->get_snames()) one.names.push_back("-" + name);
        for (const std::string& name : option->get_lnames()) one.names.push_back("--" + name);
        const std::string type = one.takes_value ? option->get_type_name() : "";
        one.is_file = type.starts_with("FILE");
        if (type.contains('|')) one.values = CLI::detail::split(type, '|');
        words.options.push_back(std::move(one));
    }
    const auto subcommands = app->get_subcommands({});
    for (const CLI::App* sub : subcommands)
        words.subcommands.push_back({sub->get_name(), sub->get_description()});
    all.push_back(std::move(words));
    for (const CLI::App* sub : subcommands) add_words(sub, path + " " + sub->get_name(), all);
}

/// What stands behind `plugin check`.
std::vector<std::string> words_of_check(std::span<char* const> words) {
    const auto plugin = std::ranges::find(words, std::string_view("plugin"));
    const auto check = std::find(plugin, words.end(), std::string_view("check"));
    return check == words.end() ? std::vector<std::string>()
                                : std::vector<std::string>(check + 1, words.end());
}

bool nothing_named(const cli::ScanOptions& scan) {
    return scan.paths.empty() && scan.urls.empty() && scan.file_list.empty();
}

/// Who reads it a second time would find nothing, and take that for an empty file.
bool reads_input_twice(const cli::ScanOptions& scan) {
    return std::ranges::count(scan.paths, "-") + (scan.file_list == "-" ? 1 : 0) > 1;
}

/// The innermost command that was given: "microengine plugin list".
const CLI::App* given_command(const CLI::App* app, std::string& path) {
    path = app->get_name();
    for (auto below = app->get_subcommands(); !below.empty(); below = app->get_subcommands()) {
        app = below.front();
        path += " " + app->get_name();
    }
    return app;
}

/// What stands where a command should; the library only says that it misses one.
std::string unknown_command(const CLI::App& command, const CLI::App& whole) {
    const auto known = command.get_subcommands([](const CLI::App*) { return true; });
    if (known.empty()) return "";
    const std::vector<std::string> words = whole.remaining(true);
    const auto word = std::ranges::find_if(words, [](const std::string& w) { return !w.starts_with('-'); });
    if (word == words.end()) return "";
    std::vector<std::string> names;
    std::ranges::transform(known, std::back_inserter(names), &CLI::App::get_name);
    const std::vector<std::string_view> candidates(names.begin(), names.end());
    const std::string meant(util::did_you_mean(*word, candidates));
    return "unknown command '" + util::printable(util::cut(*word, 60)) + "'" +
           (meant.empty() ? "" : "; did you mean '" + meant + "'?");
}

int complain(const CLI::App& app, const CLI::ParseError& error) {
    std::string path;
    const CLI::App* command = given_command(&app, path);
    const std::string unknown = unknown_command(*command, app);
    std::fprintf(stderr, "microengine: error: %s\nTry '%s --help'.\n",
                 unknown.empty() ? util::printable_lines(error.what()).c_str() : unknown.c_str(),
                 path.c_str());
    return 64;
}

}   // namespace

Parsed parse_options(int argc, char** argv) {
    Grammar grammar;
    try {
        grammar.app().parse(argc, argv);
        if (grammar.options.command == Command::plugin_check)
            grammar.options.check_words = words_of_check({argv, static_cast<std::size_t>(argc)});
        if (!grammar.options.scan.plugin.empty() && !grammar.options.config.empty())
            throw CLI::ValidationError("--plugin",
                                       "tries one plugin without any configuration; leave out --config");
        if (grammar.options.command == Command::scan && nothing_named(grammar.options.scan))
            throw CLI::ValidationError(
                "scan", "nothing to scan: name a PATH, - for standard input, --url or --file-list");
        if (grammar.options.command == Command::ambassador && grammar.options.ambassador.target.empty() &&
            !grammar.options.ambassador.spawn)
            throw CLI::ValidationError(
                "ambassador", "no engine: name one with --target URL, or start one with --spawn FILE");
        if (grammar.options.command == Command::plugin_new)
            if (const auto name = check_plugin_name(grammar.options.plugin_new.name); !name)
                throw CLI::ValidationError("plugin new", name.error().message);
        if (reads_input_twice(grammar.options.scan))
            throw CLI::ValidationError("scan", "standard input can be read only once; name - once");
        return {.options = grammar.options, .exit_code = 0};
    } catch (const CLI::Success& done) {   // --help, --version
        return {.options = std::nullopt, .exit_code = grammar.app().exit(done)};
    } catch (const CLI::ParseError& error) {
        return {.options = std::nullopt, .exit_code = complain(grammar.app(), error)};
    }
}

std::vector<cli::CommandWords> command_words() {
    Grammar grammar;
    std::vector<cli::CommandWords> all;
    add_words(&grammar.app(), "microengine", all);
    return all;
}

}   // namespace microengine::app
