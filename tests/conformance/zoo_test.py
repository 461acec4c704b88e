#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every broken plugin of the zoo is found out by the test that is there for it, in the words that name its fault.

    zoo_test.py MICROENGINE ZOO     with CHECK_SANITIZED=address,undefined in such a build
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM, ZOO = os.path.abspath(sys.argv[1]), Path(sys.argv[2]).absolute()
SANITIZED = os.environ.get("CHECK_SANITIZED", "")
CRASH = "killed by SIG"
SEED = "7"

# plugin, test, words of the reason, more arguments. A `warn` before the words: it is a warning; `only warn`: and nothing fails.
ROWS = [
    ("no_note", "static/vetted", "no_note"),
    ("abi_2", "static/vetted", "abi_major: built for plugin ABI 2"),
    ("unknown_need", "static/vetted", "need_unknown"),
    ("rpath_relative", "static/vetted", "foreign_path"),
    ("rpath_origin", "static/vetted", "foreign_path"),
    ("second_symbol", "static/exports", "it exports 1 more: helper_of_mine"),
    ("no_entry", "static/exports", "it does not export me_plugin_entry_v1"),
    ("lazy", "static/hardening", "what is relocated stays writable"),
    ("lazy", "static/hardening", "symbols are resolved when they are first used"),
    ("rpath_missing", "static/libraries", "'/opt/microengine-test-nowhere/lib', which is not there"),
    ("bare_card", "static/card", "it has no name"),
    ("bare_card", "static/card", "it has no licence"),
    ("bare_card", "static/card", "the setting 'unexplained' is not explained"),
    ("no_entry", "load/binds", "no_entry"),
    ("short_table", "load/binds", "bad_table: its table has 24 bytes"),
    ("null_slot", "load/binds", "bad_table: a function of its table is missing"),
    ("no_table", "load/binds", "bad_table: its entry function returned nothing"),
    ("foreign_descriptor", "load/binds", "note_differs"),
    ("lies_note", "load/binds", "note_differs"),
    ("constructor_crash", "load/binds", CRASH + "SEGV while it was being loaded"),
    ("constructor_exit", "load/binds", "ended itself with status 77 while it was being loaded"),
    ("constructor_hang", "load/binds", "nothing happened for 5 s while it was being loaded", "--timeout", "5"),
    ("any_extension", "load/binds", "a table for an extension that nobody has defined"),
    ("bare_card", "load/settings", "settings.depth", "--set", "depth=3"),
    ("unread_setting", "load/settings", "settings.depth must be", "--set", "depth=much"),
    ("accepts_anything", "load/required", "it opened without the setting 'depth'", "--set", "depth=/"),
    ("accepts_anything", "load/bad-paths", "it opened although what 'depth' names is not there", "--set", "depth=/"),
    ("silent_open", "load/opens", "the plugin answered -1 and gave no reason"),
    ("no_backend", "load/opens", "the plugin answered 0"),
    ("hostile", "load/opens", CRASH + "SEGV while it was being opened", "--set", "does=crash_on_open"),
    ("hostile", "load/opens", "ended itself with status 77 while it was being opened", "--set", "does=exit_on_open"),
    ("hostile", "load/opens", "nothing happened for 5 s", "--set", "does=hang_on_open", "--timeout", "5"),
    ("hostile", "load/opens", CRASH + "SEGV", "--set", "does=crash_on_scanner_open"),
    ("puppet", "load/opens", "told to throw", "--set", "does=throw_open"),
    ("puppet", "load/opens", "no_signatures", "--set", "does=no_signatures"),
    ("unread_setting", "load/unread-settings", "warn the setting 'depth' is declared and was not read", "--set", "depth=3"),
    ("leaves_thread", "load/leaves-nothing", "more threads running"),
    ("signal_handler", "load/leaves-nothing", "it installed a handler for signal SIGUSR1"),
    ("process_wide", "load/leaves-nothing", "it changed the working directory to /"),
    ("process_wide", "load/leaves-nothing", "it changed the umask"),
    ("process_wide", "load/leaves-nothing", "it changed the locale"),
    ("process_wide", "load/leaves-nothing", "it changed the environment"),
    ("leaks_descriptors", "load/leaves-nothing", "open: /dev/null"),
    ("not_again", "load/leaves-nothing", "it does not open again: it opens once a process"),
    ("prints", "load/output", "it wrote to standard output: scanning"),
    ("destructor_crash", "load/ends", CRASH + "SEGV while its process ended"),
    ("silent_open", "scan/empty", "backend_open failed with status -1 and gave no reason"),
    ("no_backend", "scan/empty", "backend_open answered ME_OK and gave no backend"),
    ("undeclared_setting", "scan/empty", "the setting 'depht', which its card does not have"),
    ("reads_beyond", "scan/empty", CRASH + "SEGV while it scanned an artifact without bytes"),
    ("writes_artifact", "scan/one-byte", CRASH + "SEGV while it scanned one byte"),
    ("throws", "scan/one-byte", "an exception came out of scan: too short for me"),
    ("silent_failure", "scan/one-byte", "it failed with status -1 and gave no reason"),
    ("silent_failure", "scan/one-byte", "warn it failed and left the verdict benign"),
    ("positive_status", "scan/one-byte", "its status is 1, which this ABI does not know"),
    ("unknown_bits", "scan/one-byte", "flags that this ABI does not know: 65536"),
    ("late_setting", "scan/one-byte", "it asked for a setting outside of backend_open"),
    ("bad_texts", "scan/eicar", "a detection has no name"),
    ("bad_texts", "scan/eicar", "the name of a detection is not UTF-8"),
    ("bad_texts", "scan/eicar", "the detail of a detection is no JSON object"),
    ("trusts_finds", "scan/eicar", "its result is trusted, but not a complete benign one"),
    ("weak_verdict", "scan/eicar", "its verdict is weaker than its strongest detection, malicious"),
    ("puppet", "scan/eicar", "a detection's verdict is 17", "--set", "does=bad_verdict"),
    ("puppet", "scan/eicar", "a detection's confidence is 70000", "--set", "does=bad_confidence"),
    ("puppet", "scan/eicar", "only warn the name of a detection has 100000 bytes", "--set", "does=long_name"),
    ("puppet", "scan/eicar", CRASH + "ABRT while it scanned the EICAR test file", "--set", "does=crash"),
    ("gives_up", "scan/random", "256 KiB of random bytes is failed: too much"),
    ("gives_up", "scan/zeros", "64 MiB of zeros is failed: too much"),
    ("puppet", "scan/random", "nobody had cancelled it", "--set", "does=cancelled"),
    ("puppet", "scan/url", "the name of a detection is not UTF-8", "--set", "does=bad_utf8"),
    ("clings", "scan/again", "for one that has scanned others"),
    ("echoes_name", "scan/odd-names", "only warn a name of 100,000 bytes: the name_space of a detection has 100000 bytes"),
    ("strict_flags", "scan/unknown-flags", "is benign as usual, and unsupported asked so"),
    ("strict_sizes", "scan/later-structs", "is benign as usual, and unsupported asked so"),
    ("clears_result", "scan/later-structs", "it wrote beyond the result that it knows"),
    ("strict_host", "scan/later-host", "this is no host that I know"),
    ("needs_room", "scan/full-host", "its verdict is lost when the host has enough detections"),
    ("goes_on", "scan/full-host", "it went on reporting detections"),
    ("races", "promises/parallel", "beside others"),
    ("leaves_thread", "promises/fork", "fork_promise_broken"),
    ("dies_in_fork", "promises/fork", "the forked child did not survive: " + CRASH + "ABRT"),
    ("exits_in_fork", "promises/fork", "the forked child did not survive: ended itself with status 0"),
    ("nondeterministic", "promises/deterministic", "and then suspicious: Broken.Sometimes"),
    ("deaf", "promises/stop", "after it was cancelled, and did not hear it at all"),
    ("deaf", "promises/deadline", "after its deadline"),
    ("leaks_memory", "endurance/scans", "bytes a scan"),
    ("leaks_descriptors", "endurance/scans", "it leaked"),
    ("leaks_scanners", "endurance/scanners", "its memory grew by"),
    ("reads_file", "sandbox/scans", "sandbox_violation"),
    ("homesick", "sandbox/scans", "256 KiB of random bytes is failed: too much in the sandbox, and benign outside of it"),
    ("hostile", "sandbox/scans", CRASH + "SEGV", "--set", "does=crash_on_scanner_open"),
    ("fragile", "fuzz/mutations", CRASH + "ABRT while it scanned a mutated artifact", "--fuzz", "5000"),
]
# What a build with sanitizers has otherwise: its memory, its handlers and its deaths are the sanitizer's.
NOT_SANITIZED = {"leaks_memory", "leaks_scanners", "lies_note"}
NOT_SANITIZED_TESTS = {"sandbox/scans", "static/exports", "static/hardening", "promises/deadline"}   # the last: slower than its patience


def check(plugin, test, *arguments, cwd=None):
    command = [PROGRAM, "plugin", "check", str(ZOO / f"{plugin}.so"), "--seed", SEED, "--only", test, "--quick", "--json", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd)
    try:
        return done.returncode, json.loads(done.stdout)
    except json.JSONDecodeError:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}, no JSON\n{done.stdout}{done.stderr}")


def found_out(plugin, test, words, *arguments, cwd=None):
    """Empty: as the row says."""
    code, report = check(plugin, test, *arguments, cwd=cwd)
    ran = report["tests"][0]
    harmless = words.startswith("only ")
    words = words.removeprefix("only ")
    warning = words.startswith("warn ")
    words = words.removeprefix("warn ")
    severity = "warning" if warning else "error"
    if SANITIZED and words.startswith(CRASH):
        words = words[words.find(" while"):] if " while" in words else ""
    fits = [f for f in ran["findings"] if words in f["reason"] and f["severity"] == severity]
    failed = any(f["severity"] == "error" for f in ran["findings"])
    right_code = not (harmless and failed) and code == (1 if failed else 0) and ran["status"] == ("fail" if failed else "warn")
    unexplained = [f for f in ran["findings"] if not f["fix"]]
    if fits and right_code and not unexplained:
        return ""
    return f"{plugin}, {test}: exit {code}, wanted '{words}' as {severity}, each with a fix, got {json.dumps(ran, indent=1, ensure_ascii=False)}"


def artifact_is_kept(folder):
    """The mutation that ended fragile.so badly, and the same one again."""
    kept = list(Path(folder).glob(f"fragile.{SEED}-*.artifact"))
    if len(kept) != 1 or not kept[0].read_bytes().startswith(b"PK"):
        return f"the artifact that ended fragile.so is not in {kept}"
    first = kept[0].read_bytes()
    check("fragile", "fuzz/mutations", "--fuzz", "5000", cwd=folder)
    return "" if kept[0].read_bytes() == first else "the same seed has other mutations"


def one_failure_is_not_the_end():
    """A crash in one test leaves the others; what makes no sense is skipped, and says why."""
    code, report = check("destructor_crash", "load/", "--only", "scan/e")
    status = {t["name"]: t["status"] for t in report["tests"]}
    if code != 1 or status["load/ends"] != "fail" or status["scan/eicar"] != "pass":
        return f"after a crash: {status}"
    code, report = check("constructor_crash", "load/", "--only", "scan/e")
    why = {t["name"]: t["seen"] for t in report["tests"] if t["status"] == "skip"}
    return "" if why.get("scan/eicar") == "it cannot be loaded" else f"after load/binds: {why}"


def untestable_has_not_passed():
    """One test alone of a plugin that a host refuses, or without the settings it requires: nothing was tried."""
    problems = []
    for plugin, why in [("abi_2", "it is not vetted: abi_major"), ("unread_setting", "its settings are not in order: ")]:
        code, report = check(plugin, "scan/eicar")
        ran = report["tests"][0]
        if code != 2 or report["passed"] or ran["status"] != "skip" or not ran["seen"].startswith(why):
            problems.append(f"{plugin}, scan/eicar alone: exit {code}, wanted 2 and '{why}', got {report}")
    return "\n".join(problems)


def usage():
    problems = []
    for arguments, words in [([], "FILE.so is required"), (["/nowhere.so"], "No such file"), (["x.so", "--fuzz", "long"], "--fuzz"),
                             ([str(ZOO / "c_minimal.so"), "--only", "scan/eicra"], "did you mean 'scan/eicar'?"),
                             ([str(ZOO / "c_minimal.so"), "--set", "x"], "must be KEY=VALUE")]:
        done = subprocess.run([PROGRAM, "plugin", "check", *arguments], capture_output=True, text=True)
        if done.returncode != 64 or words not in done.stderr:
            problems.append(f"{arguments}: exit {done.returncode}, {done.stderr}")
    return "\n".join(problems)


def main():
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        for row in ROWS:
            if SANITIZED and (row[0] in NOT_SANITIZED or row[1] in NOT_SANITIZED_TESTS):
                continue
            problems.append(found_out(*row, cwd=folder))
        problems.append(artifact_is_kept(folder))
    problems += [one_failure_is_not_the_end(), untestable_has_not_passed(), usage()]
    listed = subprocess.run([PROGRAM, "plugin", "check", "--list"], capture_output=True, text=True, check=True).stdout
    tried = {row[1] for row in ROWS}
    # These cannot fail by a plugin alone that passes the others.
    spared = {"scan/truncated-pe", "scan/truncated-zip", "scan/first-structs", "sandbox/odd-names"}
    untried = {line.split()[0] for line in listed.splitlines()} - tried - spared
    problems.append(f"no plugin of the zoo fails {sorted(untried)}" if untried else "")
    problems = [p for p in problems if p]
    print("\n".join(problems) or f"{len(ROWS)} faults found out")
    return 1 if problems else 0


sys.exit(main())
