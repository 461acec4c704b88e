#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does it make no difference, but for the time, whether backends run isolated or in process?

    both_ways.py --bin DIR [--corpus DIR]

Scans everything twice with eicar, yara and clamav and the shipped rules and signatures, once with isolation = "process" and once
"in_process", and compares the reports. Without a corpus: odd files made here, and the sources and pages of this repository.
Exits with 1 at the first difference, and when there was nothing to compare.
"""
import argparse
import base64
import collections
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
WAYS = ("process", "in_process")
HOUR = 3_600_000  # ms: a slow machine is no difference


def zipped(name, content, encrypted=False):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(name), content)
    data = bytearray(buffer.getvalue())
    if encrypted:  # bit 0 of the flags, in the local header and in the central directory
        data[6] |= 1
        data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def tarred(name, content):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def mail(content):
    return (b"From: a@example.org\nTo: b@example.org\nSubject: x\nMIME-Version: 1.0\n"
            b"Content-Type: multipart/mixed; boundary=\"B\"\n\n--B\nContent-Type: application/octet-stream; name=\"e.com\"\n"
            b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(content) + b"--B--\n")


def make_odd_files(folder):
    stub = b"MZ" + bytes(58) + (128).to_bytes(4, "little") + bytes(64) + b"PE\0\0\x64\x86\x01\0" + bytes(512)
    for name, content in {"eicar.com": EICAR, "eicar.zip": zipped("e.com", EICAR), "eicar.tar.gz": tarred("e.com", EICAR),
                          "twice.zip": zipped("in.zip", zipped("e.com", EICAR)), "eicar.eml": mail(EICAR),
                          "locked.zip": zipped("e.com", EICAR, encrypted=True), "cut.zip": zipped("e.com", EICAR)[:60],
                          "stub.exe": stub, "empty": b"", "one byte": b"x",
                          "zeros": bytes(40_000_000),  # more than a slot shares: a memory file of its own
                          "late.bin": bytes(33_000_000) + zipped("e.com", EICAR),
                          os.fsdecode(b"no \xff text.txt"): b"A name that is no UTF-8.\n"}.items():
        (folder / name).write_bytes(content)


def config_text(way):
    backends = [("eicar", ""), ("yara", f"settings.rules = {json.dumps([str(ROOT / 'config/rules')])}\n"),
                ("clamav", f"settings.database = {json.dumps([str(ROOT / 'config/clamav')])}\nsettings.alerts = ['encrypted']\n")]
    return "[scan]\ntimeout_ms = 0\n" + "".join(
        f"[[backend]]\nname = '{name}'\nplugin = '{name}'\nisolation = '{way}'\ntimeout_ms = {HOUR}\n{settings}"
        for name, settings in backends)


def call(program, folder, *words):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MICROENGINE")}
    return subprocess.run([program, *words], capture_output=True, text=True, env={**environment, "XDG_CACHE_HOME": str(folder)})


def require_way(program, way, config, folder):
    """A report does not say where its backends ran."""
    done = call(program, folder, "backends", "--json", "--config", config)
    rows = json.loads(done.stdout)["backends"] if done.stdout.startswith("{") else []
    if [(row["state"], row["isolation"]) for row in rows] != [("ready", way)] * 3:
        sys.exit(f"{way}: not three ready backends that run so\n{done.stdout}{done.stderr}")


def timeless(value):
    """Without what depends on the moment: how long it took, and whether two equal files met and one scan answered both."""
    if isinstance(value, dict):
        return {key: timeless(each) for key, each in value.items() if not key.startswith("duration") and key != "cached"}
    return [timeless(each) for each in value] if isinstance(value, list) else value


def reports(program, way, corpus, folder):
    """artifact -> report without its times; artifacts may come in any order."""
    config = Path(folder) / f"{way}.toml"
    config.write_text(config_text(way))
    require_way(program, way, config, folder)
    done = call(program, folder, "scan", "--config", config, "--format", "ndjson", *corpus)
    if done.returncode not in (0, 1, 2) or not done.stdout:
        sys.exit(f"{way}: exit {done.returncode}, nothing to compare\n{done.stderr}")
    found = {}
    for line in done.stdout.splitlines():
        report = timeless(json.loads(line))
        found[report["artifact"].get("name_hex", report["artifact"]["name"])] = report
    return found, done.returncode


def first_difference(a, b, where=""):
    """ "results.1.outcome: 'completed', 'crashed'", or None."""
    if isinstance(a, dict) and isinstance(b, dict):
        pairs = [(key, a.get(key), b.get(key)) for key in [*a, *(key for key in b if key not in a)]]
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        pairs = [(i, x, y) for i, (x, y) in enumerate(zip(a, b))]
    else:
        return None if a == b else f"{where}: {a!r}, {b!r}"
    return next((d for key, x, y in pairs if (d := first_difference(x, y, f"{where}.{key}".lstrip(".")))), None)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--corpus")
    args = parser.parse_args()
    program = os.path.join(args.bin, "microengine")
    with tempfile.TemporaryDirectory() as folder:
        corpus = [args.corpus] if args.corpus else [os.path.join(folder, "odd"), ROOT / "host", ROOT / "docs"]
        if not args.corpus:
            (Path(folder) / "odd").mkdir()
            make_odd_files(Path(folder) / "odd")
        (isolated, exit_isolated), (here, exit_here) = (reports(program, way, corpus, folder) for way in WAYS)
    for name in sorted(isolated.keys() | here.keys()):
        if difference := first_difference(isolated.get(name), here.get(name)):
            sys.exit(f"{name}: isolated and in process differ: {difference}")
    if exit_isolated != exit_here:
        sys.exit(f"exit {exit_isolated} isolated, {exit_here} in process")
    verdicts = collections.Counter(report["verdict"] for report in here.values())
    outcomes = collections.Counter(f"{row['backend']} {row['outcome']}" for report in here.values() for row in report["results"])
    print(f"{len(here)} artifacts, the same both ways: {dict(verdicts)}; {dict(outcomes)}")
    if not verdicts["malicious"] or not verdicts["benign"]:
        sys.exit("nothing malicious, or nothing benign: this compares too little")


main()
