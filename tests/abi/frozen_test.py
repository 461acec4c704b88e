#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every file under a frozen version, v1_0, is in its list, v1_0.sha256, with its digest, and every digest has its file."""
import hashlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
WHY = ("these files are what plugins of that version were built from: they never change, or the test would prove nothing about plugins"
       " that exist; take the change back (git checkout)")


def problems_of(version):
    """The problems of one version's folder, and how many files it has."""
    lines = (HERE / f"{version}.sha256").read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    present = {str(file.relative_to(HERE)): hashlib.sha256(file.read_bytes()).hexdigest()
               for file in (HERE / version).rglob("*") if file.is_file()}
    problems = [f"{name} is missing or changed; {WHY}" for name in listed if present.get(name) != listed[name]]
    problems += [f"{name} is not in {version}.sha256; nothing is added to a frozen version" for name in present if name not in listed]
    return problems, len(present)


def main():
    versions = {"v1_0"} | {folder.name for folder in HERE.glob("v*_*") if folder.is_dir()}
    found = [problems_of(version) for version in sorted(versions)]
    problems = [problem for its, _ in found for problem in its]
    for problem in problems:
        print(f"tests/abi/{problem}", file=sys.stderr)
    files = sum(number for _, number in found)
    print(f"{files} files of {len(versions)} versions compared, {len(problems)} problems")
    return 1 if problems or not files else 0


if __name__ == "__main__":
    sys.exit(main())
