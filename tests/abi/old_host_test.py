#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""old_host_test.py: plugins built on the frozen header and on today's, in C and in the C++ layer, on a host of ABI 1.0."""
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FROZEN, TODAY = HERE / "v1_0" / "include", ROOT / "sdk" / "include"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE" + b"!$H+H*"
PLUGINS = {"frozen C on its header": ("gcc", "c89", FROZEN, HERE / "v1_0" / "plugin.c"),
           "frozen C on today's header": ("gcc", "c89", TODAY, HERE / "v1_0" / "plugin.c"),
           "eicar on today's header": ("g++", "c++17", TODAY, ROOT / "plugins" / "eicar" / "plugin.cpp")}


def build(compiler, standard, include, source, out, *more):
    subprocess.run([compiler, f"-std={standard}", "-Wall", "-Wextra", "-Werror", "-Os", f"-I{include}", source, "-o", out, *more],
                   check=True)


def main():
    problems = 0

    def expect(what, done, code, *texts):
        nonlocal problems
        if done.returncode != code or any(text not in done.stdout for text in texts):
            problems += 1
            print(f"error: {what}: expected {code} and {texts}, got {done.returncode} and {done.stdout}{done.stderr}",
                  file=sys.stderr)

    with tempfile.TemporaryDirectory() as folder:
        host, plugin = Path(folder) / "old_host", Path(folder) / "plugin.so"

        def run(data, name):
            done = subprocess.run([host, plugin, name], input=data, capture_output=True, check=False, timeout=60)
            return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

        build("gcc", "c99", FROZEN, HERE / "old_host.c", host, "-ldl")
        for what, how in PLUGINS.items():
            build(*how, plugin, "-shared", "-fPIC", "-fvisibility=hidden")
            expect(f"{what}: EICAR", run(EICAR, "Named"), 0, "verdict 3", "detection Named" if "frozen" in what else "detection ")
            expect(f"{what}: harmless bytes", run(b"harmless", "Named"), 0, "verdict 1" if "frozen" in what else "verdict 0")
            if "frozen" in what:
                expect(f"{what}: a refused setting", run(b"", "refused"), 3, "fail name: this name is refused")
    print(f"{len(PLUGINS)} plugins on a host of ABI 1.0, {problems} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
