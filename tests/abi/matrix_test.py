#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""matrix_test.py COMPILER: each header alone in every language standard a plugin may be written in."""
import subprocess
import sys
from pathlib import Path

SDK = Path(__file__).resolve().parents[2] / "sdk" / "include"
C = ("c89", "c99", "c11", "c17", "c2x")
CXX = ("c++11", "c++14", "c++17", "c++20", "c++23")
STRICT = ("-pedantic", "-Wall", "-Wextra", "-Werror", "-fshort-enums", "-fsyntax-only")
SLOT = """#include <microengine/plugin.h>
static void close_it(me_backend *) {may_it} {{}}
void set(me_plugin_v1 *table) {{ table->backend_close = close_it; }}
"""


def compiles(compiler, language, standard, text):
    command = [compiler, f"-std={standard}", *STRICT, f"-I{SDK}", f"-x{language}", "-"]
    return subprocess.run(command, input=text, text=True, capture_output=True, check=False)


def main():
    compiler, problems, tried = sys.argv[1], [], 0
    layer = [str(path.relative_to(SDK)) for path in sorted(SDK.rglob("*.hpp"))]
    plain = [str(path.relative_to(SDK)) for path in sorted(SDK.rglob("*.h"))]
    cases = [("c", standard, name) for standard in C for name in plain]
    cases += [("c++", standard, name) for standard in CXX for name in plain]
    cases += [("c++", standard, name) for standard in CXX[2:] for name in layer]
    for language, standard, name in cases:
        tried += 1
        done = compiles(compiler, language, standard, f"#include <{name}>\n")
        if done.returncode:
            problems.append(f"{name} as {standard}: {done.stderr.strip()}")
    # From C++17 on a function that may throw does not fit into a table; the same with noexcept does.
    for standard in CXX[2:]:
        if compiles(compiler, "c++", standard, SLOT.format(may_it="noexcept")).returncode:
            problems.append(f"{standard}: a noexcept function does not fit into the table")
        if not compiles(compiler, "c++", standard, SLOT.format(may_it="")).returncode:
            problems.append(f"{standard}: a function that may throw fits into the table")
    for problem in problems:
        print(f"error: {compiler}: {problem}", file=sys.stderr)
    print(f"{compiler}: {tried} headers compiled alone, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
