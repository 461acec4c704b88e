#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A page for authors of plugins, done as it says, with the SDK installed into a folder of this test.

    guide_test.py BIN PAGE [--without SECTION]... [--needs PROGRAM] [--show]

Files are written, `sh` blocks must succeed, `console` blocks must print what stands there. --show prints what they print.
"""
import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import page

ROOT = Path(__file__).resolve().parents[2]
CODE = {"cpp", "c", "rust", "cmake"}


def install_sdk(folder):
    """The prefix. The folder sdk installs itself, without the program."""
    for command in (["cmake", "-S", ROOT / "sdk", "-B", folder / "sdk-build"],
                    ["cmake", "--install", folder / "sdk-build", "--prefix", folder / "prefix"]):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder / "prefix"


def environment(program_folder, prefix, home):
    """Of somebody who has installed Microengine and nothing else; Debian's compilers, not others that lie on this PATH."""
    return {"PATH": f"{program_folder}:/usr/local/bin:/usr/bin:/bin", "CMAKE_PREFIX_PATH": str(prefix), "HOME": str(home),
            "LC_ALL": "C.UTF-8", "CCACHE_DISABLE": "1", "ME": str(ROOT)}


def step(command, expected, shell):
    """What is wrong, or ""."""
    output = shell.run(command if expected is not None else f"( set -e\n{command}\n)")
    if expected is None:
        return "" if shell.run("echo $?") == "0\n" else f"-- it fails and prints:\n{output}"
    said = "\n".join(expected)
    return "" if page.agrees(expected, output) else f"-- the page says:\n{said}\n-- it prints:\n{output}"


def steps_of(block):
    """(line, command, expected output); None: any, but it must succeed."""
    if block.kind == "console":
        return page.commands(block)
    return [(block.line + 1, block.text, None)] if block.kind == "sh" else []


def follow(blocks, shell, show):
    """Problems as (line, text), at most one: what comes after a wrong step tells nothing."""
    done = 0
    for block in blocks:
        if block.name:
            file = shell.folder() / block.name
            file.parent.mkdir(exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
        elif block.kind in CODE:
            return [(block.line, "code that nobody compiles: name its file, in a paragraph `name`: before it")]
        for line, command, expected in [] if block.name else steps_of(block):
            done += 1
            if show:
                print(f"$ {command}\n{shell.run(command)}", end="")
            elif wrong := step(command, expected, shell):
                return [(line, f"$ {command}\n{wrong}")]
    return [] if done else [(1, "no command was run")]


def self_test():
    """The comparison must be able to fail."""
    assert page.agrees(["a…z", "…", "end"], "abcz\n1\n2\nend\n") and page.agrees(["…"], "") and page.agrees([], "")
    assert not page.agrees(["a"], "b\n") and not page.agrees([], "a\n") and not page.agrees(["a"], "a\nb\n")
    assert not page.agrees(["a…z"], "a\nz\n") and not page.agrees(["a.c"], "abc\n")


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("bin", type=Path)
    parser.add_argument("page", type=Path)
    parser.add_argument("--without", action="append", default=[])
    parser.add_argument("--needs")
    parser.add_argument("--show", action="store_true")
    return parser.parse_args()


def main():
    self_test()
    options = arguments()
    if options.needs and not os.access(options.needs, os.X_OK):
        print(f"SKIPPED: {options.needs} is not installed")
        return 77
    blocks = page.blocks(options.page)
    missing = set(options.without) - {block.section for block in blocks}
    assert not missing, f"no block below these headings: {missing}"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        (folder / "work").mkdir()
        shell = page.Shell(folder / "work", environment(options.bin.resolve(), install_sdk(folder), folder))
        problems = follow([block for block in blocks if block.section not in options.without], shell, options.show)
        shell.close()
    for line, text in problems:
        print(f"{options.page}:{line}: {text}")
    return 1 if problems else 0


sys.exit(main())
