// SPDX-License-Identifier: MIT
#pragma once
// One test of the kit, and all of them in the order in which they run.

#include "host/conformance/notebook.hpp"
#include "host/conformance/subject.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace microengine::conformance {

struct Test {
    std::string_view name;     ///< "scan/eicar"
    std::string_view proves;   ///< "the EICAR test file is scanned"
    /// What must have been found in order before it makes sense.
    enum class Needs : std::uint8_t { nothing, card, settings, open } needs = Needs::open;
    /// In a process of its own. Its time limit counts from each step.
    void (*run)(const Test& test, Subject& subject, Notebook& notes) = nullptr;
};

/// From the file to the sandbox. Read this first.
[[nodiscard]] std::span<const Test> tests();

using Run = void(const Test& test, Subject& subject, Notebook& notes);
// static: without running its code
Run check_vetted, check_exports, check_hardening, check_libraries, check_card;
// load
Run check_binds, check_settings, check_required, check_bad_paths, check_opens, check_unread,
    check_leaves_nothing, check_output, check_ends;
// scan
Run check_input, check_again, check_unknown_flags, check_later_structs, check_first_structs, check_later_host,
    check_odd_names, check_full_host;
// promises
Run check_parallel, check_fork, check_deterministic, check_stop, check_deadline;
// endurance
Run check_scans, check_scanners;
// sandbox
Run check_sandbox_scans, check_sandbox_names;
// fuzz
Run check_mutations;

}   // namespace microengine::conformance
