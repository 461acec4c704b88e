// SPDX-License-Identifier: MIT
#include "host/plugin/in_process_backend.hpp"

#include "host/plugin/artifact_file.hpp"
#include "host/plugin/extensions.hpp"
#include "host/plugin/scan_outcome.hpp"
#include "host/util/mutex.hpp"
#include "host/util/text.hpp"

#include <microengine/plugin_ext.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

namespace microengine::plugin {

using core::Outcome;
using core::Reason;
using util::Errc;
using util::Result;

namespace {

class InProcessScanner final : public Scanner {
public:
    InProcessScanner(const InProcessBackend& backend, me_scanner* handle)
        : backend_(backend), handle_(handle), cancel_(cancel_of(backend.table())) {}
    InProcessScanner(const InProcessScanner&) = delete;
    InProcessScanner& operator=(const InProcessScanner&) = delete;
    ~InProcessScanner() override {
        if (handle_ != nullptr) backend_.table().scanner_close(handle_);
    }

    void scan(const ScanRequest& request, core::ScanResult& out) override {
        CallRecord call = backend_.call();
        if (handle_ == nullptr && !reopen(call)) {
            out.outcome = Outcome::failed;
            out.reason = Reason::plugin_error;
            out.message = call.fail_text;
            return;
        }
        call.cancel = request.cancel;
        call.deadline = request.deadline.earlier(request.backend_deadline);
        call.detections = &out.detections;
        call.heard = request.heard;
        const core::Artifact& artifact = *request.artifact;
        me_request given{};
        given.struct_size = sizeof given;
        given.flags = request.all_matches ? ME_REQUEST_ALL_MATCHES : 0;
        given.artifact_type =
            artifact.facts.type == core::ArtifactType::url ? ME_ARTIFACT_URL : ME_ARTIFACT_FILE;
        const bool wants_file = (backend_.card().needs & ME_NEED_FD) != 0;
        const util::UniqueFd copy =
            wants_file && request.file < 0 ? artifact_file(artifact.bytes) : util::UniqueFd();
        given.fd = !wants_file ? -1 : copy ? copy.get() : request.file;
        if (wants_file && given.fd < 0) {
            out.outcome = Outcome::failed;
            out.reason = Reason::io;
            out.message = "no memory file for the artifact: " + util::errno_text(errno);
            return;
        }
        given.data = artifact.bytes.data();
        given.size = artifact.bytes.size();
        given.deadline_ns = call.deadline.ns();
        given.sha256 = artifact.facts.sha256 ? artifact.facts.sha256->data() : nullptr;
        // The ABI promises UTF-8; what files are called need not be.
        const std::string name = util::to_utf8(artifact.facts.name);
        given.name = {name.c_str(), name.size()};
        given.mime = {artifact.facts.mime.c_str(), artifact.facts.mime.size()};
        me_result result{};
        result.struct_size = sizeof result;
        result.confidence = ME_CONFIDENCE_UNSET;
        if (!go_live(request, out)) return;
        const me_status status = backend_.table().scan(handle_, &call, &given, &result);
        end_live();
        judge_answer(request, call, status, result, out);
        if (status == ME_E_FATAL) {
            backend_.table().scanner_close(handle_);
            handle_ = nullptr;   // the next scan opens another
        }
    }

    void cancel() noexcept override {
        const util::Lock lock(mutex_);
        // One that is meant for the scan before this is too late.
        if (cancel_ != nullptr && live_ != nullptr && word_ != nullptr && word_->load() != Reason::none)
            cancel_->cancel(live_);
    }

private:
    /// From here on cancel() reaches the plugin. The caller sets the cancel word before it calls cancel(), so
    /// one that came earlier is seen here.
    bool go_live(const ScanRequest& request, core::ScanResult& out) {
        const util::Lock lock(mutex_);
        const Reason wanted = request.cancel == nullptr ? Reason::none : request.cancel->load();
        if (wanted == Reason::none) {
            live_ = handle_;
            word_ = request.cancel;
            return true;
        }
        out.outcome = Outcome::skipped;
        out.reason = wanted;
        return false;
    }
    void end_live() {
        const util::Lock lock(mutex_);
        live_ = nullptr;
    }

    bool reopen(CallRecord& call) {
        if (backend_.table().scanner_open(backend_.handle(), &call, &handle_) == ME_OK && handle_ != nullptr)
            return true;
        handle_ = nullptr;
        if (call.fail_text.empty()) call.fail_text = "its scanner died and no other could be opened";
        return false;
    }

    const InProcessBackend& backend_;
    me_scanner* handle_;   // only the scanning thread's
    const me_ext_cancel* cancel_;
    util::Mutex mutex_;
    me_scanner* live_ ME_GUARDED_BY(mutex_) = nullptr;         // inside scan(): what cancel() may touch
    const CancelWord* word_ ME_GUARDED_BY(mutex_) = nullptr;   // of that scan
};

/// The sentence of a failed open, with the line of the setting it blames.
util::Error open_error(const CallRecord& call, me_status status, const OpenRequest& request) {
    const core::Setting* setting =
        call.fail_setting.empty() ? nullptr : request.settings.find(call.fail_setting);
    std::string text = "open_failed: ";
    if (setting != nullptr) text += "settings." + setting->name + ": ";
    text += call.fail_text.empty() ? "the plugin answered " + std::to_string(status) + " and gave no reason"
                                   : call.fail_text;
    const bool known = setting != nullptr && !setting->place.empty();
    return {.code = Errc::plugin,
            .place = known ? setting->place : request.policy.name,
            .message = std::move(text)};
}

/// Nothing if the plugin does not tell.
Result<std::optional<core::SignatureFacts>> describe(const me_plugin_v1& table, me_backend* backend,
                                                     CallRecord call) {
    const auto* extension = signatures_of(table);
    if (extension == nullptr) return std::nullopt;
    me_signatures loaded{};
    loaded.struct_size = sizeof loaded;
    if (extension->describe(backend, &call, &loaded) != ME_OK)
        return util::fail(Errc::plugin, *call.backend,
                          "open_failed: it cannot say what it has loaded: " + call.fail_text);
    if (loaded.count == 0)
        return util::fail(Errc::plugin, *call.backend,
                          "no_signatures: it has loaded none, so it could only say that nothing was found");
    const std::size_t size = ::strnlen(loaded.version, sizeof loaded.version);
    return core::SignatureFacts{.version = util::to_utf8({loaded.version, size}),
                                .date_unix = loaded.date_unix,
                                .count = loaded.count,
                                .fleeting = (loaded.flags & ME_SIGNATURES_FLEETING) != 0};
}

}   // namespace

InProcessBackend::InProcessBackend(const Card& card, const me_plugin_v1* table, me_backend* handle,
                                   OpenRequest request)
    : card_(card), table_(table), handle_(handle), temp_dir_(std::move(request.temp_dir)) {
    auto facts = std::make_shared<core::BackendFacts>();
    facts->policy = std::move(request.policy);
    facts->plugin_id = card.id;
    facts->plugin_version = card.version;
    facts_ = std::move(facts);
}

Result<std::unique_ptr<InProcessBackend>> InProcessBackend::open(const Card& card, const me_plugin_v1* table,
                                                                 OpenRequest request) {
    CallRecord call;
    call.backend = &request.policy.name;
    call.settings = &request.settings;
    call.deadline = request.deadline;
    call.temp_dir = request.temp_dir ? &*request.temp_dir : nullptr;
    me_backend* handle = nullptr;
    const me_status status = table->backend_open(&host_table(), &call, &handle);
    if (status != ME_OK || handle == nullptr) return std::unexpected(open_error(call, status, request));
    // Owns the handle from here on, so that every way out closes it.
    std::unique_ptr<InProcessBackend> backend(new InProcessBackend(card, table, handle, std::move(request)));
    auto facts = std::make_shared<core::BackendFacts>(*backend->facts_);
    facts->signatures = ME_TRY(describe(*table, handle, backend->call()));
    backend->facts_ = std::move(facts);
    backend->canaries_ = ME_TRY(collect_canaries(*table, handle, backend->facts_->policy.name));
    return backend;
}

Health InProcessBackend::health() const {
    Health health;
    health.isolation = "in_process";
    return health;
}

CallRecord InProcessBackend::call() const {
    CallRecord record;
    record.backend = &facts_->policy.name;
    record.temp_dir = temp_dir_ ? &*temp_dir_ : nullptr;
    return record;
}

Result<std::unique_ptr<Scanner>> InProcessBackend::open_scanner() {
    CallRecord record = call();
    me_scanner* scanner = nullptr;
    const me_status status = table_->scanner_open(handle_, &record, &scanner);
    if (status != ME_OK || scanner == nullptr)
        return util::fail(
            Errc::plugin, facts_->policy.name,
            "probe_failed: no scanner could be opened: " +
                (record.fail_text.empty() ? "status " + std::to_string(status) : record.fail_text));
    return std::make_unique<InProcessScanner>(*this, scanner);
}

Result<std::unique_ptr<Backend>> open_in_process(const Card& card, const me_plugin_v1* table,
                                                 OpenRequest request) {
    auto backend = ME_TRY(InProcessBackend::open(card, table, std::move(request)));
    const auto scanner = ME_TRY(backend->open_scanner());
    if (const std::string problem = probe(*scanner, backend->canaries()); !problem.empty())
        return util::fail(Errc::plugin, backend->facts()->policy.name, problem);
    return backend;
}

}   // namespace microengine::plugin
