// SPDX-License-Identifier: MIT
#pragma once
// A plugin loaded into this process, and one backend of it, driven call by call under the watching host. What
// a host never does to a plugin, such as structs of another size, can be done here.

#include "host/conformance/answer.hpp"
#include "host/conformance/guarded_bytes.hpp"
#include "host/conformance/inputs.hpp"
#include "host/conformance/notebook.hpp"
#include "host/conformance/subject.hpp"
#include "host/conformance/watching_host.hpp"
#include "host/core/artifact.hpp"
#include "host/core/deadline.hpp"
#include "host/plugin/temp_root.hpp"
#include "host/util/unique_fd.hpp"

#include <microengine/plugin.h>
#include <microengine/plugin_ext.h>

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::conformance {

/// What came of backend_open.
struct Opening {
    me_status status = ME_OK;
    std::string fail_text;
    std::set<Finding> broken;     ///< laws
    std::set<std::string> read;   ///< settings
    std::uint64_t duration_ns = 0;
    bool opened = false;
};

/// An artifact as a plugin is given it.
struct Prepared {
    Prepared(const Subject& subject, std::string_view content, core::ArtifactType type);
    GuardedBytes guarded;
    core::Artifact artifact;
    util::UniqueFd file;   ///< for plugins that need one
};

/// How a scan is asked for.
struct Manner {
    std::string_view name = "artifact";
    std::uint32_t flags = ME_REQUEST_ALL_MATCHES;
    enum class Sizes : std::uint8_t { today, first, later } sizes = Sizes::today;   ///< of the structs' minor
    bool full = false;   ///< the host has enough detections from the start
    core::Deadline deadline = {};
    const plugin::CancelWord* cancel = nullptr;
};

/// One thread, but for scan(): any thread, one at a time for each scanner.
class Session {
public:
    Session(Subject& subject, Notebook& notes);
    ~Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Code of the plugin runs from here on. False: it was refused, and why is noted.
    [[nodiscard]] bool load();
    [[nodiscard]] Opening open(const core::Settings& settings, const me_host_v1& host = watching_host());
    /// load() and open() with the settings given; false: why not is noted.
    [[nodiscard]] bool ready(const me_host_v1& host = watching_host());
    /// Null: it was refused, and why is noted.
    [[nodiscard]] me_scanner* open_scanner();
    [[nodiscard]] Answer scan(me_scanner* scanner, const Prepared& prepared, const Manner& manner = {}) const;
    /// Scans it and notes what is wrong with the answer.
    Answer check(me_scanner* scanner, const Input& input, const Manner& manner = {});
    void close(me_scanner* scanner);
    void close();
    [[nodiscard]] const me_plugin_v1& table() const { return *table_; }
    [[nodiscard]] bool takes(const Input& input) const;

private:
    Subject& subject_;
    Notebook& notes_;
    plugin::TempRoot temp_root_;
    std::optional<std::filesystem::path> temp_dir_;
    const me_plugin_v1* table_ = nullptr;
    me_backend* backend_ = nullptr;
};

/// The inputs of the types that the plugin takes, without the huge one.
[[nodiscard]] std::vector<const Input*> small_inputs(const Subject& subject);
/// A backend that is only checked.
[[nodiscard]] core::BackendPolicy check_policy();
void note(Notebook& notes, const std::vector<Finding>& findings, std::string_view about);

}   // namespace microengine::conformance
