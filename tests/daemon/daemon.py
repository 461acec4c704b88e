# SPDX-License-Identifier: MIT
"""What the tests of the daemon share: the real program, started in a folder of its own, as a service manager starts it.

    DAEMON_BIN, DAEMON_ZOO, DAEMON_SANITIZED   folders of the build; set by CTest
"""
import http.client
import json
import os
import random
import signal as signals
import socket
import struct
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

BIN = Path(os.environ.get("DAEMON_BIN", "build/dev/bin")).resolve()

ZOO = Path(os.environ.get("DAEMON_ZOO", BIN.parent / "zoo")).resolve()
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SANITIZED = os.environ.get("DAEMON_SANITIZED", "") not in ("", "0", "OFF")
PATIENCE = int(os.environ.get("DAEMON_PATIENCE", "60"))   # seconds until a test gives up; nothing is measured by it

RULE = 'rule bad_word { strings: $a = "a bad word" condition: $a }\n'
YARA = '[[backend]]\nname = "yara"\nplugin = "yara"\n[backend.settings]\nrules = "rules"\nstrict = true\ncache_dir = "off"\n'


def puppet(does, more=""):
    return f'[[backend]]\nname = "puppet"\nplugin = "{ZOO}/puppet.so"\n{more}settings.does = "{does}"\n'



class Daemon:
    """microengine serve, or worker. Made, it is ready; see Case.serve()."""

    def __init__(self, here, config, arguments=(), env=None, fds=(), ready=True, command="serve",
                 wrapper=()):
        self.here = Path(here)
        (self.here / "microengine.toml").write_text(config)
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = self.here / "notify"
        path.unlink(missing_ok=True)
        self.manager.bind(str(path))
        self.manager.settimeout(PATIENCE)
        self.log_path = self.here / "log"
        self.log_file = open(self.log_path, "ab")
        full = {**os.environ, "HOME": str(here), "XDG_CACHE_HOME": str(self.here / ".cache"), "NOTIFY_SOCKET": str(path),
                "LC_ALL": "C.UTF-8", **(env or {})}
        full.pop("MICROENGINE_CONFIG", None)
        words = [*wrapper, str(BIN / "microengine"), "--config", str(self.here / "microengine.toml"), command, *arguments]
        self.process = subprocess.Popen(words, env=full, cwd=here, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=self.log_file, pass_fds=fds)
        if ready:
            self.wait_for_manager("READY=1")

    def wait_for_manager(self, word):
        while True:
            try:
                text = self.manager.recv(4096).decode()
            except TimeoutError:
                raise AssertionError(f"no {word}; the log:\n{self.log_text()}") from None
            if word in text.split("\n"):
                return text

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, number=signals.SIGTERM):
        """The exit code. A second signal, if it was given one already, unless `number` is 0."""
        if number and self.process.poll() is None:
            self.signal(number)
        return self.process.wait(PATIENCE)

    def close(self):
        self.stop(signals.SIGKILL)
        self.log_file.close()
        self.manager.close()

    def log_text(self):
        return self.log_path.read_text()

    def events(self, name=None):
        whole = self.log_text().rpartition("\n")[0]   # it may be writing
        lines = [json.loads(line) for line in whole.splitlines() if line.startswith("{")]
        return [line for line in lines if name is None or line["event"] == name]

    def resident_bytes(self):
        """Of the program and all its helpers. Sanitizers keep what is freed: with them it says nothing, 0."""
        if SANITIZED:
            return 0
        listed = subprocess.run(["ps", "-o", "rss=", "--ppid", str(self.process.pid), "-p", str(self.process.pid)],
                                capture_output=True, text=True, check=True).stdout
        return sum(int(line) for line in listed.split()) * 1024

    # ClamAV's protocol, spoken by hand. The clients that people use are in tests/clients.
    def connect(self, path="clamd.sock"):
        client = socket.socket(socket.AF_UNIX)
        try:
            client.connect(str(self.here / path))   # waits, where the backlog is full
        except OSError:
            client.close()
            raise
        client.settimeout(PATIENCE)
        return client

    def command(self, text):
        with self.connect() as client:
            client.sendall(b"z" + text.encode() + b"\0")
            return read_to_end(client).rstrip(b"\0").decode()

    def instream(self, data):
        with self.connect() as client:
            client.sendall(b"zINSTREAM\0" + chunk(data) + chunk(b""))
            return read_to_end(client).rstrip(b"\0").decode()

    # HTTP over the Unix socket of the configuration.
    def request(self, method, target, body=None, headers=None):
        connection = UnixConnection(self.here / "http.sock")
        connection.request(method, target, body, headers or {})
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, answer.headers, data


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)   # waits, where the backlog is full
        self.sock.settimeout(PATIENCE)


def chunk(data):
    return struct.pack("!I", len(data)) + data


def read_to_end(client):
    data = b""
    while True:
        piece = client.recv(65536)
        if not piece:
            return data
        data += piece


class Case(unittest.TestCase):
    CLAMD = '[clamd]\nlisten = ["clamd.sock"]\n'

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="microengine-daemon-")
        self.addCleanup(self.folder.cleanup)
        self.here = Path(self.folder.name)
        (self.here / "rules").mkdir()
        (self.here / "rules/a.yar").write_text(RULE)

    def serve_good_ones_beside(self, daemon, harm):
        """Four clients do harm(dice) over and over; meanwhile a hundred good ones are served, and then it ends well."""
        ending = threading.Event()

        def work(seed):
            dice = random.Random(seed)
            while not ending.is_set():
                try:
                    harm(dice)
                except OSError:
                    pass
        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(100):
                self.assert_well(daemon)
        finally:
            ending.set()
            for thread in threads:
                thread.join()
        self.assertEqual(daemon.stop(), 0)

    def serve(self, config=None, **more):
        config = config if config is not None else self.CLAMD + YARA
        daemon = Daemon(self.here, config.replace('"clamd.sock"', f'"{self.here}/clamd.sock"')
                        .replace('"http.sock"', f'"{self.here}/http.sock"'), **more)
        self.addCleanup(daemon.close)
        return daemon
