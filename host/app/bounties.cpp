// SPDX-License-Identifier: MIT
#include "host/app/bounties.hpp"

#include "host/bounty/bounty.hpp"
#include "host/frontends/cli/table.hpp"
#include "host/frontends/polyswarm/journal.hpp"
#include "host/util/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <ctime>
#include <vector>

namespace microengine::app {

namespace {

using polyswarm::JournalRow;
using polyswarm::State;

constexpr std::size_t kShownKey = 12;   // digits, as in the log
constexpr std::size_t kMostBody = std::size_t{4} << 10;
constexpr int kNotFound = 1;
constexpr int kCannotRead = 2;
constexpr int kUsage = 64;
constexpr int kBadConfig = 78;

bool is_hex_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

std::string key_of(const JournalRow& row) { return util::hex(row.key).substr(0, kShownKey); }

/// "2026-11-28 12:00:03.250", UTC; "-" for 0.
std::string time_text(std::int64_t ms) {
    if (ms == 0) return "-";
    const std::time_t seconds = ms / 1000;
    std::tm parts{};
    if (::gmtime_r(&seconds, &parts) == nullptr) return "?";
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
    const std::string fraction = std::to_string(1000 + ms % 1000);
    return std::string(text) + "." + fraction.substr(1);
}

std::string seconds_text(std::int64_t ms) {
    const std::int64_t size = ms < 0 ? -ms : ms;
    const std::string tenths = std::to_string(size / 100);
    const std::string padded = tenths.size() < 2 ? "0" + tenths : tenths;
    return (ms < 0 ? "-" : "") + padded.substr(0, padded.size() - 1) + "." + padded.back() + " s";
}

/// How long before its deadline the reply was delivered, or what else became of it.
std::string outcome_of(const JournalRow& row) {
    std::string state(to_text(row.state));
    if (row.state != State::delivered) return state;
    return state + ", " + seconds_text(row.deadline_ms - row.finished_ms) + " to spare";
}

std::string listing(const std::vector<JournalRow>& rows) {
    std::vector<std::vector<std::string>> table{
        {"BOUNTY", "ENGINE", "ACCEPTED (UTC)", "VERDICT", "BID", "STATE"}};
    for (const JournalRow& row : rows)
        table.push_back({key_of(row), row.engine, time_text(row.accepted_ms),
                         row.verdict.empty() ? "-" : row.verdict,
                         row.bid > bounty::Wei{} ? to_nct(row.bid) : "-", outcome_of(row)});
    return cli::table(table);
}

std::string explained(const JournalRow& row) {
    std::string text;
    const auto line = [&text](std::string_view name, const std::string& value) {
        std::string label(name);
        label.resize(std::max<std::size_t>(label.size(), 14), ' ');
        text += label + util::printable(util::cut(value, kMostBody)) + "\n";
    };
    line("bounty", util::hex(row.key));
    line("engine", row.engine);
    if (const auto read = bounty::parse_bounty(row.body, row.accepted_ms)) {
        line("id", read->id);
        line("type", read->artifact_type + (read->mimetype.empty() ? "" : ", " + read->mimetype));
        line("artifact", bounty::redacted(read->artifact_uri));
        if (const auto& digest = read->sha256) line("sha256", util::hex(*digest));
        line("reply to", bounty::redacted(read->response_url));
        line("phase", std::string(to_text(read->phase)));
        line("bids", to_nct(read->rules.min) + " to " + to_nct(read->rules.max));
    }
    line("delivery", row.delivery.empty() ? "-" : row.delivery);
    line("accepted", time_text(row.accepted_ms));
    line("deadline", time_text(row.deadline_ms));
    line("fixed", time_text(row.fixed_ms));
    line("finished", time_text(row.finished_ms));
    line("state", outcome_of(row));
    line("attempts",
         std::to_string(row.attempts) +
             (row.last_status == 0 ? "" : ", the last answered " + std::to_string(row.last_status)));
    line("verdict", row.verdict.empty() ? "none yet" : row.verdict);
    line("bid", to_nct(row.bid));
    line("why", row.note.empty() ? "-" : row.note);
    line("reply", row.reply.empty() ? "none yet" : row.reply);
    return text;
}

nlohmann::ordered_json json_of(const JournalRow& row) {
    nlohmann::ordered_json out{
        {"bounty", util::hex(row.key)},   {"engine", row.engine},           {"state", to_text(row.state)},
        {"accepted_ms", row.accepted_ms}, {"deadline_ms", row.deadline_ms}, {"fixed_ms", row.fixed_ms},
        {"finished_ms", row.finished_ms}, {"delivery", row.delivery},       {"verdict", row.verdict},
        {"bid_wei", to_text(row.bid)},    {"attempts", row.attempts},       {"last_status", row.last_status},
        {"why", util::to_utf8(row.note)}};
    if (const auto read = bounty::parse_bounty(row.body, row.accepted_ms)) {
        out["id"] = util::to_utf8(read->id);
        out["artifact"] = bounty::redacted(read->artifact_uri);
        out["phase"] = to_text(read->phase);
    }
    return out;
}

}   // namespace

std::optional<int> show_bounties(App& app) {
    const Options& options = app.options;
    const std::filesystem::path& file = app.loaded.config.polyswarm.journal;
    if (file.empty())
        return app.complain({.code = util::Errc::config,
                             .place = app.loaded.config.file,
                             .message = "there is no journal of bounties: polyswarm.journal is not set"},
                            kBadConfig);
    const bool one = !options.bounty.empty();
    if (!std::ranges::all_of(options.bounty, is_hex_digit))
        return app.complain(
            {.code = util::Errc::usage,
             .place = options.bounty,
             .message = "is no bounty: hexadecimal digits, as the list and the log show them"},
            kUsage);
    const auto rows = polyswarm::read_journal(
        file, {.only_owed = options.only_owed, .prefix = options.bounty, .most = options.most});
    if (!rows) return app.complain(rows.error(), kCannotRead);
    if (one && rows->empty())
        return app.complain({.code = util::Errc::usage,
                             .place = options.bounty,
                             .message = "no bounty in the journal begins with this"},
                            kNotFound);
    std::string text;
    if (options.json) {
        for (const JournalRow& row : *rows) text += json_of(row).dump() + "\n";
    } else if (one) {
        for (const JournalRow& row : *rows) text += (text.empty() ? "" : "\n") + explained(row);
    } else {
        text = listing(*rows);
    }
    return app.console.print(text) ? 0 : kCannotRead;
}

}   // namespace microengine::app
