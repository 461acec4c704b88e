// SPDX-License-Identifier: MIT
#include "host/config/keys.hpp"

#include "host/config/clamd_keys.hpp"
#include "host/config/http_keys.hpp"
#include "host/config/polyswarm_keys.hpp"
#include "host/config/queue_keys.hpp"
#include "host/config/slots.hpp"

#include <algorithm>
#include <array>

namespace microengine::config {

namespace {

using Combiner = core::CombinerSettings;
using Backend = BackendConfig;
using Policy = core::BackendPolicy;
constexpr auto kBackends = [](auto& config) -> auto& { return config.backends; };

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
        .slot = kOfRow<kBackends, &Backend::policy, &Policy::name>},
    Key{.name = "plugin",
        .rule = {.kind = Kind::plugin},
        .doc = "a bare name in the plugin directory, or an absolute path",
        .slot = kOfRow<kBackends, &Backend::plugin>},
    Key{.name = "weight",
        .rule = decimal("0..1000"),
        .fallback = "1.0",
        .doc = "your trust in this backend; 0 makes it an observer that counts nowhere",
        .slot = kOfRow<kBackends, &Backend::policy, &Policy::weight>},
    Key{.name = "timeout_ms",
        .rule = whole("1..3600000"),
        .fallback = "10000",
        .unit = "ms",
        .doc = "how long it may take for one artifact",
        .slot = kOfRow<kBackends, &Backend::timeout>},
    Key{.name = "isolation",
        .rule = choice_of(kNamesOf<Isolation>),
        .fallback = "\"process\"",
        .doc = "process: in locked-down processes of its own; in_process: in this one, for trusted plugins",
        .slot = kOfRow<kBackends, &Backend::isolation>},
    Key{.name = "required",
        .rule = kFlag,
        .fallback = "false",
        .doc = "without its own benign vote the verdict cannot be benign",
        .slot = kOfRow<kBackends, &Backend::policy, &Policy::required>},
    Key{.name = "veto",
        .rule = kFlag,
        .fallback = "false",
        .doc = "its malicious vote decides alone",
        .slot = kOfRow<kBackends, &Backend::policy, &Policy::veto>},
    Key{.name = "group",
        .rule = {.kind = Kind::string},
        .fallback = "\"\"",
        .doc = "backends with the same signatures or feed; shown in reports",
        .slot = kOfRow<kBackends, &Backend::policy, &Policy::group>},
    Key{.name = "default_confidence",
        .rule = decimal("0..1"),
        .unset = "1, and reports say that it was not set",
        .doc = "its confidence where it gives none of its own",
        .slot = kOfRow<kBackends, &Backend::policy, &Policy::default_confidence>},
    Key{.name = "max_artifact_bytes",
        .rule = whole("1..4294967296"),
        .unset = "no limit of its own",
        .unit = "bytes",
        .doc = "a larger artifact is not given to it, and its vote is missing",
        .slot = kOfRow<kBackends, &Backend::max_artifact_bytes>},
    Key{.name = "sha256",
        .rule = {.kind = Kind::sha256},
        .unset = "any file",
        .doc = "the digest that the plugin's file must have",
        .slot = kOfRow<kBackends, &Backend::sha256>},
    Key{.name = "enabled",
        .rule = kFlag,
        .fallback = "true",
        .doc = "false: checked, but not opened",
        .slot = kOfRow<kBackends, &Backend::enabled>},
    Key{.name = "grant",
        .rule = {.kind = Kind::choice, .allowed = "network|exec_memory|programs", .list = true},
        .fallback = "[]",
        .doc = "rights that the plugin needs and you allow",
        .slot = kOfRow<kBackends, &Backend::grant>},
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

constexpr std::array kServeKeys{
    Key{.name = "queue_jobs",
        .rule = whole("1..1000000"),
        .fallback = "1000",
        .unit = "scans",
        .doc = "how many scans may wait; more are refused with an answer that says so",
        .slot = kOf<&Config::serve, &core::ServeSettings::queue_jobs>},
    Key{.name = "spool_bytes",
        .rule = whole("1048576..1099511627776"),
        .fallback = "4294967296",
        .unit = "bytes",
        .doc = "how much of artifacts that were sent may wait in memory and in spool_dir together",
        .slot = kOf<&Config::serve, &core::ServeSettings::spool_bytes>},
    Key{.name = "spool_dir",
        .rule = kPath,
        .fallback = "\"\"",
        .doc = "where large artifacts wait, in files without names; empty: the program chooses",
        .slot = kOf<&Config::serve, &core::ServeSettings::spool_dir>},
    Key{.name = "drain_timeout_ms",
        .rule = whole("0..3600000"),
        .fallback = "30000",
        .unit = "ms",
        .doc = "how long what is in work may take once the program is told to end",
        .slot = kOf<&Config::serve, &core::ServeSettings::drain_timeout>},
    Key{.name = "watch",
        .rule = kFlag,
        .fallback = "true",
        .doc = "reload when the signatures, the plugins or this file change",
        .slot = kOf<&Config::serve, &core::ServeSettings::watch>},
    Key{.name = "settle_ms",
        .rule = whole("100..600000"),
        .fallback = "2000",
        .unit = "ms",
        .doc = "how long they must have rested before that",
        .slot = kOf<&Config::serve, &core::ServeSettings::settle>},
    Key{.name = "reload_memory",
        .rule = choice_of(kNamesOf<core::ReloadMemory>),
        .fallback = "\"auto\"",
        .doc =
            "overlap: old signatures stay until the new ones are loaded; replace: they go first, and scans "
            "wait; auto: overlap where there is memory enough",
        .slot = kOf<&Config::serve, &core::ServeSettings::reload_memory>},
    Key{.name = "max_signature_age_hours",
        .rule = whole("0..87600"),
        .fallback = "0",
        .unit = "hours",
        .doc = "with older signatures /readyz says that the service is not ready; 0: any age",
        .slot = kOf<&Config::serve, &core::ServeSettings::max_signature_age_hours>},
};

constexpr std::array kLogKeys{
    Key{.name = "level",
        .rule = choice_of(kNamesOf<LogLevel>),
        .fallback = "\"auto\"",
        .doc = "the least important events that are logged; auto: info for serve, else warning",
        .slot = kOf<&Config::log, &LogConfig::level>},
    Key{.name = "format",
        .rule = choice_of(kNamesOf<LogFormat>),
        .fallback = "\"auto\"",
        .doc = "auto: text for a person, json for serve where standard error is no terminal",
        .slot = kOf<&Config::log, &LogConfig::format>},
};

constexpr std::array kTables{
    Table{.name = "combiner", .doc = "How the verdicts of the backends become one.", .keys = kCombinerKeys},
    Table{.name = "trusted",
          .doc = "Artifacts whose verdict you know: a listed one is decided by the list.",
          .keys = kTrustedKeys},
    Table{.name = "backend",
          .rows = kRowsOf<256, &Config::backends>,
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
    Table{.name = "serve", .doc = "The daemon: what its frontends share.", .keys = kServeKeys},
    Table{.name = "http",
          .doc = "The HTTP API. An address that is not local needs tokens_file.",
          .keys = kHttpKeys},
    Table{.name = "clamd",
          .doc = "The server for ClamAV's clients. An address that is not local needs allow_peers.",
          .keys = kClamdKeys},
    Table{.name = "queue",
          .doc = "Scans on other machines, through a RabbitMQ broker: 'serve' puts jobs into it, 'worker' "
                 "takes them.",
          .keys = kQueueKeys},
    Table{.name = "polyswarm",
          .doc = "Bounties of the PolySwarm marketplace, taken at paths of the HTTP server.",
          .keys = kPolyswarmKeys},
    Table{.name = "polyswarm.engine",
          .rows = kRowsOf<32, &Config::polyswarm, &Market::engines>,
          .doc = "One engine as PolySwarm knows it: a webhook, a secret, a purse; at most 32.",
          .keys = kEngineKeys},
    Table{.name = "polyswarm.filter",
          .rows = kRowsOf<256, &Config::polyswarm, &Market::filters>,
          .doc =
              "Which bounties are taken, and how sure to be of them; at most 256. Without accepts all are, a "
              "reject wins.",
          .keys = kFilterKeys},
    Table{.name = "log", .doc = "What the program says while it works, on standard error.", .keys = kLogKeys},
};

}   // namespace

const Key* Table::find(std::string_view key) const {
    const auto found = std::ranges::find(keys, key, &Key::name);
    return found == keys.end() ? nullptr : &*found;
}

std::string Table::header() const {
    return (repeated() ? "[[" : "[") + std::string(name) + (repeated() ? "]]" : "]");
}

std::span<const Table> tables() { return kTables; }

const Table* find_table(std::string_view name) {
    const auto* found = std::ranges::find(kTables, name, &Table::name);
    return found == kTables.end() ? nullptr : found;
}

std::size_t rows(const Table& table, const Config& config) {
    return table.repeated() ? table.rows.count(config) : 1;
}

}   // namespace microengine::config
