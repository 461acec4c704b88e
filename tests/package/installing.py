# SPDX-License-Identifier: MIT
"""What the tests of an installation share: the build's folder, their first argument, and how it is installed."""
import os
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/dev").resolve()
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def call(*command, cwd=None, expected=0, **more):
    """Standard output; nothing of this test's environment but PATH goes along."""
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **more}
    done = subprocess.run([str(word) for word in command], cwd=cwd, env=env, capture_output=True, text=True, timeout=300)
    if done.returncode != expected:
        raise AssertionError(f"{command}: exit {done.returncode}, expected {expected}\n{done.stdout}{done.stderr}")
    return done.stdout


def install(prefix, *options, destdir=""):
    return call("cmake", "--install", BUILD, "--prefix", prefix, *options, DESTDIR=str(destdir))


@unittest.skipUnless(os.access(BUILD, os.W_OK), "cmake --install keeps a list in the build, which belongs to somebody else")
class Case(unittest.TestCase):
    pass
