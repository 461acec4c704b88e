# SPDX-License-Identifier: MIT
"""The real program before one plugin, and what these tests expect of it."""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

# Put together here, so that no file of the tree holds it.
EICAR = b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE"


class Program:
    """microengine in a folder of its own, which ends with it. Problems are counted, printed, and make the exit code."""

    def __init__(self, binaries):
        self.binary = Path(binaries).resolve() / "microengine"
        self._folder = tempfile.TemporaryDirectory(prefix="microengine-abi-")
        self.here = Path(self._folder.name)
        self.here.chmod(0o755)  # backends may run as another user
        self.problems = self.checks = 0
        self.env = {**os.environ, "HOME": str(self.here), "XDG_CACHE_HOME": str(self.here / ".cache"), "LC_ALL": "C.UTF-8"}
        for name in ("MICROENGINE_CONFIG", "NO_COLOR"):
            self.env.pop(name, None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    def put(self, name, content):
        path = self.here / name
        path.write_bytes(content)
        path.chmod(0o644)
        return path

    def config(self, plugin, isolation, settings=""):
        """settings: lines of TOML; they stand from line 6 on."""
        text = f'[[backend]]\nname = "it"\nplugin = "{plugin}"\nisolation = "{isolation}"\ntimeout_ms = 5000\n{settings}\n'
        return self.put("microengine.toml", text.encode())

    def run(self, *arguments):
        return subprocess.run([self.binary, *map(str, arguments)], cwd=self.here, env=self.env, capture_output=True, text=True,
                              check=False, timeout=100)

    def scan(self, *arguments):
        """{artifact: its report}, with the result of the one backend as "it", and what was run."""
        done = self.run("scan", "--format", "ndjson", *arguments)
        reports = {}
        for line in filter(None, done.stdout.splitlines()):
            report = json.loads(line)
            reports[report["artifact"]["name"]] = {**report, "it": report["results"][0]}
        return reports, done

    def expect(self, what, holds, seen):
        self.checks += 1
        if not holds:
            self.problems += 1
            print(f"error: {what}; got {getattr(seen, 'stdout', seen)}{getattr(seen, 'stderr', '')}", file=sys.stderr)

    def expect_text(self, what, done, code, *texts):
        said = done.stdout + done.stderr
        self.expect(f"{what}: expected exit {code} and {texts}", done.returncode == code and all(text in said for text in texts), done)

    def verdict(self):
        print(f"{self.checks} expectations, {self.problems} problems")
        return 1 if self.problems or not self.checks else 0
