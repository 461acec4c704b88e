#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""later_test.py BINARIES: plugins built against tomorrow's header, before today's program.

What may be ignored is ignored, what may not is refused with a sentence that says what to do, and nothing that today's host
does not understand ever becomes "benign".
"""
import subprocess
import sys

import builds
import later_header
from program import Program

N = later_header.minor()
ALL = (f"-DME_TARGET_MINOR={N}", "-DMIN_HOST=0", "-DEXPECT_TAILS")  # sees every new member, asks for no new host
UNKNOWN = "0x40000000u"
BIT = f"bit {0x40000000}"

# name: (options, texts of the refusal)
REFUSED = {
    "asks for a later host": ((f"-DME_TARGET_MINOR={N}",), (
        f"abi_minor: it needs a host with plugin ABI 1.{N} or later", f"upgrade microengine to one with 1.{N} or later",
        f"rebuild the plugin with ME_TARGET_MINOR {N - 1}")),
    "asks for a much later host": (("-DMIN_HOST=65535",), ("abi_minor: it needs a host with plugin ABI 1.65535 or later",)),
    "has a right that nobody knows": ((*ALL, f"-DNEEDS={UNKNOWN}"), (
        "need_unknown: ", f"({BIT})", "upgrade microengine, or rebuild the plugin without it")),
    "has such a right beside a known one": ((*ALL, f"-DNEEDS=({UNKNOWN}|ME_NEED_FD)"), (f"({BIT})",)),
    "takes only what nobody knows": ((*ALL, f"-DTYPES={UNKNOWN}"), ("no_artifact_type: it takes only", f"({BIT})", "upgrade microengine")),
    "takes nothing": ((*ALL, "-DTYPES=0"), ("no_artifact_type: it takes no artifacts; rebuild the plugin",)),
    "has a setting of a later type": ((*ALL, "-DSETTING_TYPE=9999"), (
        "bad_settings_table: setting name is of type 9999", "upgrade microengine, or rebuild the plugin")),
    "is of major 2": ((*ALL, "-DMAJOR=2"), ("abi_major: built for plugin ABI 2, this host speaks 1; upgrade microengine, or rebuild",)),
}
# name: (options, text of `plugin info`)
LOADS = {
    "is rebuilt and asks for nothing new": ((), ("ABI", f"1.{N}")),
    "has longer tables, records and results": (ALL, ("ABI", f"1.{N}")),
    "promises what nobody knows": ((*ALL, f"-DCAPS=({UNKNOWN}|ME_CAP_DETERMINISTIC)"), ("promises", "deterministic,", *BIT.split())),
    "takes a later type beside files": ((*ALL, f"-DTYPES=({UNKNOWN}|ME_ARTIFACT_FILE)"), ("takes", "files,", *BIT.split())),
    "has a setting with a later flag": ((*ALL, f"-DSETTING_FLAGS={UNKNOWN}"), ("ABI", f"1.{N}")),
    "is one file for two majors": ((*ALL, "-DTWO_MAJORS"), ("ABI", f"1.{N}")),
}
# artifact: (outcome, verdict)
ANSWERS = {"a letter": ("completed", "benign"), "detection 3": ("completed", "malicious"), "detection 4": ("failed", "unknown"),
           "only the detection -1": ("failed", "unknown"), "verdict 4": ("failed", "unknown"), "verdict -1": ("failed", "unknown"),
           "verdict 0x7FFFFFFF": ("failed", "unknown"), "status -99": ("failed", "unknown"), "status -12": ("failed", "unknown"),
           "status 7": ("failed", "unknown"), "confidence 10001": ("failed", "unknown"), "flags 0x40000000": ("completed", "benign"),
           "flags 0xC801": ("completed", "unknown"), "flags 0xC800": ("completed", "unknown"), "log 99": ("completed", "benign"),
           "log -1": ("completed", "benign")}


def build(program, include, options):
    out = program.here / "later.so"
    # ME_SETTING() of today has no text for the new member of me_setting: it is zero.
    builds.c(builds.HERE / "later.c", out, include, "-Wno-missing-field-initializers", *options)
    out.chmod(0o755)
    return out


def check_refused(program, include):
    for what, (options, texts) in REFUSED.items():
        plugin = build(program, include, options)
        program.expect_text(f"a plugin that {what}", program.run("plugin", "info", plugin), 2, *texts)
        program.expect_text(f"a plugin that {what}", program.run("scan", "--plugin", plugin, "a letter"), 78, *texts)
    for status in (-99, 7):
        plugin = build(program, include, (*ALL, f"-DOPEN_STATUS={status}"))
        program.expect_text(f"a plugin that opens with {status}", program.run("scan", "--plugin", plugin, "a letter"), 78,
                            f"open_failed: the plugin answered {status} and gave no reason")


def check_grown_descriptor(program):
    """The descriptor may not grow: a header that lets it does not compile, and a card that says it did is refused."""
    def grown(text, name):
        return text.replace("reserved1[96];", "reserved1[104];") if name == "plugin.h" else text

    include = later_header.write(program.here / "grown", grown)
    done = subprocess.run(["gcc", "-fsyntax-only", f"-I{include}", builds.HERE / "later.c"], capture_output=True, text=True, check=False)
    program.expect_text("a header with a longer descriptor", done, 1, "me_assert_sizes")
    include = later_header.write(program.here / "asserted", lambda text, name: later_header.replace(
        grown(text, name), r"typedef char me_assert_sizes.*", "") if name == "plugin.h" else text)
    plugin = build(program, include, ())
    program.expect_text("a longer descriptor", program.run("plugin", "info", plugin), 2, "bad_note: the descriptor says it has 520 bytes")


def check_loads(program, include):
    for what, (options, words) in LOADS.items():
        plugin = build(program, include, options)
        info = program.run("plugin", "info", plugin)
        lines = [tuple(line.split()) for line in info.stdout.splitlines()]
        program.expect(f"a plugin that {what}: {words}", info.returncode == 0 and words in lines, info)
        for isolation in ("process", "in_process"):
            program.config(plugin, isolation, 'settings.name = "Named"')
            reports, done = program.scan("a letter", "detection 3")
            seen = [reports.get(name, {}).get("verdict") for name in ("a letter", "detection 3")]
            program.expect(f"a plugin that {what}, {isolation}: it judges", seen == ["benign", "malicious"], done)
            if seen == ["benign", "malicious"]:
                it = reports["detection 3"]["it"]
                program.expect(f"a plugin that {what}: its signatures and its setting arrive",
                               (it["signatures"]["count"], it["detections"][0]["name"]) == (7, "Named"), it)


def check_answers(program, include):
    plugin = build(program, include, ALL)
    for isolation in ("process", "in_process"):
        program.config(plugin, isolation)
        reports, done = program.scan(*ANSWERS)
        for name, expected in ANSWERS.items():
            report = reports.get(name, {"it": {}})
            seen = (report["it"].get("outcome"), report.get("verdict"))
            program.expect(f"{isolation}: the answer '{name}' is {expected}, not {seen}", seen == expected, done)


def main():
    with Program(sys.argv[1]) as program:
        for name in ANSWERS:
            program.put(name, name.encode())
        include = later_header.write(program.here / "later")
        check_refused(program, include)
        check_grown_descriptor(program)
        check_loads(program, include)
        check_answers(program, include)
        return program.verdict()


if __name__ == "__main__":
    sys.exit(main())
