# SPDX-License-Identifier: MIT
"""What the tests of a fleet share: one broker for a class of tests, and daemons that use it, each in its own folder."""
import itertools
import json
import os
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "daemon"))
from broker import Broker, available   # noqa: E402
from daemon import PATIENCE, RULE, YARA, ZOO, Daemon, UnixConnection, puppet   # noqa: E402

BENIGN = b"it says nothing "
BAD = b"it says a bad word "
FRONT = '[http]\nlisten = ["{here}/http.sock"]\nscan_timeout_ms = 600000\n[clamd]\nlisten = ["{here}/clamd.sock"]\n'


@unittest.skipUnless(available(), "rabbitmq-server is not installed")
class Fleet(unittest.TestCase):
    numbers = itertools.count(1)
    HOST = "127.0.0.1"

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="microengine-fleet-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.broker = cls.make_broker(Path(cls.folder.name) / "broker")
        cls.addClassCleanup(cls.broker.close)

    @classmethod
    def make_broker(cls, folder):
        return Broker(folder, host=cls.HOST)

    def setUp(self):
        number = next(self.numbers)
        self.prefix = f"test{number}"
        self.here = Path(self.folder.name) / f"test{number}"
        (self.here / "shared").mkdir(parents=True)

    def queue(self, more=""):
        """More comes last, so it may begin with keys of [queue]."""
        return f'[queue]\nurl = "{self.broker.url}"\nprefix = "{self.prefix}"\nheartbeat_ms = 2000\n{more}\n'

    def daemon(self, name, config, command, arguments=(), backends=YARA, wrapper=()):
        here = self.here / name
        (here / "rules").mkdir(parents=True, exist_ok=True)
        (here / "rules/a.yar").write_text(RULE)
        text = config.replace("{here}", str(here)) + backends
        daemon = Daemon(here, text, arguments=[word.replace("{here}", str(here)) for word in arguments], command=command,
                        wrapper=wrapper)
        self.addCleanup(daemon.close)
        return daemon

    def front(self, more="", name="front", backends=YARA, config=FRONT):
        daemon = self.daemon(name, config + "[serve]\nwatch = false\n" + self.queue(more), "serve", backends=backends)
        self.wait_until_connected(daemon)
        return daemon

    def worker(self, more="", name="worker", backends=YARA, config=""):
        daemon = self.daemon(name, config + self.queue(more), "worker", ["--http", "{here}/http.sock"], backends)
        self.wait_until_connected(daemon)
        return daemon

    def wait_until_connected(self, daemon):
        self.wait(lambda: daemon.request("GET", "/readyz")[0] == 200, daemon)

    def wait(self, holds, daemon):
        """Polls, giving others the processor; gives up after PATIENCE with the daemon's log."""
        pause = threading.Event()
        for _ in range(PATIENCE * 50):
            if holds():
                return
            if daemon.process.poll() is not None:
                break
            pause.wait(0.02)
        raise AssertionError(daemon.log_text()[-4000:])

    def scan(self, daemon, artifact, query=""):
        status, headers, body = daemon.request("POST", "/v1/scan" + query, artifact)
        return status, headers, json.loads(body)

    def verdict(self, daemon, artifact):
        status, _, report = self.scan(daemon, artifact)
        self.assertEqual(status, 200, report)
        return report["verdict"]

    def metric(self, daemon, name):
        _, _, text = daemon.request("GET", "/metrics")
        rows = [line.rsplit(" ", 1) for line in text.decode().splitlines() if line.startswith("microengine_" + name)]
        return sum(float(value) for key, value in rows if key.split("{")[0] == "microengine_" + name)


__all__ = ["BAD", "BENIGN", "FRONT", "PATIENCE", "YARA", "ZOO", "Broker", "Daemon", "Fleet", "UnixConnection", "json", "os", "puppet"]
