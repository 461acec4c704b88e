#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every file under v1_0 is in v1_0.sha256 with its digest, and every digest has its file."""
import hashlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
WHY = ("these files are what plugins of 1.0 were built from: they never change, or the test would prove nothing about plugins"
       " that exist; take the change back (git checkout)")


def main():
    lines = (HERE / "v1_0.sha256").read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    present = {str(file.relative_to(HERE)): hashlib.sha256(file.read_bytes()).hexdigest()
               for file in (HERE / "v1_0").rglob("*") if file.is_file()}
    problems = [f"{name} is missing or changed; {WHY}" for name in listed if present.get(name) != listed[name]]
    problems += [f"{name} is not in v1_0.sha256; nothing is added to a frozen version" for name in present if name not in listed]
    for problem in problems:
        print(f"tests/abi/{problem}", file=sys.stderr)
    print(f"{len(present)} files compared, {len(problems)} problems")
    return 1 if problems or not listed else 0


if __name__ == "__main__":
    sys.exit(main())
