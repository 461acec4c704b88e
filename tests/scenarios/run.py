#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs one scenario: a story in plain text, told to the real program.

    run.py --bin DIR --plugins DIR --zoo DIR FILE.scn

Words, one a line; a text in << … END goes over several lines:
    scenario "what it shows"        the title
    file NAME eicar|zeros:N|"text"  a file in the scenario's own folder ("text" knows \\n, \\0, \\xNN)
    file NAME << … END              the same with these lines
    sh COMMAND                      prepares something; must succeed
    config << … END                 microengine.toml; @plugins@, @zoo@ and @here@ are folders
    run ARGUMENTS                   microengine with these, as the shell splits them
    feed ARGUMENTS < FILE           the same with FILE as standard input
    interrupt ARGUMENTS             the same with a standard input that never says anything, and SIGTERM once it runs
    expect exit N
    expect out|err "text"           is in it             expect no out|err "text"
    expect out|err ~ REGEX          matches somewhere    expect json PATH == VALUE    (of the last line that is JSON)
    expect schema                   standard output is reports by docs/report.schema.json
Every expectation is about the last run. The first that fails ends the scenario and is shown with both outputs.
"""
import argparse
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SECONDS = 100


class Failed(Exception):
    pass


class Scenario:
    def __init__(self, args, here):
        self.here = here
        self.folders = {"@bin@": args.bin, "@plugins@": args.plugins, "@zoo@": args.zoo, "@here@": str(here), "@root@": str(ROOT)}
        self.program = os.path.join(args.bin, "microengine")
        self.out = self.err = ""
        self.code = None
        self.env = {**os.environ, "HOME": str(here), "XDG_CACHE_HOME": str(here / ".cache"), "LC_ALL": "C.UTF-8"}
        for name in ("MICROENGINE_CONFIG", "RULES_DIR", "NO_COLOR"):
            self.env.pop(name, None)

    def fill(self, text):
        for name, folder in self.folders.items():
            text = text.replace(name, folder)
        return text

    def file(self, rest, body):
        name, _, content = rest.partition(" ")
        path = self.here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if body is not None:
            path.write_text(self.fill(body))
        elif content == "eicar":
            path.write_bytes(EICAR)
        elif content.startswith("zeros:"):
            with open(path, "wb") as f:
                f.truncate(int(content[6:]))
        else:
            path.write_bytes(content.strip('"').encode().decode("unicode_escape").encode("latin-1"))

    def sh(self, rest, _):
        done = subprocess.run(["bash", "-euc", self.fill(rest)], cwd=self.here, env=self.env, capture_output=True, text=True)
        if done.returncode != 0:
            raise Failed(f"sh: {rest}\n{done.stdout}{done.stderr}")

    def config(self, _, body):
        (self.here / "microengine.toml").write_text(self.fill(body))

    def start(self, arguments, source):
        done = subprocess.run([self.program, *shlex.split(self.fill(arguments))], cwd=self.here, env=self.env,
                              stdin=source, capture_output=True, timeout=SECONDS)
        self.out, self.err = (s.decode("utf-8", "backslashreplace") for s in (done.stdout, done.stderr))
        self.code = done.returncode
        if self.code < 0:
            raise Failed(f"killed by signal {-self.code}: {arguments}\n{self.err}")

    def run(self, rest, _):
        self.start(rest, subprocess.DEVNULL)

    def feed(self, rest, _):
        arguments, _, name = rest.rpartition("<")
        with open(self.here / name.strip(), "rb") as source:
            self.start(arguments, source)

    def interrupt(self, rest, _):
        process = subprocess.Popen([self.program, *shlex.split(self.fill(rest))], cwd=self.here, env=self.env,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        until = time.monotonic() + SECONDS
        while "SigBlk:\t0000000000004002" not in Path(f"/proc/{process.pid}/status").read_text() and time.monotonic() < until:
            os.sched_yield()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Failed(f"SIGTERM did not end it: {rest}") from None
        self.out, self.err, self.code = process.stdout.read(), process.stderr.read(), process.returncode

    def expect(self, rest, _):
        kind, _, what = rest.partition(" ")
        negative = kind == "no"
        if negative:
            kind, _, what = what.partition(" ")
        if kind == "exit":
            holds = self.code == int(what)
        elif kind == "json":
            holds = self.json(what)
        elif kind == "schema":
            holds = self.schema()
        elif kind in ("out", "err"):
            text = self.out if kind == "out" else self.err
            what = self.fill(what)
            holds = re.search(what[2:], text, re.M) is not None if what.startswith("~ ") else what[1:-1] in text
        else:
            raise Failed(f"unknown expectation: {kind}")
        if holds == negative:
            raise Failed(f"expect {rest}\n-- exit {self.code}\n-- out\n{self.out}\n-- err\n{self.err}")

    def documents(self):
        try:
            whole = json.loads(self.out)
            return whole if isinstance(whole, list) else [whole]
        except json.JSONDecodeError:
            return [json.loads(line) for line in self.out.splitlines() if line.startswith("{")]

    def json(self, what):
        path, _, wanted = what.partition(" == ")
        value = self.documents()[-1]
        for step in re.findall(r"[^.\[\]]+", path):
            value = value[int(step)] if isinstance(value, list) else value[step]
        if value != json.loads(wanted):
            self.err += f"\n{path} is {json.dumps(value)}"
        return value == json.loads(wanted)

    def schema(self):
        import jsonschema
        schema = json.loads((ROOT / "docs/report.schema.json").read_text())
        documents = self.documents()
        for document in documents:
            jsonschema.validate(document, schema)
        return bool(documents)


def steps(text):
    """(line number, word, rest, body or None) of each step."""
    lines = iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        body = None
        if line.endswith("<<"):
            line, body = line[:-2].strip(), ""
            for _, inner in lines:
                if inner.strip() == "END":
                    break
                body += inner + "\n"
            else:
                raise SystemExit(f"line {number}: << without END")
        word, _, rest = line.partition(" ")
        yield number, word, rest, body


def main():
    parser = argparse.ArgumentParser()
    for name in ("--bin", "--plugins", "--zoo"):
        parser.add_argument(name, required=True)
    parser.add_argument("file", type=Path)
    args = parser.parse_args()
    expectations = 0
    with tempfile.TemporaryDirectory() as folder:
        scenario = Scenario(args, Path(folder).resolve())
        for number, word, rest, body in steps(args.file.read_text()):
            if word == "scenario":
                continue
            expectations += word == "expect"
            try:
                if word not in ("file", "sh", "config", "run", "feed", "interrupt", "expect"):
                    raise Failed(f"unknown word: {word}")
                getattr(scenario, word)(rest, body)
            except Failed as failure:
                print(f"{args.file}:{number}: {failure}")
                return 1
    if expectations == 0:
        print(f"{args.file}:1: it expects nothing")
        return 1
    return 0


sys.exit(main())
