// SPDX-License-Identifier: MIT
#include "host/config/keys.hpp"

#include "host/config/slots.hpp"

#include <algorithm>
#include <array>

namespace microengine::config {

namespace {

constexpr Rule choice_of(std::string_view names) { return {.kind = Kind::choice, .allowed = names}; }
constexpr Rule whole(std::string_view range) { return {.kind = Kind::integer, .allowed = range}; }
constexpr Rule decimal(std::string_view range) { return {.kind = Kind::decimal, .allowed = range}; }
constexpr Rule kFlag{.kind = Kind::boolean};
constexpr Rule kPath{.kind = Kind::path};
constexpr Rule kPaths{.kind = Kind::path, .list = true};

using Combiner = core::CombinerSettings;
using Backend = BackendConfig;
using Policy = core::BackendPolicy;

constexpr std::array kCombinerKeys{
    Key{.name = "strategy",
        .rule = choice_of(kNamesOf<core::Strategy>),
        .fallback = "\"any\"",
        .doc = "how the backends' verdicts become one",
        .slot = kOf<&Config::combiner, &Combiner::strategy>},
    Key{.name = "threshold",
        .rule = decimal("0.0001..0.9999"),
        .fallback = "0.5",
        .doc = "weighted: a greater score is malicious",
        .slot = kOf<&Config::combiner, &Combiner::threshold>},
    Key{.name = "suspicious_threshold",
        .rule = decimal("0.0001..0.9999"),
        .unset = "half of threshold",
        .doc = "weighted: a score from here on is suspicious; at most threshold",
        .slot = kOf<&Config::combiner, &Combiner::suspicious_threshold>},
    Key{.name = "quorum",
        .rule = whole("1..256"),
        .fallback = "1",
        .unit = "backends",
        .doc = "how many complete benign votes a benign verdict needs",
        .slot = kOf<&Config::combiner, &Combiner::quorum>},
    Key{.name = "on_tie",
        .rule = choice_of("benign|suspicious|malicious"),
        .fallback = "\"suspicious\"",
        .doc = "majority and weighted: the verdict when both sides are exactly equal",
        .slot = kOf<&Config::combiner, &Combiner::on_tie>},
    Key{.name = "early_decision",
        .rule = kFlag,
        .fallback = "false",
        .doc = "stop as soon as no missing answer can change the verdict",
        .slot = kOf<&Config::combiner, &Combiner::early_decision>},
};

constexpr std::array kTrustedKeys{
    Key{.name = "allow",
        .rule = kPaths,
        .fallback = "[]",
        .doc = "lists of SHA-256 digests that are benign; one digest a line, # comments",
        .slot = kOf<&Config::trusted, &TrustedFiles::allow>},
    Key{.name = "block",
        .rule = kPaths,
        .fallback = "[]",
        .doc = "lists of SHA-256 digests that are malicious; asked before allow",
        .slot = kOf<&Config::trusted, &TrustedFiles::block>},
};

constexpr std::array kBackendKeys{
    Key{.name = "name",
        .rule = {.kind = Kind::name},
        .doc = "what reports call this backend; unique",
        .slot = kOfBackend<&Backend::policy, &Policy::name>},
    Key{.name = "plugin",
        .rule = {.kind = Kind::plugin},
        .doc = "a bare name in the plugin directory, or an absolute path",
        .slot = kOfBackend<&Backend::plugin>},
    Key{.name = "weight",
        .rule = decimal("0..1000"),
        .fallback = "1.0",
        .doc = "your trust in this backend; 0 makes it an observer that counts nowhere",
        .slot = kOfBackend<&Backend::policy, &Policy::weight>},
    Key{.name = "timeout_ms",
        .rule = whole("1..3600000"),
        .fallback = "10000",
        .unit = "ms",
        .doc = "how long it may take for one artifact",
        .slot = kOfBackend<&Backend::timeout>},
    Key{.name = "isolation",
        .rule = choice_of(kNamesOf<Isolation>),
        .fallback = "\"process\"",
        .doc = "process: in locked-down processes of its own; in_process: in this one, for trusted plugins",
        .slot = kOfBackend<&Backend::isolation>},
    Key{.name = "required",
        .rule = kFlag,
        .fallback = "false",
        .doc = "without its own benign vote the verdict cannot be benign",
        .slot = kOfBackend<&Backend::policy, &Policy::required>},
    Key{.name = "veto",
        .rule = kFlag,
        .fallback = "false",
        .doc = "its malicious vote decides alone",
        .slot = kOfBackend<&Backend::policy, &Policy::veto>},
    Key{.name = "group",
        .rule = {.kind = Kind::string},
        .fallback = "\"\"",
        .doc = "backends with the same signatures or feed; shown in reports",
        .slot = kOfBackend<&Backend::policy, &Policy::group>},
    Key{.name = "default_confidence",
        .rule = decimal("0..1"),
        .unset = "1, and reports say that it was not set",
        .doc = "its confidence where it gives none of its own",
        .slot = kOfBackend<&Backend::policy, &Policy::default_confidence>},
    Key{.name = "max_artifact_bytes",
        .rule = whole("1..4294967296"),
        .unset = "no limit of its own",
        .unit = "bytes",
        .doc = "a larger artifact is not given to it, and its vote is missing",
        .slot = kOfBackend<&Backend::max_artifact_bytes>},
    Key{.name = "sha256",
        .rule = {.kind = Kind::sha256},
        .unset = "any file",
        .doc = "the digest that the plugin's file must have",
        .slot = kOfBackend<&Backend::sha256>},
    Key{.name = "enabled",
        .rule = kFlag,
        .fallback = "true",
        .doc = "false: checked, but not opened",
        .slot = kOfBackend<&Backend::enabled>},
    Key{.name = "grant",
        .rule = {.kind = Kind::choice, .allowed = "network|exec_memory", .list = true},
        .fallback = "[]",
        .doc = "rights that the plugin needs and you allow",
        .slot = kOfBackend<&Backend::grant>},
    Key{.name = "settings",
        .rule = {.kind = Kind::table},
        .unset = "the plugin's defaults",
        .doc = "the plugin's own settings; 'microengine plugin info NAME' lists them",
        .slot = {}},
};

constexpr std::array kPluginsKeys{
    Key{.name = "directory",
        .rule = kPath,
        .fallback = "\"\"",
        .doc = "where bare plugin names are looked up; empty: beside the program",
        .slot = kOf<&Config::plugins, &PluginsConfig::directory>},
};

constexpr std::array kIsolationKeys{
    Key{.name = "sandbox",
        .rule = choice_of(kNamesOf<Sandbox>),
        .fallback = "\"standard\"",
        .doc = "standard: what the kernel lacks is reported; strict: it refuses the backend; off: no sandbox",
        .slot = kOf<&Config::isolation, &IsolationConfig::sandbox>},
    Key{.name = "user",
        .rule = {.kind = Kind::string},
        .fallback = "\"nobody\"",
        .doc = "whom the scanning processes become when the program runs as root",
        .slot = kOf<&Config::isolation, &IsolationConfig::user>},
    Key{.name = "memory_bytes",
        .rule = whole("0..1099511627776"),
        .fallback = "2147483648",
        .unit = "bytes",
        .doc = "how much memory of its own a scanning process may add to what it had at its start, "
               "67108864 at least; 0: no limit",
        .slot = kOf<&Config::isolation, &IsolationConfig::memory_bytes>},
    Key{.name = "temp_bytes",
        .rule = whole("0..1099511627776"),
        .fallback = "1073741824",
        .unit = "bytes",
        .doc = "size of a scanning process's private temporary directory, in memory; 0: no limit",
        .slot = kOf<&Config::isolation, &IsolationConfig::temp_bytes>},
};

constexpr std::array kScanKeys{
    Key{.name = "workers",
        .rule = whole("0..256"),
        .fallback = "0",
        .unit = "threads",
        .doc = "how many artifacts are scanned at the same time; 0: one for each core",
        .slot = kOf<&Config::scan, &ScanConfig::workers>},
    Key{.name = "max_artifact_bytes",
        .rule = whole("0..4294967296"),
        .fallback = "1073741824",
        .unit = "bytes",
        .doc = "a larger artifact is not scanned, and its verdict is unknown",
        .slot = kOf<&Config::scan, &ScanConfig::max_artifact_bytes>},
    Key{.name = "timeout_ms",
        .rule = whole("0..86400000"),
        .fallback = "60000",
        .unit = "ms",
        .doc = "how long all backends together may take for one artifact; 0: no limit",
        .slot = kOf<&Config::scan, &ScanConfig::timeout>},
    Key{.name = "temp_dir",
        .rule = kPath,
        .fallback = "\"\"",
        .doc = "where the backends' private temporary directories are made; empty: the program chooses",
        .slot = kOf<&Config::scan, &ScanConfig::temp_dir>},
};

constexpr std::array kCacheKeys{
    Key{.name = "memory_bytes",
        .rule = whole("0..1099511627776"),
        .fallback = "67108864",
        .unit = "bytes",
        .doc = "how much is remembered of scans, so that the same bytes are not scanned again; 0: nothing",
        .slot = kOf<&Config::cache, &CacheConfig::memory_bytes>},
    Key{.name = "persistent",
        .rule = kFlag,
        .fallback = "false",
        .doc = "remember in a file too, for the next start; as --cache",
        .slot = kOf<&Config::cache, &CacheConfig::persistent>},
    Key{.name = "directory",
        .rule = kPath,
        .fallback = "\"\"",
        .doc = "where that file is; it must be this user's alone; empty: microengine/verdicts in the user's "
               "cache",
        .slot = kOf<&Config::cache, &CacheConfig::directory>},
};

constexpr std::array kLogKeys{
    Key{.name = "level",
        .rule = choice_of(kNamesOf<util::Level>),
        .fallback = "\"warning\"",
        .doc = "the least important events that are logged",
        .slot = kOf<&Config::log, &LogConfig::level>},
    Key{.name = "format",
        .rule = choice_of(kNamesOf<LogFormat>),
        .fallback = "\"auto\"",
        .doc = "auto: text",
        .slot = kOf<&Config::log, &LogConfig::format>},
};

constexpr std::array kTables{
    Table{.name = "combiner", .doc = "How the verdicts of the backends become one.", .keys = kCombinerKeys},
    Table{.name = "trusted",
          .doc = "Artifacts whose verdict you know: a listed one is decided by the list.",
          .keys = kTrustedKeys},
    Table{.name = "backend",
          .repeated = true,
          .doc = "One detection backend; at least one, at most 256. Reports show them in this order.",
          .keys = kBackendKeys},
    Table{.name = "plugins", .doc = "Where plugins are.", .keys = kPluginsKeys},
    Table{.name = "isolation",
          .doc = "How the processes are locked down in which backends scan.",
          .keys = kIsolationKeys},
    Table{.name = "scan", .doc = "Limits of every scan.", .keys = kScanKeys},
    Table{.name = "cache",
          .doc = "What is remembered of scans. Other bytes, signatures or settings are scanned anew.",
          .keys = kCacheKeys},
    Table{.name = "log", .doc = "What the program says while it works, on standard error.", .keys = kLogKeys},
};

}   // namespace

const Key* Table::find(std::string_view key) const {
    const auto found = std::ranges::find(keys, key, &Key::name);
    return found == keys.end() ? nullptr : &*found;
}

std::string Table::header() const {
    return (repeated ? "[[" : "[") + std::string(name) + (repeated ? "]]" : "]");
}

std::span<const Table> tables() { return kTables; }

const Table* find_table(std::string_view name) {
    const auto* found = std::ranges::find(kTables, name, &Table::name);
    return found == kTables.end() ? nullptr : found;
}

std::size_t rows(const Table& table, const Config& config) {
    return table.repeated ? config.backends.size() : 1;
}

}   // namespace microengine::config
