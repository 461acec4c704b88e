#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Microengine beside the programs that people use today: the same files, rules and signatures, in turn, in one run.

    peers.py --bin DIR [--quick] [--corpus DIR] [--rules PATH]... [--database PATH] [--rounds N] [--json FILE]

Each round runs every program once, in another order, and makes ratios of that round's times, so that a machine that changes its speed
changes both sides. The table shows the median of the ratios and their range. Without options: files of this machine's /usr/bin and
/usr/share/doc, and the rules and signatures that come with Microengine; those are few, so start-up counts for much.
"""
import argparse
import contextlib
import json
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from programs import TUNED_ALLOCATOR, Clamd, Clamscan, Microengine, Tutorial, Yara

ROOT = Path(__file__).resolve().parents[3]
QUICK_BYTES, FULL_BYTES = 8 << 20, 64 << 20
CORES = os.cpu_count()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, help="where the optimised microengine lies")
    parser.add_argument("--quick", action="store_true", help="less of the corpus, three rounds: under two minutes with the shipped rules")
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--rules", type=Path, action="append", help="rule file or directory; may be repeated")
    parser.add_argument("--database", type=Path, help="ClamAV signatures")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--json", type=Path, help="also write every time measured there")
    args = parser.parse_args()
    args.rounds = args.rounds or (3 if args.quick else 5)
    args.rules = [path.resolve() for path in args.rules or [ROOT / "config/rules"]]
    args.database = (args.database or ROOT / "config/clamav").resolve()
    return args


def copy_corpus(sources, most, target):
    """The same files on every run on the same machine: every n-th of the sorted, about `most` bytes; none above a sixteenth of that."""
    files = sorted(file for source in sources for file in source.rglob("*") if file.is_file() and not file.is_symlink())
    files = [file for file in files if file.stat().st_size <= most // 16]
    step = -(-sum(file.stat().st_size for file in files) // most)
    chosen = files[::step] if step else []
    if not chosen:
        sys.exit("no files to scan")
    for number, file in enumerate(chosen):
        shutil.copyfile(file, target / f"{number:06}-{file.name}")
    return len(chosen), sum(file.stat().st_size for file in target.iterdir())


def single_files(folder):
    """One artifact each: the EICAR test file, made here so that nothing in the tree trips a scanner, and the smallest of programs."""
    (folder / "eicar").write_bytes(b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*")
    (folder / "nothing").write_bytes(b"x")


# What is compared: name, ours, theirs, target. "warm" is without start-up: less the same round's time for an artifact of one byte.
ROWS = [
    ("YARA, load included : yara -C", "yara", "peer yara", 0.9),
    ("ClamAV, load included : clamscan", "clamav", "peer clamscan", 0.3),
    ("ClamAV, warm : clamd + clamdscan", "warm clamav", "peer clamd", 0.55),
    ("ClamAV, warm : the same, tuned allocator", "warm clamav", "peer clamd tuned", 0.95),
    ("both, warm : clamd + clamdscan, ClamAV only", "warm both", "peer clamd", 0.6),
    ("both, warm : the tutorial's Python microengine", "warm both", "peer tutorial", 0.2),
    ("both, warm : ideal, CPU of both alone / cores", "warm both", "ideal", 1.05),
    ("both, CPU : sum of both alone", "warm both cpu", "cpu of both alone", 1.03),
    ("both, warm, in process : isolated", "warm both in process", "warm both", None),
]


def one_round(number, programs):
    """name -> seconds; the order turns with the rounds, so that no program always runs behind the same one."""
    names = list(programs)
    turn = number * 3 % len(names)
    times = {}
    for name in names[turn:] + names[:turn]:
        took = programs[name]()
        times[name], times[f"{name} cpu"] = took.wall, took.cpu
    for name in ("yara", "clamav", "both", "both in process"):
        for suffix in ("", " cpu"):
            times[f"warm {name}{suffix}"] = max(times[name + suffix] - times[f"start {name}{suffix}"], 1e-3)
    times["cpu of both alone"] = times["warm yara cpu"] + times["warm clamav cpu"]
    times["ideal"] = times["cpu of both alone"] / CORES
    return times


def ratios(rounds, ours, theirs):
    return [times[ours] / times[theirs] for times in rounds]


def table(rounds):
    print(f"\n{'ours : theirs':<50} {'ours s':>8} {'theirs s':>9} {'ratio':>7} {'range':>13} {'target':>7}")
    for name, ours, theirs, target in ROWS:
        each = ratios(rounds, ours, theirs)
        median = statistics.median(each)
        seconds = [statistics.median(times[which] for times in rounds) for which in (ours, theirs)]
        met = "" if target is None else f"{target:>7.2f} {'met' if median <= target else 'not met'}"
        print(f"{name:<50} {seconds[0]:>8.2f} {seconds[1]:>9.2f} {median:>7.2f} {f'{min(each):.2f}-{max(each):.2f}':>13} {met}")


def write_json(path, args, corpus, rounds):
    path.write_text(json.dumps({
        "schema": "microengine.bench.peers/1", "cores": CORES, "artifacts": corpus[0], "bytes": corpus[1], "rounds": args.rounds,
        "seconds": {name: [times[name] for times in rounds] for name in rounds[0]},
        "ratios": {name: {"each": ratios(rounds, ours, theirs), "target": target} for name, ours, theirs, target in ROWS}}, indent=1))


def main():
    args = arguments()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        corpus, single = folder / "corpus", folder / "single"
        corpus.mkdir()
        single.mkdir()
        count = copy_corpus([args.corpus] if args.corpus else [Path("/usr/bin"), Path("/usr/share/doc")],
                            QUICK_BYTES if args.quick else FULL_BYTES, corpus)
        single_files(single)
        yara = {"yara": {"rules": [str(rules) for rules in args.rules]}}
        clamav = {"clamav": {"database": [str(args.database)]}}
        ours = {"yara": Microengine(args.bin, folder, yara), "clamav": Microengine(args.bin, folder, clamav),
                "both": Microengine(args.bin, folder, yara | clamav),
                "both in process": Microengine(args.bin, folder, yara | clamav, "in_process")}
        peer_yara = Yara(folder, args.rules)
        clamd = stack.enter_context(Clamd(folder / "clamd", args.database))
        tuned = stack.enter_context(Clamd(folder / "tuned", args.database, TUNED_ALLOCATOR))
        peers = {"yara": peer_yara, "clamscan": Clamscan(args.database), "clamd": clamd, "clamd tuned": tuned,
                 "tutorial": stack.enter_context(Tutorial(peer_yara.compiled, tuned.socket))}
        programs = {f"peer {name}": lambda peer=peer: peer.scan([corpus]) for name, peer in peers.items()}
        for name, engine in ours.items():
            programs[name] = lambda engine=engine: engine.scan([corpus])
            programs[f"start {name}"] = lambda engine=engine: engine.scan([single / "nothing"])
        print(f"{count[0]} files, {count[1] / 1e6:.1f} MB, {CORES} cores, {args.rounds} rounds")
        one_round(0, programs)  # files into the page cache, rules into the rule cache
        rounds = [one_round(number, programs) for number in range(args.rounds)]
    table(rounds)
    if args.json:
        write_json(args.json, args, count, rounds)


main()
