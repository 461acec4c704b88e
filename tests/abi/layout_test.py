#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""layout_test.py COMPILER [--add]: the headers against layout.golden; --add writes the lines of what is new."""
import re
import sys
from pathlib import Path

import header

HERE = Path(__file__).resolve().parent
GOLDEN = HERE / "layout.golden"
RULE = ("inside major 1 nothing is moved, retyped, renumbered or removed: take the change of the header back, add at the tail"
        " instead, or make a new major")
MAY_GROW = re.compile(r"struct |constant ME_ABI_MINOR$")


def read_golden():
    """[(minor, what, value)], in the order of the file."""
    lines = [line for line in GOLDEN.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    parts = [line.split("\t") for line in lines if line]
    return [(int(minor.removeprefix("1.")), what, value) for minor, what, value in parts]


def problems_with(golden, found):
    last, problems = {}, []
    for minor, what, value in golden:
        if what in last and not (MAY_GROW.match(what) and minor > last[what][0]):
            problems.append(f"layout.golden has two lines for '{what}'")
        last[what] = (minor, value)
    for what, (_, value) in last.items():
        if what not in found:
            problems.append(f"'{what}' is gone (was {value}); {RULE}")
        elif found[what] != value and not MAY_GROW.match(what):
            problems.append(f"'{what}' was {value} and is now {found[what]}; {RULE}")
        elif found[what] != value and int(found[what]) < int(value):
            problems.append(f"'{what}' shrank from {value} to {found[what]}; {RULE}")
        elif found[what] != value:
            problems.append(f"'{what}' grew from {value} to {found[what]}: add its line (layout_test.py gcc --add)")
    problems += [f"'{what}' has no line: add it (layout_test.py gcc --add)" for what in found if what not in last]
    return problems


def add(golden, found):
    minor = found["constant ME_ABI_MINOR"]
    last = {what: value for _, what, value in golden}
    new = [f"1.{minor}\t{what}\t{value}\n" for what, value in found.items() if last.get(what) != value
           and (what not in last or MAY_GROW.match(what))]
    with GOLDEN.open("a", encoding="utf-8") as file:
        file.writelines(new)
    print(f"{len(new)} lines added")


def main():
    compiler = sys.argv[1]
    found = header.layout(header.TODAY, compiler)
    golden = read_golden()
    if "--add" in sys.argv:
        add(golden, found)
        return 0
    problems = problems_with(golden, found)
    frozen = header.layout(HERE / "v1_0" / "include", compiler)
    # New bits and ids may come without a new minor; what 1.0 had is kept by the frozen header, whoever edits the golden.
    kept = {}
    for _, what, value in golden:
        kept.setdefault(what, value)
    problems += [f"the golden line of '{what}' is {kept.get(what)}, in the frozen header it is {value}; old lines never change"
                 for what, value in frozen.items() if kept.get(what) != value]
    for problem in problems:
        print(f"tests/abi/layout.golden: error: {problem}", file=sys.stderr)
    print(f"{len(found)} structs, members and constants compared, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
