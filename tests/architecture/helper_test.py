#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The helper brings no library but C's and C++'s: one that a plugin needs in another version would be taken for it.

    helper_test.py MICROENGINE-BACKEND
"""
import re
import subprocess
import sys

ALLOWED = {"libc.so.6", "libstdc++.so.6", "libgcc_s.so.1", "libm.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}


def main():
    dynamic = subprocess.run(["readelf", "-d", sys.argv[1]], capture_output=True, text=True, check=True).stdout
    needed = set(re.findall(r"\(NEEDED\).*\[(.+)\]", dynamic))
    foreign = sorted(needed - ALLOWED)
    print("\n".join(f"{sys.argv[1]}: needs {library}" for library in foreign) or f"needs {', '.join(sorted(needed))}")
    return 1 if foreign or "libc.so.6" not in needed else 0


sys.exit(main())
