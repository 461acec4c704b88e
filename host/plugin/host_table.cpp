// SPDX-License-Identifier: MIT
#include "host/plugin/host_table.hpp"

#include "host/core/bounds.hpp"
#include "host/util/log.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace microengine::plugin {

namespace {

CallRecord& of(me_call* call) { return *static_cast<CallRecord*>(call); }

std::string text_of(const char* data, std::uint64_t size, std::size_t most) {
    if (data == nullptr) return {};
    const std::string_view text(data, static_cast<std::size_t>(size));
    // Cut before and after: replaced bytes grow, and what is gigabytes long must not be copied first.
    return std::string(util::cut(util::to_utf8(text.substr(0, most + 4)), most));
}
std::string text_of(const me_string& text, std::size_t most) { return text_of(text.data, text.size, most); }

void log(me_call* call, std::int32_t level, const char* text, std::uint64_t size) noexcept {
    const auto loudness = level == ME_LOG_DEBUG   ? util::Level::debug
                          : level == ME_LOG_WARN  ? util::Level::warning
                          : level == ME_LOG_ERROR ? util::Level::error
                                                  : util::Level::info;
    util::log(loudness, "backend_says",
              {{"backend", call == nullptr ? std::string("-") : *of(call).backend},
               {"text", text_of(text, size, core::kMaxText)}});
}

void fail(me_call* call, const char* setting, const char* text, std::uint64_t size) noexcept {
    of(call).fail_text = text_of(text, size, core::kMaxText);
    of(call).fail_setting = setting == nullptr ? "" : setting;
}

me_status should_stop(me_call* call) noexcept {
    const CallRecord& record = of(call);
    if (record.cancel != nullptr && record.cancel->load() != core::Reason::none) return ME_E_CANCELLED;
    return record.deadline.passed() ? ME_E_DEADLINE : ME_OK;
}

me_status add_detection(me_call* call, const me_detection* given) noexcept {
    CallRecord& record = of(call);
    if (record.detections == nullptr || given == nullptr) return ME_E_INVALID;
    if (record.detections->size() >= core::kMaxDetections) {
        record.detections_cut = true;
        return ME_E_LIMIT;
    }
    if (!ME_HAS(me_detection, given, detail))
        record.broke_rule = "a detection's struct_size is " + std::to_string(given->struct_size);
    else if (given->verdict < ME_UNKNOWN || given->verdict > ME_MALICIOUS)
        record.broke_rule =
            "a detection's verdict is " + std::to_string(given->verdict) + ", not one of 0..3";
    else if (given->confidence > ME_CONFIDENCE_MAX && given->confidence != ME_CONFIDENCE_UNSET)
        record.broke_rule =
            "a detection's confidence is " + std::to_string(given->confidence) + ", not within 0..10000";
    if (!record.broke_rule.empty()) return ME_E_INVALID;
    core::Detection detection{.name = text_of(given->name, core::kMaxName),
                              .family = text_of(given->family, core::kMaxFamily),
                              .name_space = text_of(given->name_space, core::kMaxNameSpace),
                              .verdict = static_cast<core::Verdict>(given->verdict),
                              .confidence = given->confidence == ME_CONFIDENCE_UNSET
                                                ? std::nullopt
                                                : std::optional(given->confidence),
                              .tags = {},
                              .offset = given->offset,
                              .length = given->length,
                              .detail = {}};
    const std::uint64_t tag_count =
        given->tags == nullptr ? 0 : std::min<std::uint64_t>(given->tag_count, core::kMaxTags);
    for (std::uint64_t i = 0; i < tag_count; ++i)
        detection.tags.push_back(text_of(given->tags[i], core::kMaxTag));
    // Cut JSON is no JSON: what is too long, or would grow by mending it, is left out.
    const std::string_view detail(
        given->detail.data == nullptr ? "" : given->detail.data,
        given->detail.data == nullptr ? 0 : static_cast<std::size_t>(given->detail.size));
    if (detail.size() <= core::kMaxDetail && record.detail_bytes + detail.size() <= core::kMaxDetails &&
        util::is_utf8(detail)) {
        record.detail_bytes += detail.size();
        detection.detail = detail;
    }
    record.detections->push_back(std::move(detection));
    if (record.heard != nullptr) (*record.heard)(record.detections->back());
    return ME_OK;
}

me_status temp_dir(me_call* call, me_string* path) noexcept {
    const std::filesystem::path* directory = of(call).temp_dir;
    if (directory == nullptr) return ME_E_FAILED;
    *path = {directory->c_str(), directory->native().size()};
    return ME_OK;
}

const core::Setting* setting_of(me_call* call, const char* name) {
    return of(call).settings == nullptr || name == nullptr ? nullptr : of(call).settings->find(name);
}

me_status setting_count(me_call* call, const char* name, std::uint64_t* count) noexcept {
    const core::Setting* setting = setting_of(call, name);
    if (setting == nullptr) return ME_E_NOT_FOUND;
    *count = setting->values.size();
    return ME_OK;
}

template <class T>
std::pair<me_status, const T*> value_of(me_call* call, const char* name, std::uint64_t index) {
    const core::Setting* setting = setting_of(call, name);
    if (setting == nullptr || index >= setting->values.size()) return {ME_E_NOT_FOUND, nullptr};
    const T* value = std::get_if<T>(&setting->values[static_cast<std::size_t>(index)]);
    return {value == nullptr ? ME_E_TYPE : ME_OK, value};
}

me_status setting_string(me_call* call, const char* name, std::uint64_t index, me_string* value) noexcept {
    const auto [status, found] = value_of<std::string>(call, name, index);
    if (found != nullptr) *value = {found->c_str(), found->size()};
    return status;
}
me_status setting_integer(me_call* call, const char* name, std::uint64_t index,
                          std::int64_t* value) noexcept {
    const auto [status, found] = value_of<std::int64_t>(call, name, index);
    if (found != nullptr) *value = *found;
    return status;
}
me_status setting_boolean(me_call* call, const char* name, std::uint64_t index,
                          std::int32_t* value) noexcept {
    const auto [status, found] = value_of<bool>(call, name, index);
    if (found != nullptr) *value = *found ? 1 : 0;
    return status;
}

const void* extension(const char* /*id*/) noexcept { return nullptr; }

}   // namespace

const me_host_v1& host_table() {
    static_assert(ME_TARGET_MINOR == ME_ABI_MINOR, "the host must see the whole of its tables");
    static constexpr me_host_v1 table{.struct_size = sizeof(me_host_v1),
                                      .abi_major = ME_ABI_MAJOR,
                                      .abi_minor = ME_ABI_MINOR,
                                      .name = "microengine",
                                      .version = MICROENGINE_VERSION,
                                      .log = log,
                                      .fail = fail,
                                      .should_stop = should_stop,
                                      .add_detection = add_detection,
                                      .temp_dir = temp_dir,
                                      .setting_count = setting_count,
                                      .setting_string = setting_string,
                                      .setting_integer = setting_integer,
                                      .setting_boolean = setting_boolean,
                                      .extension = extension};
    return table;
}

}   // namespace microengine::plugin
