// SPDX-License-Identifier: MIT
#include "host/conformance/test.hpp"

#include <array>

namespace microengine::conformance {

namespace {

using Needs = Test::Needs;

constexpr std::array kTests{
    Test{"static/vetted", "path, file and card pass what a host looks at before it runs any of the code",
         Needs::nothing, check_vetted},
    Test{"static/exports", "one symbol is exported, the entry point, and none is shared by the whole process",
         Needs::card, check_exports},
    Test{"static/hardening", "it is linked with -z relro and -z now", Needs::card, check_hardening},
    Test{"static/libraries", "nobody else can put libraries where it looks for its own", Needs::card,
         check_libraries},
    Test{"static/card", "name, licence and version stand on the card, and each setting is explained",
         Needs::card, check_card},

    Test{"load/binds", "it can be loaded, and its table is the one of the card", Needs::card, check_binds},
    Test{"load/settings", "the settings given are right, and wrong ones are told", Needs::card,
         check_settings},
    Test{"load/required", "it refuses to open without a setting that it requires, and says why",
         Needs::settings, check_required},
    Test{"load/opens", "it opens with the settings given, and judges its canaries as it says",
         Needs::settings, check_opens},
    Test{"load/bad-paths", "a path that is not there, or holds garbage, is refused with a reason or harmless",
         Needs::settings, check_bad_paths},
    Test{"load/unread-settings", "each setting of the card is read", Needs::open, check_unread},
    Test{"load/leaves-nothing",
         "descriptors, threads, handlers and the process are as before when it is closed", Needs::open,
         check_leaves_nothing},
    Test{"load/output", "it does not write to standard output or error", Needs::open, check_output},
    Test{"load/ends", "a process that has loaded it ends", Needs::open, check_ends},

    Test{"scan/empty", "an artifact without bytes is scanned", Needs::open, check_input},
    Test{"scan/one-byte", "one byte is scanned", Needs::open, check_input},
    Test{"scan/eicar", "the EICAR test file is scanned", Needs::open, check_input},
    Test{"scan/truncated-pe", "a truncated program is scanned", Needs::open, check_input},
    Test{"scan/truncated-zip", "a truncated archive is scanned", Needs::open, check_input},
    Test{"scan/random", "256 KiB of random bytes are scanned", Needs::open, check_input},
    Test{"scan/zeros", "64 MiB of zeros are scanned", Needs::open, check_input},
    Test{"scan/url", "a URL is scanned, if its card takes URLs", Needs::open, check_input},
    Test{"scan/again", "a scanner that has scanned scans on", Needs::open, check_again},
    Test{"scan/unknown-flags", "flags of a later host change nothing", Needs::open, check_unknown_flags},
    Test{"scan/later-structs", "structs of a later host, which are larger, change nothing", Needs::open,
         check_later_structs},
    Test{"scan/first-structs", "structs of the first host, the smallest, change nothing", Needs::open,
         check_first_structs},
    Test{"scan/later-host", "a table of host functions that is longer than it knows changes nothing",
         Needs::open, check_later_host},
    Test{"scan/odd-names", "an artifact may be called anything", Needs::open, check_odd_names},
    Test{"scan/full-host", "a host that has enough detections is heard", Needs::open, check_full_host},

    Test{"promises/parallel", "PARALLEL_SCANNERS: scanners on several threads say what one says", Needs::open,
         check_parallel},
    Test{"promises/fork", "FORK_AFTER_OPEN: no thread runs, and a forked child scans", Needs::open,
         check_fork},
    Test{"promises/deterministic", "DETERMINISTIC: the same bytes have the same result, reopened too",
         Needs::open, check_deterministic},
    Test{"promises/stop", "POLLS_STOP or me.cancel/1: a cancelled scan ends within 100 ms", Needs::open,
         check_stop},
    Test{"promises/deadline", "POLLS_STOP: a scan ends when its time is up", Needs::open, check_deadline},

    Test{"endurance/scans", "thousands of scans leave no memory, descriptors or threads behind", Needs::open,
         check_scans},
    Test{"endurance/scanners", "hundreds of scanners, opened and closed, leave nothing behind", Needs::open,
         check_scanners},

    Test{"sandbox/scans", "all artifacts are scanned in a worker with no rights but those of its card",
         Needs::open, check_sandbox_scans},
    Test{"sandbox/odd-names", "there too an artifact may be called anything", Needs::open,
         check_sandbox_names},

    Test{"fuzz/mutations", "mutated artifacts, thousands of them, are survived (--fuzz)", Needs::open,
         check_mutations},
};

}   // namespace

std::span<const Test> tests() { return kTests; }

}   // namespace microengine::conformance
