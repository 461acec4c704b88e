// SPDX-License-Identifier: MIT
#include "host/plugin/in_process_backend.hpp"

#include "host/plugin/scan_outcome.hpp"
#include "host/util/log.hpp"
#include "host/util/text.hpp"

#include <microengine/plugin_ext.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U   // since Linux 6.3; older kernels refuse it and need it not
#endif

namespace microengine::plugin {

using core::Outcome;
using core::Reason;
using util::Errc;
using util::Result;

namespace {

template <class Table>
const Table* extension_of(const me_plugin_v1& plugin, const char* id) {
    if (!ME_HAS(me_plugin_v1, &plugin, extension) || plugin.extension == nullptr) return nullptr;
    const auto* table = static_cast<const Table*>(plugin.extension(id));
    return table != nullptr && table->struct_size >= sizeof(Table) ? table : nullptr;
}

/// The artifact as a sealed memory file, for libraries that insist on a descriptor.
util::UniqueFd descriptor_of(std::span<const std::uint8_t> bytes) {
    util::UniqueFd fd(
        ::memfd_create("microengine-artifact", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL));
    if (!fd && errno == EINVAL)
        fd.reset(::memfd_create("microengine-artifact", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    for (std::size_t done = 0; fd && done < bytes.size();) {
        const ssize_t written = ::write(fd.get(), bytes.data() + done, bytes.size() - done);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return {};
        done += static_cast<std::size_t>(written);
    }
    if (fd) ::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    return fd;
}

class InProcessBackend final : public Backend {
public:
    InProcessBackend(const Card& card, const me_plugin_v1* table, me_backend* handle,
                     std::shared_ptr<const core::BackendFacts> facts,
                     std::optional<std::filesystem::path> temp_dir)
        : card_(card),
          table_(table),
          handle_(handle),
          facts_(std::move(facts)),
          temp_dir_(std::move(temp_dir)) {}
    InProcessBackend(const InProcessBackend&) = delete;
    InProcessBackend& operator=(const InProcessBackend&) = delete;
    ~InProcessBackend() override { table_->backend_close(handle_); }

    const std::shared_ptr<const core::BackendFacts>& facts() const override { return facts_; }
    bool takes(core::ArtifactType type) const override {
        return (card_.artifact_types &
                (type == core::ArtifactType::url ? ME_ARTIFACT_URL : ME_ARTIFACT_FILE)) != 0;
    }
    bool parallel() const override { return (card_.caps & ME_CAP_PARALLEL_SCANNERS) != 0; }
    Result<std::unique_ptr<Scanner>> open_scanner() override;

    /// A call record with what every call of this backend has.
    [[nodiscard]] CallRecord call() const {
        CallRecord record;
        record.backend = &facts_->policy.name;
        record.temp_dir = temp_dir_ ? &*temp_dir_ : nullptr;
        return record;
    }
    [[nodiscard]] const me_plugin_v1& table() const { return *table_; }
    [[nodiscard]] bool wants_descriptor() const { return (card_.needs & ME_NEED_FD) != 0; }
    [[nodiscard]] me_backend* handle() const { return handle_; }

private:
    Card card_;
    const me_plugin_v1* table_;
    me_backend* handle_;
    std::shared_ptr<const core::BackendFacts> facts_;   // shared with every report made from it
    std::optional<std::filesystem::path> temp_dir_;
};

class InProcessScanner final : public Scanner {
public:
    InProcessScanner(const InProcessBackend& backend, me_scanner* handle)
        : backend_(backend),
          handle_(handle),
          cancel_(extension_of<me_ext_cancel>(backend.table(), ME_EXT_CANCEL)) {}
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
        const core::Artifact& artifact = *request.artifact;
        me_request given{};
        given.struct_size = sizeof given;
        given.flags = request.all_matches ? ME_REQUEST_ALL_MATCHES : 0;
        given.artifact_type =
            artifact.facts.type == core::ArtifactType::url ? ME_ARTIFACT_URL : ME_ARTIFACT_FILE;
        const util::UniqueFd copy =
            backend_.wants_descriptor() ? descriptor_of(artifact.bytes) : util::UniqueFd();
        given.fd = copy.get();
        if (backend_.wants_descriptor() && !copy) {
            out.outcome = Outcome::failed;
            out.reason = Reason::io;
            out.message = "no memory file for the artifact: " + util::errno_text(errno);
            return;
        }
        given.data = artifact.bytes.data();
        given.size = artifact.bytes.size();
        given.deadline_ns = call.deadline.ns();
        given.sha256 = artifact.facts.sha256 ? artifact.facts.sha256->data() : nullptr;
        given.name = {artifact.facts.name.c_str(), artifact.facts.name.size()};
        given.mime = {artifact.facts.mime.c_str(), artifact.facts.mime.size()};
        me_result result{};
        result.struct_size = sizeof result;
        result.confidence = ME_CONFIDENCE_UNSET;
        const me_status status = backend_.table().scan(handle_, &call, &given, &result);
        judge_answer(request, call, status, result, out);
        if (status == ME_E_FATAL) {
            backend_.table().scanner_close(handle_);
            handle_ = nullptr;   // the next scan opens another
        }
    }

    void cancel() noexcept override {
        if (cancel_ != nullptr && handle_ != nullptr) cancel_->cancel(handle_);
    }

private:
    bool reopen(CallRecord& call) {
        if (backend_.table().scanner_open(backend_.handle(), &call, &handle_) >= ME_OK && handle_ != nullptr)
            return true;
        handle_ = nullptr;
        if (call.fail_text.empty()) call.fail_text = "its scanner died and no other could be opened";
        return false;
    }

    const InProcessBackend& backend_;
    me_scanner* handle_;
    const me_ext_cancel* cancel_;
};

Result<std::unique_ptr<Scanner>> InProcessBackend::open_scanner() {
    CallRecord record = call();
    me_scanner* scanner = nullptr;
    const me_status status = table_->scanner_open(handle_, &record, &scanner);
    if (status < ME_OK || scanner == nullptr)
        return util::fail(
            Errc::plugin, facts_->policy.name,
            "probe_failed: no scanner could be opened: " +
                (record.fail_text.empty() ? "status " + std::to_string(status) : record.fail_text));
    return std::make_unique<InProcessScanner>(*this, scanner);
}

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

std::optional<core::SignatureFacts> signatures_of(const me_plugin_v1& table, me_backend* backend,
                                                  CallRecord call) {
    const auto* extension = extension_of<me_ext_signatures>(table, ME_EXT_SIGNATURES);
    if (extension == nullptr) return std::nullopt;
    me_signatures loaded{};
    loaded.struct_size = sizeof loaded;
    if (extension->describe(backend, &call, &loaded) < ME_OK) return std::nullopt;
    const std::size_t size = ::strnlen(loaded.version, sizeof loaded.version);
    return core::SignatureFacts{.version = util::to_utf8({loaded.version, size}),
                                .date_unix = loaded.date_unix,
                                .count = loaded.count};
}

/// Scans one canary; empty: as it should be.
std::string probe(Scanner& scanner, const std::string& name, std::span<const std::uint8_t> bytes,
                  std::optional<core::Verdict> wanted) {
    core::Artifact artifact;
    artifact.facts.name = name;
    artifact.facts.size = bytes.size();
    artifact.facts.sha256 = util::sha256(bytes);
    artifact.bytes = bytes;
    core::ScanResult result;
    scanner.scan({.artifact = &artifact, .deadline = {}, .backend_deadline = {}, .cancel = nullptr}, result);
    if (result.outcome != Outcome::completed && result.outcome != Outcome::unsupported)
        return "probe_failed: canary " + name + ": " + std::string(core::to_text(result.outcome)) + ": " +
               result.message;
    if (wanted && result.verdict != *wanted)
        return "probe_wrong_verdict: canary " + name + " is " + std::string(core::to_text(result.verdict)) +
               ", must be " + std::string(core::to_text(*wanted));
    return {};
}

/// The plugin's own canaries, and an empty artifact.
std::string probe_all(Scanner& scanner, const me_plugin_v1& table, me_backend* backend) {
    static constexpr std::uint8_t kNothing = 0;
    if (auto problem = probe(scanner, "empty", {&kNothing, 0}, std::nullopt); !problem.empty())
        return problem;
    const auto* selftest = extension_of<me_ext_selftest>(table, ME_EXT_SELFTEST);
    for (std::uint32_t i = 0; selftest != nullptr && i < 1000; ++i) {
        me_canary canary{};
        canary.struct_size = sizeof canary;
        if (selftest->canary(backend, i, &canary) < ME_OK) break;
        const auto wanted = static_cast<core::Verdict>(std::clamp(canary.verdict, ME_UNKNOWN, ME_MALICIOUS));
        auto problem =
            probe(scanner, std::to_string(i), {canary.data, static_cast<std::size_t>(canary.size)}, wanted);
        if (!problem.empty()) return problem;
    }
    return {};
}

}   // namespace

Result<std::unique_ptr<Backend>> open_in_process(const Vetted& plugin, const me_plugin_v1* table,
                                                 OpenRequest request) {
    std::optional<std::filesystem::path> temp_dir;
    if ((plugin.card.needs & ME_NEED_TEMP_DIR) != 0)
        temp_dir = ME_TRY(request.temp_root->make(request.policy.name));
    CallRecord call;
    call.backend = &request.policy.name;
    call.settings = &request.settings;
    call.deadline = request.deadline;
    call.temp_dir = temp_dir ? &*temp_dir : nullptr;
    me_backend* handle = nullptr;
    const me_status status = table->backend_open(&host_table(), &call, &handle);
    if (status < ME_OK || handle == nullptr) return std::unexpected(open_error(call, status, request));
    auto facts = std::make_shared<core::BackendFacts>();
    facts->policy = request.policy;
    facts->plugin_id = plugin.card.id;
    facts->plugin_version = plugin.card.version;
    facts->signatures = signatures_of(*table, handle, call);
    const std::string& name = request.policy.name;
    const bool empty = facts->signatures && facts->signatures->count == 0;
    auto backend =
        std::make_unique<InProcessBackend>(plugin.card, table, handle, std::move(facts), std::move(temp_dir));
    if (empty)
        return util::fail(Errc::plugin, name,
                          "no_signatures: it has loaded none, so it could only say that nothing was found");
    const auto scanner = ME_TRY(backend->open_scanner());
    if (const std::string problem = probe_all(*scanner, *table, handle); !problem.empty())
        return util::fail(Errc::plugin, name, problem);
    return backend;
}

}   // namespace microengine::plugin
