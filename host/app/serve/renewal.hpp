// SPDX-License-Identifier: MIT
#pragma once
// How one generation follows another: drafted, opened, tried on canaries, swapped in. One that is not good is
// refused, and the one before goes on.

#include "host/app/serve/opened.hpp"
#include "host/engine/live_engine.hpp"
#include "host/engine/operations.hpp"
#include "host/isolate/isolation.hpp"
#include "host/plugin/temp_root.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace microengine::app {

class Renewal {
public:
    /// What it needs of the run; all of it outlives the backends.
    struct Parts {
        std::filesystem::path file;   ///< of the configuration
        plugin::TempRoot& temp_root;
        std::optional<isolate::Isolation>& isolation;   ///< made when a backend first needs it
        engine::LiveEngine& engine;
        bool elsewhere = false;   ///< scans are done by workers: nothing is opened here
    };
    Renewal(Parts parts, Opened first);

    /// One thread at a time. Takes as long as the signatures take to load, and as the scans that are under
    /// way.
    [[nodiscard]] engine::ReloadOutcome attempt();
    /// Is a backend absent that should be there? The same thread.
    [[nodiscard]] bool unfinished() const;
    /// What is to be watched now. The same thread.
    [[nodiscard]] FileState watched() const { return file_state(watched_files(parts_.file, now_)); }

private:
    [[nodiscard]] engine::ReloadOutcome refused(std::vector<std::string> problems) const;
    [[nodiscard]] engine::ReloadOutcome follow(Draft draft, bool held);
    [[nodiscard]] bool must_let_go(const Draft& draft) const;
    void let_go(const Draft& draft);
    [[nodiscard]] std::vector<std::string> open(Draft& draft);
    static void fill_gaps(Draft& draft);
    /// What the canaries say against it; unless scans wait, it is not put in service then.
    [[nodiscard]] std::vector<std::string> put_in_service(Opened next, bool held);

    Parts parts_;
    config::Config first_;   ///< what only a start can change is as it says
    Opened now_;
};

}   // namespace microengine::app
