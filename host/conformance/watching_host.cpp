// SPDX-License-Identifier: MIT
#include "host/conformance/watching_host.hpp"

#include "host/core/bounds.hpp"
#include "host/util/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace microengine::conformance {

namespace {

using Kind = WatchedCall::Kind;

WatchedCall& of(me_call* call) { return static_cast<WatchedCall&>(*static_cast<plugin::CallRecord*>(call)); }

void broke(WatchedCall& call, std::string reason, std::string fix) {
    const std::scoped_lock lock(call.mutex);
    call.broken.insert({.reason = std::move(reason), .fix = std::move(fix)});
}
/// No law is against it, and something of it is lost.
void lost(WatchedCall& call, std::string reason, std::string fix) {
    const std::scoped_lock lock(call.mutex);
    call.broken.insert({.reason = std::move(reason), .fix = std::move(fix), .error = false});
}

void same_thread(WatchedCall& call, std::string_view function) {
    if (std::this_thread::get_id() == call.caller) return;
    broke(call, "it called host->" + std::string(function) + " from a thread of its own",
          "only the thread inside the call may: collect, and tell the host when the thread has been joined");
}

std::string_view view(const me_string& text) {
    return text.data == nullptr ? std::string_view()
                                : std::string_view(text.data, static_cast<std::size_t>(text.size));
}

void check_text(WatchedCall& call, std::string_view what, std::string_view text, std::size_t most) {
    if (!util::is_utf8(text))
        broke(call, std::string(what) + " is not UTF-8",
              "law L4: convert what comes from an artifact or a signature before it is reported");
    if (text.size() > most)
        lost(call,
             std::string(what) + " has " + std::to_string(text.size()) + " bytes, and the host keeps " +
                 std::to_string(most),
             "cut it yourself, where it makes sense");
}

void log(me_call* call, std::int32_t level, const char* text, std::uint64_t size) noexcept {
    if (call == nullptr) return;   // allowed, and nobody's
    check_text(of(call), "a line of its log", view({text, size}), core::kMaxText);
    plugin::host_table().log(call, level, text, size);
}

void fail(me_call* call, const char* setting, const char* text, std::uint64_t size) noexcept {
    WatchedCall& watched = of(call);
    same_thread(watched, "fail");
    check_text(watched, "the reason that it gave", view({text, size}), core::kMaxText);
    if (setting != nullptr && std::ranges::find(watched.card.settings, setting, &core::SettingSpec::name) ==
                                  watched.card.settings.end())
        broke(watched,
              "it blamed the setting '" + util::printable(setting) + "', which its card does not have",
              "give host->fail the name as the card has it, or NULL");
    plugin::host_table().fail(call, setting, text, size);
}

me_status should_stop(me_call* call) noexcept { return plugin::host_table().should_stop(call); }

void check_detection(WatchedCall& call, const me_detection& detection) {
    if (detection.name.size == 0)
        broke(call, "a detection has no name",
              "name the signature that matched: it is what people search for");
    check_text(call, "the name of a detection", view(detection.name), core::kMaxName);
    check_text(call, "the family of a detection", view(detection.family), core::kMaxFamily);
    check_text(call, "the name_space of a detection", view(detection.name_space), core::kMaxNameSpace);
    const std::string_view detail = view(detection.detail);
    check_text(call, "the detail of a detection", detail, core::kMaxDetail);
    if (!detail.empty() && (!nlohmann::json::accept(detail) || !detail.starts_with('{')))
        broke(call, "the detail of a detection is no JSON object", "write an object, or nothing");
    if (detection.tag_count > core::kMaxTags)
        lost(call,
             "a detection has " + std::to_string(detection.tag_count) + " tags, and the host keeps " +
                 std::to_string(core::kMaxTags),
             "choose the ones that matter");
    if (detection.tags == nullptr) return;
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(detection.tag_count, core::kMaxTags); ++i)
        check_text(call, "a tag of a detection", view(detection.tags[i]), core::kMaxTag);
}

me_status add_detection(me_call* call, const me_detection* detection) noexcept {
    WatchedCall& watched = of(call);
    same_thread(watched, "add_detection");
    constexpr std::uint64_t deaf = 100;   // some libraries end a moment later
    const bool legible = detection != nullptr && ME_HAS(me_detection, detection, detail);
    if (legible) check_detection(watched, *detection);
    const me_status status = watched.full && watched.kind == Kind::scan
                                 ? ME_E_LIMIT
                                 : plugin::host_table().add_detection(call, detection);
    if (watched.kind != Kind::scan)
        broke(watched, "it reported a detection outside of scan", "call host->add_detection in scan only");
    if (status == ME_E_LIMIT && ++watched.refused_detections == deaf)
        broke(watched, "it went on reporting detections after the host had enough of them",
              "stop when host->add_detection does not answer ME_OK: end the scan, the verdict stands");
    return status;
}

me_status temp_dir(me_call* call, me_string* path) noexcept {
    WatchedCall& watched = of(call);
    same_thread(watched, "temp_dir");
    if ((watched.card.needs & ME_NEED_TEMP_DIR) == 0)
        broke(watched, "it asked for a temporary directory that its card does not need",
              "add ME_NEED_TEMP_DIR to the card's needs");
    return plugin::host_table().temp_dir(call, path);
}

/// What it asked for, and whether it may.
WatchedCall& reading(me_call* call, const char* name) {
    WatchedCall& watched = of(call);
    same_thread(watched, "setting_…");
    if (watched.kind != Kind::open)
        broke(watched, "it asked for a setting outside of backend_open",
              "read settings while opening, and keep copies in the backend");
    const std::scoped_lock lock(watched.mutex);
    watched.read.insert(name == nullptr ? "" : name);
    return watched;
}

void judge_reading(WatchedCall& call, const char* name, me_status status) {
    const bool declared =
        name != nullptr &&
        std::ranges::find(call.card.settings, name, &core::SettingSpec::name) != call.card.settings.end();
    if (!declared && call.kind == Kind::open)
        broke(call,
              "it asked for the setting '" + util::printable(name == nullptr ? "" : name) +
                  "', which its card does not have",
              "declare it in the card, or correct its name in the code");
    if (status == ME_E_TYPE)
        broke(call,
              "it asked for the setting '" + util::printable(name) + "' as another type than its card has",
              "use the function of the declared type");
}

me_status setting_count(me_call* call, const char* name, std::uint64_t* count) noexcept {
    WatchedCall& watched = reading(call, name);
    const me_status status = plugin::host_table().setting_count(call, name, count);
    return judge_reading(watched, name, status), status;
}
me_status setting_string(me_call* call, const char* name, std::uint64_t index, me_string* value) noexcept {
    WatchedCall& watched = reading(call, name);
    const me_status status = plugin::host_table().setting_string(call, name, index, value);
    return judge_reading(watched, name, status), status;
}
me_status setting_integer(me_call* call, const char* name, std::uint64_t index,
                          std::int64_t* value) noexcept {
    WatchedCall& watched = reading(call, name);
    const me_status status = plugin::host_table().setting_integer(call, name, index, value);
    return judge_reading(watched, name, status), status;
}
me_status setting_boolean(me_call* call, const char* name, std::uint64_t index,
                          std::int32_t* value) noexcept {
    WatchedCall& watched = reading(call, name);
    const me_status status = plugin::host_table().setting_boolean(call, name, index, value);
    return judge_reading(watched, name, status), status;
}

const void* extension(const char* /*id*/) noexcept { return nullptr; }

me_host_v1 table_of(std::size_t size, std::uint16_t minor) {
    me_host_v1 table = plugin::host_table();
    table.struct_size = static_cast<std::uint32_t>(size);
    table.abi_minor = minor;
    table.log = log;
    table.fail = fail;
    table.should_stop = should_stop;
    table.add_detection = add_detection;
    table.temp_dir = temp_dir;
    table.setting_count = setting_count;
    table.setting_string = setting_string;
    table.setting_integer = setting_integer;
    table.setting_boolean = setting_boolean;
    table.extension = extension;
    return table;
}

struct LaterHost {
    me_host_v1 known;
    std::array<std::uint64_t, 8> later;   // functions that nobody of today may call
};

}   // namespace

const me_host_v1& watching_host() {
    static const me_host_v1 table = table_of(sizeof(me_host_v1), ME_ABI_MINOR);
    return table;
}

const me_host_v1& later_host() {
    constexpr std::uint16_t later_minor = 999;
    static const LaterHost table{.known = table_of(sizeof(LaterHost), later_minor), .later = {1, 2, 3, 4}};
    return table.known;
}

}   // namespace microengine::conformance
