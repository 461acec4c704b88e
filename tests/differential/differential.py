#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does Microengine find, file by file, exactly what `yara` and `clamscan` find with the same signatures?

    differential.py --bin DIR [--rules DIR]... [--database DIR]... [CORPUS...]

Without a corpus it makes a small one: EICAR in wrappings and ordinary files of this machine. Rule files that do not compile are
left out on both sides: Microengine and yara must agree which. What Microengine leaves out because an index brings it, or an index
because all it includes is loaded anyway, yara does not get either. Needs the programs yara and clamscan.
"""
import argparse
import base64
import collections
import gzip
import io
import itertools
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
EXTERNALS = ["filename", "filepath", "extension", "filetype", "owner", "md5"]
DEFINITIONS = [word for name in EXTERNALS for word in ("-d", f"{name}=")]
RULE_SUFFIXES = (".yar", ".yara")


def small_corpus(folder):
    def zipped(name, content):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
        return buffer.getvalue()

    tarred = io.BytesIO()
    with tarfile.open(fileobj=tarred, mode="w:gz") as archive:
        member = tarfile.TarInfo("eicar.com")
        member.size = len(EICAR)
        archive.addfile(member, io.BytesIO(EICAR))
    mail = (b"From: a@example.org\nTo: b@example.org\nSubject: x\nMIME-Version: 1.0\n"
            b"Content-Type: multipart/mixed; boundary=\"B\"\n\n--B\nContent-Type: application/octet-stream; name=\"e.com\"\n"
            b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(EICAR) + b"--B--\n")
    for name, content in {"eicar.com": EICAR, "newline.com": EICAR + b"\n", "prefixed.txt": b"hello\n" * 10 + EICAR,
                          "eicar.zip": zipped("e.com", EICAR), "twice.zip": zipped("in.zip", zipped("e.com", EICAR)),
                          "eicar.gz": gzip.compress(EICAR, mtime=0), "eicar.tar.gz": tarred.getvalue(), "eicar.eml": mail,
                          "empty": b"", "letter.txt": b"An ordinary letter.\n"}.items():
        (folder / name).write_bytes(content)
    ordinary = [p for p in sorted(Path("/usr/bin").iterdir()) if p.is_file() and not p.is_symlink() and p.stat().st_size < 300_000]
    for path in ordinary[::37][:30]:
        (folder / f"usr_{path.name}").write_bytes(path.read_bytes())


def loaded(program, rules):
    """The rule files that Microengine says are left out, and those that it says are broken."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "microengine.toml"
        # In one process: of another the host takes only so many lines of the log.
        config.write_text(f"[[backend]]\nname = 'yara'\nplugin = 'yara'\nisolation = 'in_process'\ntimeout_ms = 3600000\n"
                          f"settings.rules = {json.dumps([str(r) for r in rules])}\n")
        log = subprocess.run([program, "backends", "--config", config, "--log-level", "debug"],
                             capture_output=True, text=True, env={**os.environ, "XDG_CACHE_HOME": folder}).stderr
    return set(re.findall(r'text="(.*?): left out, ', log)), set(re.findall(r'text="(.*?)(?::\d+)?: error: ', log))


def microengine(program, rules, databases, corpus):
    """file -> backend -> set of names; and what was not completed."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "microengine.toml"
        config.write_text(
            f"[scan]\ntimeout_ms = 0\n[[backend]]\nname = 'yara'\nplugin = 'yara'\ntimeout_ms = 3600000\n"
            f"settings.rules = {json.dumps([str(r) for r in rules])}\n"
            f"[[backend]]\nname = 'clamav'\nplugin = 'clamav'\ntimeout_ms = 3600000\n"
            f"settings.database = {json.dumps([str(d) for d in databases])}\n"
            f"settings.alerts = ['encrypted']\n")
        done = subprocess.run([program, "scan", "--config", config, "--format", "ndjson", *corpus],
                              capture_output=True, text=True, env={**os.environ, "XDG_CACHE_HOME": folder})
    found, odd = {}, collections.Counter()
    for line in done.stdout.splitlines():
        report = json.loads(line)
        rows = {row["backend"]: row for row in report["results"]}
        for name, row in rows.items():
            if row["outcome"] != "completed":
                odd[f"{name} {row['outcome']}: {row.get('message', '')}"] += 1
            if row.get("detections_cut"):
                odd[f"{name}: more detections than reported"] += 1
        found[report["artifact"]["name"]] = {
            name: {(d.get("namespace", "") + ":" if name == "yara" else "") + d["name"] for d in row["detections"]}
            for name, row in rows.items()}
    return found, odd


def rule_files(rules):
    """(namespace, path) of all, as the backend names them."""
    files, names = [], set()
    for root in rules:
        for path in sorted(p for p in Path(root).rglob("*") if p.suffix in RULE_SUFFIXES):
            name = str(path.relative_to(root))
            if name.startswith(".") or "/." in name:
                continue
            space = next(n for n in itertools.chain([name], (f"{name}#{i}" for i in itertools.count(2))) if n not in names)
            names.add(space)
            files.append((space, path))
    return files


def blamed_by_yara(path):
    """Nothing if it compiles; else the names of the files to blame: an included one, perhaps."""
    done = subprocess.run(["yara", "-w", *DEFINITIONS, path, "/dev/null"], capture_output=True, text=True)
    return {Path(p).name for p in re.findall(r"(\S+)\(\d+\): ", done.stderr)} | {path.name} if done.returncode else set()


def with_yara(files, corpus):
    """The same from yara: one namespace a file, as the backend names it."""
    found = collections.defaultdict(set)
    named = [f"n{i}:{path}" for i, (_, path) in enumerate(files)]
    for target in corpus:
        out = subprocess.run(["yara", "-e", "-r", "-N", "-w", "-a", "3600", *DEFINITIONS, *named, target],
                             capture_output=True, text=True)
        if out.returncode != 0:
            print(f"yara: {out.stderr[:1000]}")
        for line in out.stdout.splitlines():
            rule, _, path = line.partition(" ")
            namespace, _, name = rule.partition(":")
            found[path].add(f"{files[int(namespace[1:])][0]}:{name}")
    return found


def with_clamscan(databases, corpus):
    found = collections.defaultdict(set)
    arguments = [f"--database={d}" for d in databases]
    out = subprocess.run(["clamscan", "-z", "-r", "--no-summary", "--infected", "--alert-exceeds-max=yes", "--alert-encrypted=yes",
                          "--max-scantime=3600000", *arguments, *corpus], capture_output=True, text=True)
    for line in out.stdout.splitlines():
        if line.endswith(" FOUND"):
            path, _, name = line[: -len(" FOUND")].rpartition(": ")
            found[path].add(name)
    return found


def compare(name, ours, theirs):
    files = sorted(set(ours) | set(theirs))
    different = [f for f in files if ours.get(f, set()) != theirs.get(f, set())]
    for f in different[:20]:
        print(f"{f}: only microengine: {sorted(ours.get(f, set()) - theirs.get(f, set()))}, "
              f"only {name}: {sorted(theirs.get(f, set()) - ours.get(f, set()))}")
    hits = sum(1 for f in files if theirs.get(f))
    print(f"{name}: {hits} files with finds, {sum(len(v) for v in theirs.values())} finds, {len(different)} files differ")
    return not different and hits > 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--rules", action="append", default=[])
    parser.add_argument("--database", action="append", default=[])
    parser.add_argument("corpus", nargs="*")
    args = parser.parse_args()
    shipped = Path(__file__).resolve().parents[2] / "config"
    rules = [os.path.abspath(r) for r in args.rules or [shipped / "rules"]]
    databases = [os.path.abspath(d) for d in args.database or [shipped / "clamav"]]
    with tempfile.TemporaryDirectory() as folder:
        if not args.corpus:
            small_corpus(Path(folder))
        corpus = args.corpus or [folder]
        program = os.path.join(args.bin, "microengine")
        left_out, broken = loaded(program, rules)
        files = [(space, path) for space, path in rule_files(rules) if str(path) not in left_out]
        blamed = {path: blamed_by_yara(path) for _, path in files}
        names = {Path(b).name for b in broken}
        disputed = [str(p) for p, blame in blamed.items() if (not blame & names if blame else str(p) in broken)]
        kept = [(space, path) for space, path in files if not blamed[path]]
        print(f"{len(left_out)} rule files left out, {len(files) - len(kept)} broken, {len(kept)} kept; "
              f"broken for one side only: {disputed or 'none'}", flush=True)
        ours, odd = microengine(program, rules, databases, corpus)
        print(f"{len(ours)} files; not completed: {dict(odd) or 'none'}", flush=True)
        good = not disputed and bool(ours)
        good &= compare("yara", {f: v["yara"] for f, v in ours.items()}, with_yara(kept, corpus))
        good &= compare("clamscan", {f: v["clamav"] for f, v in ours.items()}, with_clamscan(databases, corpus))
    return 0 if good else 1


sys.exit(main())
