# SPDX-License-Identifier: MIT
"""How the plugins of these tests are built: without the project's build, as their authors would."""
import os
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
FROZEN = HERE / "v1_0"
LINK = (f"-Wl,--version-script={FROZEN / 'plugin.map'}", "-Wl,-z,defs,-z,relro,-z,now,-z,noexecstack")
SHARED = ("-Os", "-fPIC", "-shared", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror")
# Debian's, the oldest that a plugin's author may have: not whichever comes first in PATH.
RUSTC = "/usr/bin/rustc"


def run(command):
    # What a compiler remembers of an earlier run, or is told by the caller's environment, is no part of the test.
    subprocess.run(command, check=True, env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"})


def c(source, out, include, *more):
    run(["gcc", "-std=c89", "-pedantic", *SHARED, f"-I{include}", *more, str(source), "-o", str(out), *LINK])


def cpp(source, out, include, *more):
    run(["g++", "-std=c++17", *SHARED, "-fvisibility-inlines-hidden", "-fno-gnu-unique", f"-I{include}", *more, str(source), "-o",
         str(out), *LINK])


def rust(source, out):
    # A cdylib exports what is #[no_mangle] and nothing else; rustc writes the version script itself.
    run([RUSTC, "--edition", "2021", "--crate-type", "cdylib", "-D", "warnings", "-C", "panic=unwind", "-C", "opt-level=s", "-C",
         "strip=symbols", str(source), "-o", str(out)])


def exported(library):
    out = subprocess.run(["nm", "-D", "--defined-only", "--format=posix", str(library)], capture_output=True, text=True, check=True).stdout
    return [line.split()[0] for line in out.splitlines()]
