#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The real ambassador before an engine that is none of ours: all of it passes, and each bug is found by its check."""
import concurrent.futures
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import reference_engine
from bugs import FOUND_BY

HERE = Path(__file__).resolve().parent
BIN = Path(os.environ.get("DAEMON_BIN", "build/dev/bin")).resolve()
PATIENCE = int(os.environ.get("DAEMON_PATIENCE", "300"))   # seconds until a test gives up; nothing is measured by it
SPAWNED_ONLY = {"A14", "A19", "A20", "A21", "A22", "A25", "A26", "A27", "A28"}
NOT_MEASURED = {"A29"}   # the reference engine counts nothing


class Rehearsal(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="microengine-ambassador-")
        self.addCleanup(folder.cleanup)
        self.here = Path(folder.name)
        self.secret = self.here / "secret"
        self.secret.touch(mode=0o600)
        self.secret.write_text("the secret of the rehearsal\n")

    def market_address(self):
        """A port that nobody else takes: it is bound here, and only the ambassador listens on it."""
        holder = socket.socket()
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        self.addCleanup(holder.close)
        return f"127.0.0.1:{holder.getsockname()[1]}"

    def engine(self, market, bug=None):
        command = [sys.executable, str(HERE / "reference_engine.py"), "--secret-file", str(self.secret), "--allow", market]
        process = subprocess.Popen(command + (["--bug", bug] if bug else []), stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return f"http://{process.stdout.readline().strip()}/polyswarm"

    def play(self, *arguments, bug=None, environment=None):
        market = self.market_address()
        command = [str(BIN / "microengine"), "ambassador", "--target", self.engine(market, bug), "--listen", market, *arguments]
        if environment is None:
            command += ["--secret-file", str(self.secret)]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, env={**os.environ, **(environment or {})})

    def checks(self, *arguments, bug=None):
        done = self.play("--format", "json", *arguments, bug=bug)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return done.returncode, {check["id"]: check for check in json.loads(done.stdout)["checks"]}


class AnyEngine(Rehearsal):
    def test_an_engine_that_does_everything_right_passes(self):
        code, checks = self.checks()
        failed = {check["id"]: check["seen"] for check in checks.values() if check["status"] == "FAIL"}
        self.assertEqual(failed, {})
        self.assertEqual(code, 0)
        skipped = {check["id"] for check in checks.values() if check["status"] == "SKIP"}
        self.assertEqual(skipped, SPAWNED_ONLY | NOT_MEASURED)
        self.assertEqual(len(checks), 29)

    def test_each_bug_is_found_by_its_check(self):
        self.assertEqual(set(FOUND_BY), set(reference_engine.BUGS), "each bug has its check")
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            runs = {bug: pool.submit(self.checks, "--checks", check, bug=bug) for bug, (check, _) in FOUND_BY.items()}
        for bug, (check, said) in FOUND_BY.items():
            with self.subTest(bug=bug):
                code, checks = runs[bug].result()
                self.assertEqual(code, 1)
                self.assertEqual(checks[check]["status"], "FAIL")
                self.assertIn(said, checks[check]["seen"])
                self.assertTrue(checks[check]["fix"])

    def test_the_secret_may_come_from_the_environment(self):
        secret = self.secret.read_text().strip()
        done = self.play("--checks", "A2", environment={"MICROENGINE_POLYSWARM_SECRET": secret})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("A2   PASS", done.stdout)

    def test_a_phase_is_enough(self):
        for phase, bug in (("assertion", "no-vote"), ("arbitration", "float-bid")):
            code, checks = self.checks("--phase", phase, "--checks", "A7,A8", bug=bug)
            self.assertEqual(code, 0, checks)


class Load(Rehearsal):
    def load(self, *arguments, bug=None):
        done = self.play("--format", "json", "--count", "60", "--rate", "60", *arguments, bug=bug)
        return done.returncode, json.loads(done.stdout)

    def test_every_bounty_is_judged(self):
        code, numbers = self.load()
        self.assertEqual((code, numbers["faults"]), (0, []))
        for number in ("posted", "accepted", "answered", "correct", "in_time"):
            self.assertEqual(numbers[number], 60, number)
        self.assertGreater(numbers["replies_per_second"], 0)

    def test_a_wrong_verdict_is_seen(self):
        code, numbers = self.load(bug="misses-eicar")
        self.assertEqual((code, numbers["answered"], numbers["correct"]), (1, 60, 30))

    def test_its_artifacts_may_be_files(self):
        for kind, text in (("malicious", reference_engine.EICAR), ("benign", b"nothing")):
            (self.here / kind).mkdir()
            (self.here / kind / "file").write_bytes(text)
        code, numbers = self.load("--corpus", str(self.here))
        self.assertEqual((code, numbers["correct"]), (0, 60))
        (self.here / "benign/file").write_bytes(reference_engine.EICAR)
        code, numbers = self.load("--corpus", str(self.here))
        self.assertEqual((code, numbers["correct"]), (1, 30))


class CannotRun(Rehearsal):
    def run_it(self, *arguments):
        environment = {k: v for k, v in os.environ.items() if k != "MICROENGINE_POLYSWARM_SECRET"}
        done = subprocess.run([str(BIN / "microengine"), "ambassador", *arguments], capture_output=True, text=True,
                              timeout=PATIENCE, env=environment)
        self.assertEqual(done.stdout, "")
        return done.returncode, done.stderr

    def test_it_says_what_is_missing(self):
        secret = ("--secret-file", str(self.secret))
        nobody = f"http://{self.market_address()}/"
        for arguments, code, said in (
                ((), 64, "name one with --target URL, or start one with --spawn FILE"),
                (("--target", "ftp://x/", *secret), 64, "is no URL"),
                (("--target", nobody), 64, "--secret-file FILE, or MICROENGINE_POLYSWARM_SECRET"),
                (("--target", nobody, "--secret-file", "/none"), 2, "/none"),
                (("--target", nobody, *secret), 2, "Connection refused"),
                (("--target", nobody, *secret, "--checks", "A7,A99"), 64, "there is no check 'A99'"),
                (("--target", nobody, *secret, "--listen", "here"), 64, "is no address"),
                (("--target", nobody, "--spawn", "x.toml"), 64, "excludes"),
                (("--spawn", str(self.here / "none.toml")), 78, "none.toml")):
            with self.subTest(arguments=arguments):
                self.assertEqual(self.run_it(*arguments)[0], code, said)
                self.assertIn(said, self.run_it(*arguments)[1])

    def test_what_only_an_engine_of_ours_can_be_asked_is_no_success(self):
        done = self.play("--checks", "A19,A22")
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn("needs --spawn", done.stdout)


if __name__ == "__main__":
    unittest.main()
