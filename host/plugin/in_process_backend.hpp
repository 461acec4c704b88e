// SPDX-License-Identifier: MIT
#pragma once
// A backend inside this process: the fastest way, for trusted plugins, debugging and benchmarks. A crash of
// the plugin ends the process and a hang holds its thread.

#include "host/core/deadline.hpp"
#include "host/core/setting.hpp"
#include "host/plugin/backend.hpp"
#include "host/plugin/card.hpp"
#include "host/plugin/probe.hpp"

#include <microengine/plugin.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace microengine::plugin {

struct OpenRequest {
    core::BackendPolicy policy;
    core::Settings settings;                         ///< checked against the card
    core::Deadline deadline;                         ///< until when it must be open
    std::optional<std::filesystem::path> temp_dir;   ///< private to this backend, if its card needs one
};

/// Scanners are any thread's, one at a time each.
class InProcessBackend final : public Backend {
public:
    /// Loads the signatures; no scanner has been tried yet. Reason codes: open_failed, no_signatures,
    /// probe_failed; a message about a setting is prefixed with that setting's place. One call at a time.
    [[nodiscard]] static util::Result<std::unique_ptr<InProcessBackend>> open(const Card& card,
                                                                              const me_plugin_v1* table,
                                                                              OpenRequest request);
    InProcessBackend(const InProcessBackend&) = delete;
    InProcessBackend& operator=(const InProcessBackend&) = delete;
    ~InProcessBackend() override { table_->backend_close(handle_); }

    [[nodiscard]] const std::shared_ptr<const core::BackendFacts>& facts() const override { return facts_; }
    [[nodiscard]] bool takes(core::ArtifactType type) const override { return takes_type(card_, type); }
    [[nodiscard]] bool parallel() const override { return (card_.caps & ME_CAP_PARALLEL_SCANNERS) != 0; }
    [[nodiscard]] util::Result<std::unique_ptr<Scanner>> open_scanner() override;
    [[nodiscard]] Health health() const override;
    [[nodiscard]] bool isolated() const override { return false; }

    [[nodiscard]] std::span<const Canary> canaries() const { return canaries_; }
    [[nodiscard]] const Card& card() const { return card_; }
    [[nodiscard]] const me_plugin_v1& table() const { return *table_; }
    [[nodiscard]] me_backend* handle() const { return handle_; }
    /// A call record with what every call of this backend has.
    [[nodiscard]] CallRecord call() const;
    /// In a forked child, before it opens its scanner: a directory of its own.
    void move_to(std::filesystem::path temp_dir) { temp_dir_ = std::move(temp_dir); }

private:
    InProcessBackend(const Card& card, const me_plugin_v1* table, me_backend* handle, OpenRequest request);

    Card card_;
    const me_plugin_v1* table_;
    me_backend* handle_;
    std::shared_ptr<const core::BackendFacts> facts_;   // shared with every report made from it
    std::optional<std::filesystem::path> temp_dir_;
    std::vector<Canary> canaries_;
};

/// Opens one and tries a scanner. Reason codes: those of InProcessBackend::open(), and probe_wrong_verdict.
[[nodiscard]] util::Result<std::unique_ptr<Backend>> open_in_process(const Card& card,
                                                                     const me_plugin_v1* table,
                                                                     OpenRequest request);

}   // namespace microengine::plugin
