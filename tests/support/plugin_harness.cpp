// SPDX-License-Identifier: MIT
#include "tests/support/plugin_harness.hpp"

#include <dlfcn.h>

#include <charconv>
#include <cstring>
#include <stdexcept>

struct me_call {};

namespace microengine::support {

struct Harness::Call : me_call {
    Harness* harness = nullptr;
    Seen seen;
    std::uint64_t polls = 0;
    std::string temp_dir;
};

namespace {

Harness::Call& of(me_call* call) { return *static_cast<Harness::Call*>(call); }
std::string text_of(const me_string& text) {
    return text.data == nullptr ? std::string() : std::string(text.data, text.size);
}

void log(me_call* call, std::int32_t /*level*/, const char* text, std::uint64_t size) noexcept {
    if (call != nullptr) of(call).seen.log.emplace_back(text, size);
}
void fail(me_call* call, const char* setting, const char* text, std::uint64_t size) noexcept {
    of(call).seen.fail_text.assign(text, size);
    of(call).seen.fail_setting = setting == nullptr ? "" : setting;
}
me_status should_stop(me_call* call) noexcept {
    Harness& harness = *of(call).harness;
    if (++of(call).polls > harness.stop_after_polls) return ME_E_CANCELLED;
    return harness.stop_status;
}
me_status add_detection(me_call* call, const me_detection* d) noexcept {
    auto& all = of(call).seen.detections;
    if (all.size() >= of(call).harness->most_detections) return ME_E_LIMIT;
    SeenDetection one{text_of(d->name),
                      text_of(d->family),
                      text_of(d->name_space),
                      text_of(d->detail),
                      {},
                      d->verdict,
                      d->confidence,
                      d->offset,
                      d->length};
    for (std::uint64_t i = 0; i < d->tag_count; ++i) one.tags.push_back(text_of(d->tags[i]));
    all.push_back(std::move(one));
    return ME_OK;
}
me_status temp_dir(me_call* call, me_string* path) noexcept {
    of(call).temp_dir = of(call).harness->temp_dir.string();
    if (of(call).temp_dir.empty()) return ME_E_FAILED;
    *path = {of(call).temp_dir.data(), of(call).temp_dir.size()};
    return ME_OK;
}

const std::vector<Harness::Value>* find(me_call* call, const char* name) {
    const auto& settings = of(call).harness->settings();
    const auto found = settings.find(name);
    return found == settings.end() ? nullptr : &found->second;
}
me_status setting_count(me_call* call, const char* name, std::uint64_t* count) noexcept {
    const auto* values = find(call, name);
    if (values == nullptr) return ME_E_NOT_FOUND;
    *count = values->size();
    return ME_OK;
}
template <class T>
me_status get(me_call* call, const char* name, std::uint64_t index, const T** out) {
    const auto* values = find(call, name);
    if (values == nullptr || index >= values->size()) return ME_E_NOT_FOUND;
    *out = std::get_if<T>(&(*values)[index]);
    return *out == nullptr ? ME_E_TYPE : ME_OK;
}
me_status setting_string(me_call* call, const char* name, std::uint64_t index, me_string* value) noexcept {
    const std::string* found = nullptr;
    const me_status status = get(call, name, index, &found);
    if (status == ME_OK) *value = {found->c_str(), found->size()};
    return status;
}
me_status setting_integer(me_call* call, const char* name, std::uint64_t index,
                          std::int64_t* value) noexcept {
    const std::int64_t* found = nullptr;
    const me_status status = get(call, name, index, &found);
    if (status == ME_OK) *value = *found;
    return status;
}
me_status setting_boolean(me_call* call, const char* name, std::uint64_t index,
                          std::int32_t* value) noexcept {
    const bool* found = nullptr;
    const me_status status = get(call, name, index, &found);
    if (status == ME_OK) *value = *found ? 1 : 0;
    return status;
}
const void* extension(const char* /*id*/) noexcept { return nullptr; }

constexpr me_host_v1 kHost{sizeof(me_host_v1),
                           ME_ABI_MAJOR,
                           ME_ABI_MINOR,
                           "harness",
                           "0",
                           log,
                           fail,
                           should_stop,
                           add_detection,
                           temp_dir,
                           setting_count,
                           setting_string,
                           setting_integer,
                           setting_boolean,
                           extension};

/// A card's default as the host would apply it.
std::vector<Harness::Value> default_of(const me_setting& spec) {
    const std::string_view text(spec.default_value);
    if (text.empty()) return {};
    if (spec.type == ME_SETTING_INTEGER) {
        std::int64_t number = 0;
        std::from_chars(text.data(), text.data() + text.size(), number);
        return {number};
    }
    if (spec.type == ME_SETTING_BOOLEAN) return {text == "true"};
    return {std::string(text)};
}

}   // namespace

Harness::Harness(const std::filesystem::path& plugin) {
    library_ = dlopen(plugin.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library_ == nullptr) throw std::runtime_error(dlerror());
    void* symbol = dlsym(library_, ME_PLUGIN_ENTRY_V1);
    if (symbol == nullptr) throw std::runtime_error("no " ME_PLUGIN_ENTRY_V1);
    table_ = reinterpret_cast<me_plugin_entry_v1_fn>(symbol)();
    const auto* specs = reinterpret_cast<const me_setting*>(table_->descriptor + 1);
    for (std::uint16_t i = 0; i < table_->descriptor->setting_count; ++i)
        settings_[specs[i].name] = default_of(specs[i]);
}

Harness::~Harness() {
    if (scanner_ != nullptr) table_->scanner_close(scanner_);
    if (backend_ != nullptr) table_->backend_close(backend_);
    // Never unloaded, as in the host.
}

Harness& Harness::set(const std::string& name, std::vector<Value> values) {
    if (!settings_.contains(name)) throw std::runtime_error("the card declares no setting " + name);
    settings_[name] = std::move(values);
    return *this;
}

Seen Harness::open() {
    Call call{{}, this, {}, 0, {}};
    const me_status status = table_->backend_open(&kHost, &call, &backend_);
    if (status < 0) backend_ = nullptr;
    call.seen.status = status;
    return call.seen;
}

Seen Harness::open_scanner() {
    Call call{{}, this, {}, 0, {}};
    call.seen.status = table_->scanner_open(backend_, &call, &scanner_);
    if (call.seen.status < 0) scanner_ = nullptr;
    return call.seen;
}

Seen Harness::scan(std::string_view artifact, std::string_view name) {
    if (backend_ == nullptr)
        if (const Seen seen = open(); seen.status < 0) throw std::runtime_error("open: " + seen.fail_text);
    if (scanner_ == nullptr)
        if (const Seen seen = open_scanner(); seen.status < 0)
            throw std::runtime_error("scanner: " + seen.fail_text);
    // Exactly as large as it is, so that a sanitizer sees a read past the end.
    const auto bytes = std::make_unique<std::uint8_t[]>(artifact.size());
    std::memcpy(bytes.get(), artifact.data(), artifact.size());
    me_request request{};
    request.struct_size = sizeof request;
    request.flags = request_flags;
    request.artifact_type = ME_ARTIFACT_FILE;
    request.fd = -1;
    request.data = bytes.get();
    request.size = artifact.size();
    request.deadline_ns = deadline_ns;
    request.name = {name.data(), name.size()};
    me_result result{};
    result.struct_size = sizeof result;
    Call call{{}, this, {}, 0, {}};
    call.seen.status = table_->scan(scanner_, &call, &request, &result);
    call.seen.verdict = result.verdict;
    call.seen.confidence = result.confidence;
    call.seen.flags = result.flags;
    return call.seen;
}

std::optional<me_signatures> Harness::signatures() {
    const auto* table = static_cast<const me_ext_signatures*>(
        table_->extension == nullptr ? nullptr : table_->extension(ME_EXT_SIGNATURES));
    if (table == nullptr) return std::nullopt;
    me_signatures out{};
    out.struct_size = sizeof out;
    Call call{{}, this, {}, 0, {}};
    if (table->describe(backend_, &call, &out) < 0) return std::nullopt;
    return out;
}

std::string eicar() {
    return std::string("X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-") + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
}

}   // namespace microengine::support
