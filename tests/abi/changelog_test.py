#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""changelog_test.py: what layout.golden has beyond the frozen 1.0 is told to plugin authors in sdk/CHANGELOG.md."""
import re
import sys
from pathlib import Path

import header
import layout_test

HERE = Path(__file__).resolve().parent
CHANGELOG = HERE.parents[1] / "sdk" / "CHANGELOG.md"


def untold(frozen, golden, text):
    """frozen: {what: value}; golden: [(minor, what, value)]; text: the changelog's. What of the additions it does not name."""
    problems = []
    for minor, what, value in golden:
        if frozen.get(what) == value:
            continue
        kind, name = what.split(" ")
        if name == "ME_ABI_MINOR":
            wanted, found = f"## ABI 1.{value}", re.search(rf"^## ABI 1\.{value}\b", text, flags=re.M)
        elif kind == "struct" and what in frozen:
            continue  # it grew: its new members have lines of their own
        else:
            wanted, found = name, re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", text)
        if not found:
            problems.append(f"'{wanted}' is new in 1.{minor} and not in it: say what it is for and why it was added")
    return problems


def main():
    golden = layout_test.read_golden()
    frozen = header.layout(HERE / "v1_0" / "include", "gcc")
    problems = untold(frozen, golden, CHANGELOG.read_text(encoding="utf-8"))
    for problem in problems:
        print(f"sdk/CHANGELOG.md: error: {problem}", file=sys.stderr)
    added = [what for _, what, value in golden if frozen.get(what) != value]
    print(f"{len(added)} additions since 1.0, {len(problems)} untold")
    return 1 if problems or len(golden) < len(frozen) else 0


if __name__ == "__main__":
    sys.exit(main())
