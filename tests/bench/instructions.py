#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How many instructions one artifact costs the host, beside what it cost when instructions.txt was written.

    instructions.py --bin DIR [--write]

Time on a shared machine drifts by tens of percent, and the count of instructions hardly at all: what becomes dearer shows here first. Each
benchmark of engine_bench that one thread does alone runs under callgrind twice, N and 2 N times; the difference is N times what
one costs, without the start. Exits with 1 when one costs 5 percent more than is written down; --write writes down what it costs now.
The written counts are of the packages' gcc 12 with optimisation, and of a processor with SHA instructions.
"""
import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

WRITTEN = Path(__file__).with_name("instructions.txt")
ALONE = "^(dispatch|cached_verdict|combine|explain|flips|cache_find|sha256)"
TIMES = 200
ALLOWED = 0.05


def collected(program, name, times):
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, f"--benchmark_filter=^{name}/iterations:"],
                          capture_output=True, text=True, env={**os.environ, "ITERATIONS": str(times)})
    found = re.findall(r"Collected : (\d+)", done.stderr)
    if done.returncode or not found:
        sys.exit(f"{name} under callgrind: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return int(found[-1])   # before it a child's, which has looked at what the kernel can do


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    program = os.path.join(args.bin, "engine_bench")
    names = subprocess.run([program, "--benchmark_list_tests", f"--benchmark_filter={ALONE}"], capture_output=True, text=True,
                           check=True).stdout.split()
    before = dict(line.rsplit(None, 1) for line in WRITTEN.read_text().splitlines()) if WRITTEN.exists() else {}
    counts, dearer = {}, []
    print(f"{'instructions':<30}{'now':>12}{'written':>12}{'change':>10}")
    for name in (name.removesuffix("/real_time") for name in names):
        counts[name] = round((collected(program, name, 2 * TIMES) - collected(program, name, TIMES)) / TIMES)
        change = counts[name] / int(before[name]) - 1 if name in before else 0
        print(f"{name:<30}{counts[name]:>12}{before.get(name, '-'):>12}{change:>+10.1%}")
        if change > ALLOWED:
            dearer.append(name)
    if not counts:
        sys.exit("no benchmark of that name")
    if args.write:
        WRITTEN.write_text("".join(f"{name:<30}{count:>12}\n" for name, count in counts.items()))
    elif dearer:
        sys.exit(f"dearer by more than {ALLOWED:.0%}: {', '.join(dearer)}; if it is worth that, write it down with --write")


main()
