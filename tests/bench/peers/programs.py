# SPDX-License-Identifier: MIT
"""The programs that are compared: each is called to scan a corpus once, or asked about a few artifacts while it stays loaded."""
import contextlib
import dataclasses
import json
import os
import resource
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

# What this project's own processes set for themselves with mallopt(): glibc's names of the same three knobs.
TUNED_ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(2 << 30), "MALLOC_TOP_PAD_": str(16 << 20)}
HOUR = 3_600_000  # ms


@dataclasses.dataclass(frozen=True)
class Took:
    wall: float  # seconds
    cpu: float  # seconds, of the program and what it started; what a running daemon used is not in it


def run(command, good, environment=None):
    """Runs a program to its end. Exits where its status is none of `good`: a peer that fails is not fast."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run([str(word) for word in command], env={**os.environ, **(environment or {})}, capture_output=True, text=True,
                          errors="surrogateescape", check=False)
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in good:
        sys.exit(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return Took(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def write_config(path, backends, isolation="process", head=""):
    """backends: name, which begins with its plugin's -> its settings, and the one limit that is not a setting."""
    path.write_text(head + "[scan]\ntimeout_ms = 0\n" + "".join(
        f"[[backend]]\nname = '{name}'\nplugin = '{name.split('-')[0]}'\nisolation = '{isolation}'\ntimeout_ms = {HOUR}\n"
        + "".join(f"{'' if key == 'max_artifact_bytes' else 'settings.'}{key} = {json.dumps(value)}\n" for key, value in settings.items())
        for name, settings in backends.items()))
    return path


class Microengine:
    """The command, with its settings in a file, and its compiled rules where the first run has left them."""

    def __init__(self, binaries, folder, backends, isolation="process"):
        self.program, self.folder = Path(binaries) / "microengine", folder
        name = f"{'-'.join(backends)}-{isolation}"
        self.config = write_config(folder / f"{name}.toml", backends, isolation, "[cache]\nmemory_bytes = 0\n")
        self.caching = write_config(folder / f"{name}-caching.toml", backends, isolation)
        self.environment = {"XDG_CACHE_HOME": str(folder / "cache")}

    def scan(self, paths, *options, config=None):
        return run([self.program, "scan", "--config", config or self.config, "--format", "ndjson", "--no-summary", "--jobs", os.cpu_count(), *options,
                    *paths], (0, 1, 2), self.environment)

    def scan_twice(self, paths):
        """The first and the second time with a persistent verdict cache that is empty before."""
        for file in (self.folder / "cache/microengine/verdicts").glob("verdicts*"):
            file.unlink()
        return tuple(self.scan(paths, "--cache", config=self.caching) for _ in range(2))


class Asked:
    """A program that has loaded everything and is asked on its standard input, a JSON object a line; so it answers."""

    def __init__(self, command, environment=None):
        self.command, self.environment = [str(word) for word in command], {**os.environ, **(environment or {})}

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=self.environment)
        if self.process.stdout.readline() != "ready\n":
            sys.exit(f"{self.command[0]}: does not start")
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def ask(self, files, **how):
        self.process.stdin.write(json.dumps({"files": [str(file) for file in files], **how}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"{' '.join(self.command)}: ended")
        return json.loads(answer)

    def scan(self, paths):
        return Took(self.ask(files_below(paths))["seconds"], 0.0)


def warm_engine(binaries, folder, name, backends, isolation="process"):
    """Without a verdict cache: the same artifact again is another one."""
    config = write_config(folder / f"warm-{name}.toml", backends, isolation, "[cache]\nmemory_bytes = 0\n")
    return Asked([Path(binaries) / "warm_engine", config], {"XDG_CACHE_HOME": str(folder / "cache")})


def tutorial(rules, clamd):
    return Asked(["/usr/bin/python3", Path(__file__).with_name("tutorial.py"), rules, clamd])


def files_below(paths):
    return [file for path in paths for file in ([path] if path.is_file() else sorted(path.rglob("*"))) if file.is_file()]


class Yara:
    def __init__(self, folder, rules):
        """Compiled before, from those source files that compile, each in a namespace of its own as the backend has them."""
        sources = sorted(file for root in rules for file in ([root] if root.is_file() else root.rglob("*.yar*")))
        self.compiled = folder / "compiled.yac"
        externals = [word for name in ("filename", "filepath", "extension", "filetype", "owner", "md5") for word in ("-d", f"{name}=")]
        good = [(f"n{number}", file) for number, file in enumerate(sources)
                if subprocess.run(["yarac", "-w", *externals, file, "/dev/null"], capture_output=True, check=False).returncode == 0]
        self.sources = [file for _, file in good]
        run(["yarac", "-w", *externals, *(f"{space}:{file}" for space, file in good), self.compiled], (0,))

    def scan(self, paths):
        # It answers for one path; all that is compared lies below one folder.
        (path,) = paths
        return run(["yara", "-C", "-w", "-r", "-p", os.cpu_count(), self.compiled, path], (0,))


class Clamscan:
    def __init__(self, database):
        self.database = database

    def scan(self, paths):
        return run(["clamscan", "-r", "-i", "--no-summary", f"--database={self.database}", *paths], (0, 1))


class OnSocket:
    """A daemon that speaks ClamAV's protocol on a Unix socket, asked by clamdscan or over the socket itself."""

    def __init__(self, folder, environment=None):
        self.folder, self.socket, self.client = folder, folder / "clamd.sock", folder / "client.conf"
        folder.mkdir()
        self.client.write_text(f"LocalSocket {self.socket}\n")
        self.environment = {**os.environ, **(environment or {})}

    def command(self):
        raise NotImplementedError

    def __enter__(self):
        log = self.folder / "log"
        with open(log, "wb") as out:
            self.process = subprocess.Popen([str(word) for word in self.command()], stdout=out, stderr=out, env=self.environment)
        while not self.answers():
            if self.process.poll() is not None:
                sys.exit(f"{self.command()[0]}: exit {self.process.returncode}\n{log.read_text()[-2000:]}")
            time.sleep(0.05)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def answers(self):
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.socket))
            connection.sendall(b"zPING\0")
            return connection.recv(16) == b"PONG\0"
        return False

    def ask(self, files):
        """Over its socket, a descriptor each and one at a time: the daemon without the start of a client."""
        start, each = time.monotonic(), []
        for file in files:
            began = time.monotonic()
            with socket.socket(socket.AF_UNIX) as connection, open(file, "rb") as opened:
                connection.connect(str(self.socket))
                connection.sendall(b"zFILDES\0")
                socket.send_fds(connection, [b"\0"], [opened.fileno()])
                connection.recv(4096)
            each.append(time.monotonic() - began)
        return {"seconds": time.monotonic() - start, "each": each}

    def stream(self, files, clients):
        """Several clients, each with a connection and a stream for every file of its share."""
        contents, each, lock = [file.read_bytes() for file in files], [], threading.Lock()
        turns = iter(range(len(contents)))

        def work():
            while True:
                with lock:
                    turn = next(turns, None)
                if turn is None:
                    return
                began = time.monotonic()
                with socket.socket(socket.AF_UNIX) as connection:
                    connection.connect(str(self.socket))
                    connection.sendall(b"zINSTREAM\0" + struct.pack("!I", len(contents[turn])) + contents[turn] + bytes(4 if contents[turn] else 0))
                    answer = connection.recv(4096)
                if not answer.startswith(b"stream: "):
                    sys.exit(f"{self.command()[0]}: {answer}")
                with lock:
                    each.append(time.monotonic() - began)
        start = time.monotonic()
        threads = [threading.Thread(target=work) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {"seconds": time.monotonic() - start, "each": each}

    def scan(self, paths):
        return run(["clamdscan", "-c", self.client, "--multiscan", "--fdpass", "-i", "--no-summary", *paths], (0, 1, 2))


class Clamd(OnSocket):
    """A clamd of its own, with Debian's limits and as many threads as there are cores. It forgets what was clean, as all the others here do,
    or it would scan in the first round only."""

    def __init__(self, folder, database, environment=None):
        super().__init__(folder, environment)
        self.config = folder / "clamd.conf"
        self.config.write_text(f"LocalSocket {self.socket}\nDatabaseDirectory {database}\nForeground yes\nMaxThreads {os.cpu_count()}\n"
                               f"MaxQueue 100\nTemporaryDirectory {folder}\nSelfCheck 0\nDisableCache yes\n")

    def command(self):
        return [shutil.which("clamd") or "/usr/sbin/clamd", "-c", self.config]


class Served(OnSocket):
    """microengine serve in the place of clamd. It remembers nothing, for the same reason."""

    def __init__(self, binaries, folder, backends, environment):
        super().__init__(folder, environment)
        self.program = Path(binaries) / "microengine"
        self.config = write_config(folder / "microengine.toml", backends, head="[cache]\nmemory_bytes = 0\n[serve]\nwatch = false\n"
                                   f"[clamd]\nlisten = ['{self.socket}']\nscan_timeout_ms = {HOUR}\n[log]\nlevel = 'warning'\n")

    def command(self):
        return [self.program, "serve", "--config", self.config]
