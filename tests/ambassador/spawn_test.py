#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The release check: the ambassador starts an engine of ours, and every check passes."""
import json
import os
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

BIN = Path(os.environ.get("DAEMON_BIN", "build/dev/bin")).resolve()
ZOO = Path(os.environ.get("DAEMON_ZOO", BIN.parent / "zoo")).resolve()
PATIENCE = int(os.environ.get("DAEMON_PATIENCE", "600"))   # seconds until a test gives up; nothing is measured by it

# What an operator may have: limits that a rehearsal must not stumble over.
CONFIG = """
[http]
listen = ["127.0.0.1:1"]
[polyswarm]
journal = "journal.db"
max_per_minute = 1
[[polyswarm.engine]]
name = "mine"
path = "/hook"
secret_file = "none-yet"
budget_per_hour = "0.1 NCT"
[[polyswarm.filter]]
action = "reject"
key = "mimetype"
op = "startswith"
value = "text/"
[[backend]]
name = "eicar"
plugin = "eicar"
[[backend]]
name = "yara"
plugin = "yara"
[backend.settings]
rules = "rules"
cache_dir = "off"
"""
# The eicar backend has no opinion on other artifacts.
RULE = r'rule eicar_test_file { strings: $a = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR" condition: $a at 0 }'


class Spawned(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="microengine-spawn-")
        self.addCleanup(folder.cleanup)
        self.here = Path(folder.name)
        (self.here / "microengine.toml").write_text(CONFIG)
        (self.here / "tmp").mkdir()
        (self.here / "rules").mkdir()
        (self.here / "rules/eicar.yar").write_text(RULE)

    def command(self, *arguments):
        return [str(BIN / "microengine"), "ambassador", "--spawn", str(self.here / "microengine.toml"), *arguments]

    def environment(self):
        return {**os.environ, "TMPDIR": str(self.here / "tmp"), "XDG_CACHE_HOME": str(self.here / "cache"), "LC_ALL": "C.UTF-8"}

    def play(self, *arguments):
        done = subprocess.run(self.command("--format", "json", *arguments), capture_output=True, text=True, timeout=PATIENCE,
                              env=self.environment())
        self.assertIn(done.returncode, (0, 1), done.stderr)
        self.assertEqual(list((self.here / "tmp").iterdir()), [], "its folder, with secrets in it, is gone")
        return done.returncode, json.loads(done.stdout)

    def test_all_pass(self):
        code, results = self.play("--puppet", os.path.relpath(ZOO / "puppet.so"))   # as a shell completes it
        wrong = {check["id"]: (check["status"], check["seen"]) for check in results["checks"] if check["status"] != "PASS"}
        self.assertEqual(wrong, {})
        self.assertEqual((code, results["passed"]), (0, 29))

    def test_the_books_are_read_at_rest(self):
        code, results = self.play("--checks", "A8,A29")   # the last reply has only just been posted
        self.assertEqual((code, results["passed"]), (0, 2), results["checks"])

    def test_load(self):
        code, numbers = self.play("--count", "200", "--rate", "100")
        self.assertEqual((code, numbers["correct"], numbers["faults"]), (0, 200, []))

    def test_an_engine_that_does_not_start_says_why(self):
        (self.here / "microengine.toml").write_text(CONFIG.replace('plugin = "eicar"', f'plugin = "{ZOO}/puppet.so"\nsettings.does = "refuse_open"'))
        done = subprocess.run(self.command(), capture_output=True, text=True, timeout=PATIENCE, env=self.environment())
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("ended with 78", done.stderr)
        self.assertIn("told to refuse", done.stderr)

    def test_an_interrupted_run_leaves_neither_files_nor_an_engine(self):
        process = subprocess.Popen(self.command("--checks", "A11"), env=self.environment(), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        self.addCleanup(process.kill)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while process.poll() is None and not children.read_text():
            pass
        self.assertIsNone(process.poll(), "it has begun")
        descriptor = os.pidfd_open(int(children.read_text().split()[0]))
        self.addCleanup(os.close, descriptor)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(PATIENCE), 128 + signal.SIGTERM)
        import select
        self.assertTrue(select.select([descriptor], [], [], PATIENCE)[0], "the engine ends with it")
        self.assertEqual(list((self.here / "tmp").iterdir()), [])


if __name__ == "__main__":
    unittest.main()
