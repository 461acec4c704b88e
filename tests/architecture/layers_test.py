#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks every #include "…" and <microengine/…> of host, plugins and sdk against layers.txt."""
import fnmatch
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<(microengine/[^>]+)>)')


def read_layers():
    layers = {}
    for line in (ROOT / "tests/architecture/layers.txt").read_text().splitlines():
        line = line.split("#")[0].strip()
        if line:
            folder, allowed = line.split(":", 1)
            layers[folder] = allowed.split()
    return layers


def rule_for(path, layers):
    """The longest entry that covers this file, and the folder it stands for."""
    best = None
    for pattern in layers:
        parts = path.parts[: len(Path(pattern).parts)]
        folder = "/".join(parts)
        if fnmatch.fnmatchcase(folder, pattern) and (best is None or len(pattern) > len(best[0])):
            best = (pattern, folder)
    return best


def covers(allowed, target, own):
    if target == own or target.startswith(own + "/"):
        return True
    return any(fnmatch.fnmatchcase(target + "/", pattern.rstrip("*").rstrip("/") + "/*") for pattern in allowed)


def check(file, layers):
    relative = file.relative_to(ROOT)
    rule = rule_for(relative, layers)
    if rule is None:
        return [f"{relative}:1: {relative.parent} has no line in tests/architecture/layers.txt"]
    pattern, own = rule
    problems = []
    for number, line in enumerate(file.read_text().splitlines(), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        target = f"sdk/include/{found[2]}" if found[2] else found[1]
        # A plugin includes its own files by their bare names; its tests may use tests/support.
        if "/" not in target or (file.parent / target).exists() or (own.startswith("plugins/") and (ROOT / own / target).exists()):
            continue
        if "tests" in relative.parts and target.startswith("tests/support/"):
            continue
        if not covers(layers[pattern], target, own):
            problems.append(f"{relative}:{number}: {own} must not include {target}")
    return problems


def self_test():
    """The check must be able to fail."""
    layers = {"host/core": ["host/util"], "host/util": [], "plugins/*": ["sdk"]}
    assert not covers(layers["host/core"], "host/engine/engine.hpp", "host/core")
    assert covers(layers["host/core"], "host/util/text.hpp", "host/core")
    assert not covers(layers["plugins/*"], "plugins/yara/x.hpp", "plugins/clamav")
    assert rule_for(Path("plugins/yara/tests/x.cpp"), layers) == ("plugins/*", "plugins/yara")


def main():
    self_test()
    layers = read_layers()
    files = [f for top in ("host", "plugins", "sdk") for f in (ROOT / top).rglob("*") if f.suffix in (".h", ".hpp", ".cpp", ".c")]
    problems = [problem for file in sorted(files) for problem in check(file, layers)]
    print("\n".join(problems) or f"{len(files)} files, every arrow points the right way")
    return 1 if problems or not files else 0


sys.exit(main())
