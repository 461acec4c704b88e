#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The clamd backend, locked in, before ClamAV's own clamd and before ours: clean, found, too large, stopped, started again."""
import os
import shutil
import socket
import subprocess
import time
import unittest
from pathlib import Path

from daemon import EICAR, PATIENCE, YARA, Case, Daemon, puppet

CLAMD = shutil.which("clamd") or ("/usr/sbin/clamd" if os.path.exists("/usr/sbin/clamd") else None)
ROOT = Path(__file__).resolve().parents[2]
MOST = 100_000   # bytes that ClamAV's clamd takes


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class ClamAV:
    """A clamd with the few signatures of the tree, for nobody else."""

    def __init__(self, here):
        self.socket, self.port = f"{here}/clamd.ctl", free_port()
        self.database = Path(here) / "database"
        shutil.copytree(ROOT / "config/clamav", self.database)
        self.config = Path(here) / "clamd.conf"
        self.log = open(Path(here) / "clamd.log", "ab")
        self.config.write_text(f"LocalSocket {self.socket}\nLocalSocketMode 666\nTCPSocket {self.port}\nTCPAddr 127.0.0.1\nForeground yes\n"
                               f"DatabaseDirectory {self.database}\nTemporaryDirectory {here}\nStreamMaxLength {MOST}\n"
                               "AlertExceedsMax yes\nDisableCache yes\nSelfCheck 0\n")
        self.process = None

    def start(self):
        self.process = subprocess.Popen([CLAMD, "-c", self.config], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        ending = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < ending:
            try:
                with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as client:
                    client.sendall(b"zPING\0")
                    if client.recv(64) == b"PONG\0":
                        return
            except ConnectionRefusedError:
                pass
        raise AssertionError(Path(self.log.name).read_text())

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def close(self):
        self.stop()
        self.log.close()


def backend(*settings):
    return '[[backend]]\nname = "remote"\nplugin = "clamd"\ngrant = ["network"]\n' + "".join(f"settings.{one}\n" for one in settings)


class Asks(Case):
    SERVE = "[serve]\nwatch = false\n" + Case.CLAMD

    def setUp(self):
        super().setUp()
        self.here.chmod(0o755)   # as root a worker is somebody else

    def assert_answers(self, daemon, clean, found):
        self.assertEqual(daemon.instream(b"a letter"), clean)
        self.assertEqual(daemon.instream(b""), clean)
        self.assertEqual(daemon.instream(EICAR), found)

    def assert_not_judged(self, daemon, data):
        """Whatever else: an error is no verdict of clean."""
        self.assertRegex(daemon.instream(data), "^stream: .* ERROR$")

    def start_clamav(self):
        if CLAMD is None:
            self.skipTest("clamd is not installed; ./dev installs clamav-daemon")
        clamav = ClamAV(self.here)
        self.addCleanup(clamav.close)
        clamav.start()
        return clamav

    def assert_well_before(self, clamav, daemon):
        found = "stream: remote.Eicar-Test-Signature.UNOFFICIAL FOUND"
        self.assert_answers(daemon, "stream: OK", found)
        self.assertEqual(daemon.instream(b"x" * MOST), "stream: OK")
        self.assert_not_judged(daemon, b"x" * (MOST + 1))
        clamav.stop()
        self.assert_not_judged(daemon, b"another letter")
        clamav.start()
        self.assert_answers(daemon, "stream: OK", found)
        self.assertEqual(daemon.stop(), 0)

    def test_clamav_over_tcp(self):
        clamav = self.start_clamav()
        self.assert_well_before(clamav, self.serve(self.SERVE + backend(f'address = "127.0.0.1:{clamav.port}"')))

    def test_clamav_by_its_socket(self):
        clamav = self.start_clamav()
        self.assert_well_before(clamav, self.serve(self.SERVE + backend(f'socket = "{clamav.socket}"')))

    def test_clamav_that_is_started_again_is_opened_anew_and_tells_its_version(self):
        clamav = self.start_clamav()
        daemon = self.serve("[serve]\nsettle_ms = 100\n" + self.CLAMD + backend(f'socket = "{clamav.socket}"'))
        self.assertEqual(daemon.instream(b"a new word"), "stream: OK")
        clamav.stop()
        (clamav.database / "new.ndb").write_text(f"New.Word-1:0:*:{b'a new word'.hex()}\n")
        clamav.start()
        while not daemon.events("reloaded"):
            self.assertIsNone(daemon.process.poll())
            daemon.command("PING")
        self.assertEqual(daemon.instream(b"a new word"), "stream: remote.New.Word-1.UNOFFICIAL FOUND")

    def test_ours(self):
        far = self.here / "far"
        (far / "rules").mkdir(parents=True)
        (far / "rules/a.yar").write_text('rule Eicar { strings: $a = "EICAR-STANDARD" condition: $a }')
        server = Daemon(far, f'[clamd]\nlisten = ["{far}/clamd.sock"]\nsocket_mode = "0666"\nmax_artifact_bytes = {MOST}\n' + YARA)
        self.addCleanup(server.close)
        daemon = self.serve(self.SERVE + backend(f'socket = "{far}/clamd.sock"'))
        self.assert_answers(daemon, "stream: OK", "stream: remote.YARA.Eicar.UNOFFICIAL FOUND")
        self.assert_not_judged(daemon, b"x" * (MOST + 1))

    def test_one_that_judges_nothing_is_refused(self):
        far = self.here / "far"
        far.mkdir()
        server = Daemon(far, f'[clamd]\nlisten = ["{far}/clamd.sock"]\nsocket_mode = "0666"\n' + puppet("fail"))
        self.addCleanup(server.close)
        daemon = self.serve(self.SERVE + backend(f'socket = "{far}/clamd.sock"'), ready=False)
        self.assertEqual(daemon.stop(0), 78)
        self.assertIn("clamd could not scan it: Backend failed", daemon.log_text())

    def test_it_does_not_start_without_one(self):
        daemon = self.serve(self.SERVE + backend(f'address = "127.0.0.1:{free_port()}"'), ready=False)
        self.assertEqual(daemon.stop(0), 78)
        self.assertIn("cannot connect to clamd at 127.0.0.1:", daemon.log_text())

    def test_it_wants_the_right(self):
        daemon = self.serve(self.SERVE + backend('address = "127.0.0.1:1"').replace('grant = ["network"]\n', ""), ready=False)
        self.assertEqual(daemon.stop(0), 78)
        self.assertIn("need_denied", daemon.log_text())


if __name__ == "__main__":
    unittest.main()
