// SPDX-License-Identifier: MIT
// What a plugin makes of settings: those it was given, none, and wrong ones.

#include "host/conformance/session.hpp"
#include "host/conformance/test.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <ranges>

namespace microengine::conformance {

namespace fs = std::filesystem;

namespace {

/// The settings with these values for one of them.
core::Settings with(const core::Settings& settings, const std::string& name,
                    std::vector<core::SettingValue> values) {
    core::Settings changed = settings;
    const auto found = std::ranges::find(changed.all, name, &core::Setting::name);
    if (found != changed.all.end()) found->values = std::move(values);
    return changed;
}

/// What no setting of the type may be.
std::string wrong_value(const core::SettingSpec& spec) {
    return spec.type == core::SettingType::integer || spec.type == core::SettingType::boolean ? "\"word\""
                                                                                              : "7";
}

/// The settings of the command line but for one.
std::vector<std::string> without(const std::vector<std::string>& settings, const std::string& name) {
    std::vector<std::string> rest = settings;
    std::erase_if(rest, [&](const std::string& one) { return one.starts_with(name + "="); });
    return rest;
}

/// Does the host tell that this is wrong, before the plugin runs?
void host_tells(const Subject& subject, Notebook& notes, const std::vector<std::string>& settings,
                const std::string& what) {
    const auto configured = configure(subject, settings);
    if (configured && !configured->problems.empty()) return;
    notes.fail("the host takes " + what + " for a good setting",
               "if the card declares it so, this is a bug of microengine: please report it");
}

/// Opens with wrong settings and closes again.
Opening try_open(Session& session, Notebook& notes, const core::Settings& settings, const std::string& how) {
    notes.step("while it was being opened " + how);
    const Opening opening = session.open(settings);
    note(notes, {opening.broken.begin(), opening.broken.end()}, "opened " + how);
    if (opening.opened) session.close();
    return opening;
}

void write_garbage(const fs::path& file, std::uint64_t seed) {
    constexpr std::size_t garbage_bytes = 4096;
    std::ofstream(file, std::ios::binary) << random_bytes(seed, garbage_bytes);
}

}   // namespace

void check_settings(const Test& /*test*/, Subject& subject, Notebook& notes) {
    if (!subject.settings_problems.empty())
        return notes.fail(
            subject.settings_problems,
            "give it what it needs with --set KEY=VALUE; 'microengine plugin info' has its settings");
    const auto& specs = subject.card().settings;
    for (const core::SettingSpec& spec : specs) {
        std::vector<std::string> settings = without(subject.options.settings, spec.name);
        settings.push_back(spec.name + "=" + wrong_value(spec));
        host_tells(subject, notes, settings, wrong_value(spec) + " as '" + spec.name + "'");
    }
    notes.seen(std::to_string(specs.size()) + " settings, a wrong type of each is told");
}

void check_required(const Test& /*test*/, Subject& subject, Notebook& notes) {
    auto required = subject.card().settings | std::views::filter(&core::SettingSpec::required);
    if (required.empty()) return notes.skip("its card requires no setting");
    Session session(subject, notes);
    if (!session.load()) return;
    for (const core::SettingSpec& spec : required) {
        host_tells(subject, notes, without(subject.options.settings, spec.name), "no '" + spec.name + "'");
        const Opening opening = try_open(session, notes, with(subject.settings, spec.name, {}),
                                         "without the setting '" + spec.name + "'");
        if (opening.opened)
            notes.fail("it opened without the setting '" + spec.name + "', which it requires",
                       "refuse in backend_open, and blame the setting: host->fail(call, \"" + spec.name +
                           "\", …), or me::setting_error; or require it no more");
        notes.seen("'" + spec.name + "' left out: " + util::printable(util::cut(opening.fail_text, 120)));
    }
}

void check_bad_paths(const Test& /*test*/, Subject& subject, Notebook& notes) {
    const auto is_path = [](const core::SettingSpec& spec) { return spec.type == core::SettingType::path; };
    auto paths = subject.card().settings | std::views::filter(is_path);
    if (paths.empty()) return notes.skip("no setting of its card is a path");
    plugin::TempRoot root({});
    const auto folder = root.make("garbage");
    if (!folder) return notes.fail("no temporary directory: " + folder.error().text(), "make room for one");
    const fs::path garbage = *folder / "garbage", missing = *folder / "missing";
    write_garbage(garbage, subject.seed);
    Session session(subject, notes);
    if (!session.load()) return;
    for (const core::SettingSpec& spec : paths) {
        std::vector<std::string> settings = without(subject.options.settings, spec.name);
        settings.push_back(spec.name + "=" + missing.native());
        host_tells(subject, notes, settings, "a path that is not there as '" + spec.name + "'");
        const Opening gone = try_open(session, notes, with(subject.settings, spec.name, {missing.native()}),
                                      "with a path that is not there as '" + spec.name + "'");
        if (gone.opened && spec.required)
            notes.fail(
                "it opened although what '" + spec.name + "' names is not there",
                "open it in backend_open, and refuse with me::setting_error(\"" + spec.name + "\", …)");
        const Opening bad = try_open(session, notes, with(subject.settings, spec.name, {garbage.native()}),
                                     "with random bytes as '" + spec.name + "'");
        notes.seen("'" + spec.name + "': missing " + (gone.opened ? "accepted" : "refused") + ", garbage " +
                   (bad.opened ? "accepted" : "refused"));
    }
}

void check_unread(const Test& /*test*/, Subject& subject, Notebook& notes) {
    if (subject.card().settings.empty()) return notes.skip("its card has no settings");
    Session session(subject, notes);
    if (!session.load()) return;
    const Opening opening = try_open(session, notes, subject.settings, "with the settings given");
    for (const core::SettingSpec& spec : subject.card().settings)
        if (!opening.read.contains(spec.name))
            notes.warn("the setting '" + spec.name + "' is declared and was not read",
                       "take it from the card, or read it; one that is read only with others is fine");
    notes.seen(std::to_string(opening.read.size()) + " of " + std::to_string(subject.card().settings.size()) +
               " read");
}

}   // namespace microengine::conformance
