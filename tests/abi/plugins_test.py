#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""plugins_test.py LANGUAGE rebuilt|prebuilt BINARIES: today's program before a plugin of ABI 1.0, in each isolation.

Rebuilt from its frozen source, or as it was built once. Exit 77, a skip: it cannot be built, or not run, on this machine.
"""
import platform
import shutil
import sys
from pathlib import Path

import builds
from program import EICAR, Program

SKIP = 77
# What the card of each says; the C one knows only the setting "name".
CARDS = {"c": ("Frozen C 1.0.0", "org.microengine.test.frozen-c", "parallel scanners", "-"),
         "cpp": ("Frozen C++ 1.0.0", "org.microengine.test.frozen-cpp", "deterministic", "temporary directory"),
         "rust": ("Frozen Rust 1.0.0", "org.microengine.test.frozen-rust", "fork after open", "-")}
# artifact: (content, outcome, verdict, names of detections)
COMMON = {"eicar": (b"before " + EICAR + b" after", "completed", "malicious", ["Named"]),
          "cut": (EICAR[:-1], "completed", "benign", []), "empty": (b"", "completed", "benign", []),
          "letter": (b"an ordinary letter", "completed", "benign", [])}
MORE = {"word": (b"the second word", "completed", "suspicious", ["Word.second"]),
        "throw": (b"throw", "failed", "unknown", []), "other": (b"not mine", "unsupported", "unknown", []),
        "half": (b"half of it", "completed", "unknown", [])}
CPP_ONLY = {"number": (b"throw a number", "failed", "unknown", []), "temporary": (b"a temporary file", "completed", "benign", []),
            "filed": (b"from the filed list", "completed", "suspicious", ["Word.filed"])}
SETTINGS = {"c": 'settings.name = "Named"'}
SETTINGS["rust"] = SETTINGS["c"] + '\nsettings.words = ["first", "second"]\nsettings.confidence = 7000\nsettings.loud = true'
SETTINGS["cpp"] = SETTINGS["rust"] + '\nsettings.file = "words.txt"'


def plugin_of(language, how, folder):
    """The plugin's file in the folder, or None with the reason on standard output."""
    out = folder / f"{language}.so"
    if how == "prebuilt":
        if platform.machine() != "x86_64":
            return print(f"skipped: the prebuilt plugins are for x86_64, this is {platform.machine()}")
        shutil.copy(builds.FROZEN / "prebuilt" / out.name, out)
    elif language == "c":
        builds.c(builds.FROZEN / "plugin.c", out, builds.FROZEN / "include")
    elif language == "cpp":
        builds.cpp(builds.FROZEN / "plugin.cpp", out, builds.FROZEN / "include")
    elif not Path(builds.RUSTC).exists():
        return print(f"skipped: no {builds.RUSTC}; apt-get install rustc")
    else:
        builds.rust(builds.FROZEN / "plugin.rs", out)
    out.chmod(0o755)  # as a checkout leaves it, others may be able to write it
    return out


def check_card(program, language, plugin):
    title, identity, promise, needs = CARDS[language]
    done = program.run("plugin", "info", plugin)
    program.expect_text("plugin info", done, 0, title, identity, promise, "MIT", "name of the signature")
    lines = [line.split() for line in done.stdout.splitlines()]
    program.expect("it says ABI 1.0 and what it needs", ["ABI", "1.0"] in lines and ["needs", *needs.split()] in lines, done)
    names = builds.exported(plugin)
    program.expect("one symbol is exported", names == ["me_plugin_entry_v1"], names)


def check_scans(program, language, plugin, isolation):
    cases = {**COMMON, **(MORE if language != "c" else {}), **(CPP_ONLY if language == "cpp" else {})}
    program.put("words.txt", b"filed\nnot this one\n")
    for name, (content, *_) in cases.items():
        program.put(name, content)
    program.config(plugin, isolation, SETTINGS[language])
    reports, done = program.scan(*cases)
    for name, (_, outcome, verdict, detections) in cases.items():
        report = reports.get(name, {"it": {}})
        seen = (report["it"].get("outcome"), report.get("verdict"), [one["name"] for one in report["it"].get("detections", [])])
        program.expect(f"{isolation}: {name} is {outcome}, {verdict}, {detections}", seen == (outcome, verdict, detections), done)
    if language != "c" and len(reports) == len(cases):
        eicar = reports["eicar"]["it"]
        program.expect(f"{isolation}: its confidence is the configured one", eicar["confidence"] == 0.7, eicar)
        found = eicar["detections"][0]
        program.expect(f"{isolation}: a detection arrives with all that it has",
                       (found["family"], found["namespace"], found["tags"], found["offset"], found["detail"]) ==
                       ("Eicar", "frozen", ["test", "harmless"], 7, {"frozen": True}), found)
        program.expect(f"{isolation}: its signatures are known", eicar["signatures"]["version"] == "frozen-1", eicar)
        program.expect_text(f"{isolation}: it logs", done, 1, "was opened")
        program.expect(f"{isolation}: what went wrong is said", "asked to throw" in reports["throw"]["it"]["message"] or
                       "it panicked" in reports["throw"]["it"]["message"], reports["throw"])
    if language == "cpp":
        reports, done = program.scan("--url", "http://evil.example/", "--url", "http://good.example/")
        program.expect(f"{isolation}: URLs are judged", [one["verdict"] for one in reports.values()] == ["suspicious", "benign"], done)


def check_stop(program, plugin, isolation):
    program.put("wait", b"wait")
    program.config(plugin, isolation)
    toml = program.here / "microengine.toml"
    toml.write_text(toml.read_text().replace("timeout_ms = 5000", "timeout_ms = 300"))
    reports, done = program.scan("wait")
    program.expect(f"{isolation}: it ends when told to", reports.get("wait", {"it": {}})["it"].get("outcome") == "timed_out", done)


def check_settings(program, language, plugin, isolation):
    program.config(plugin, isolation, 'settings.name = "refused"')
    program.expect_text(f"{isolation}: a setting that the plugin refuses", program.run("scan", "letter"), 78, "microengine.toml:6:",
                        "open_failed: settings.name: this name is refused")
    program.config(plugin, isolation, 'settings.names = "x"')
    program.expect_text(f"{isolation}: a setting it has not", program.run("scan", "letter"), 78,
                        "microengine.toml:6:", "unknown setting 'names'", "did you mean 'name'?")
    if language != "c":
        program.config(plugin, isolation, "settings.confidence = 10001")
        program.expect_text(f"{isolation}: a setting out of its range", program.run("scan", "letter"), 78, "microengine.toml:6:",
                            "settings.confidence must be in 0..10000, got 10001")
    if language == "rust":
        program.config(plugin, isolation, 'settings.name = "panic"')
        program.expect_text(f"{isolation}: a panic while opening", program.run("scan", "letter"), 78, "open_failed: it panicked")


def main():
    language, how, binaries = sys.argv[1:]
    with Program(binaries) as program:
        plugin = plugin_of(language, how, program.here)
        if plugin is None:
            return SKIP
        check_card(program, language, plugin)
        for isolation in ("process", "in_process"):
            check_scans(program, language, plugin, isolation)
            check_settings(program, language, plugin, isolation)
            if language != "c":
                check_stop(program, plugin, isolation)
        return program.verdict()


if __name__ == "__main__":
    sys.exit(main())
