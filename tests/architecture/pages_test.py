#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Pages that are made from the program, or speak of its code, must be current.

    pages_test.py MICROENGINE     compares; with MICROENGINE_UPDATE_GOLDEN=1 rewrites what is generated
"""
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def generated(program):
    """docs/configuration.md is what `microengine config reference` prints."""
    page = ROOT / "docs/configuration.md"
    text = subprocess.run([program, "config", "reference"], capture_output=True, text=True, check=True).stdout
    if os.environ.get("MICROENGINE_UPDATE_GOLDEN"):
        page.write_text(text)
    if page.read_text() == text:
        return []
    return [f"{page.relative_to(ROOT)}:1: stale; MICROENGINE_UPDATE_GOLDEN=1 ./dev test dev rewrites it"]


def named_functions():
    """`folder/file.cpp: function` in a page: both must exist."""
    problems, seen = [], 0
    for page in [ROOT / "docs/life-of-an-artifact.md", ROOT / "docs/architecture.md"]:
        for number, line in enumerate(page.read_text().splitlines(), 1):
            for file, function in re.findall(r"`((?:host|plugins|sdk)/[\w/.]+\.[ch]pp): ([\w:~]+)`", line):
                seen += 1
                source = ROOT / file
                name = function.split("::")[-1]
                if not source.exists() or not re.search(rf"\b{re.escape(name)}\b", source.read_text()):
                    problems.append(f"{page.relative_to(ROOT)}:{number}: there is no {function} in {file}")
    return problems if seen else ["docs/life-of-an-artifact.md:1: names no function"]


def links():
    """Relative links between pages lead somewhere."""
    problems = []
    pages = [p for p in ROOT.rglob("*.md") if "build" not in p.relative_to(ROOT).parts]
    for page in pages:
        for number, line in enumerate(page.read_text().splitlines(), 1):
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", line):
                if not (page.parent / target).exists():
                    problems.append(f"{page.relative_to(ROOT)}:{number}: leads nowhere: {target}")
    return problems


def main():
    problems = generated(sys.argv[1]) + named_functions() + links()
    print("\n".join(problems) or "pages are current")
    return 1 if problems else 0


sys.exit(main())
