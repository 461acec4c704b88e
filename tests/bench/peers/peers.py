#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Microengine beside the programs that people use today: the same files, rules and signatures, in turn, in one run.

    peers.py --bin DIR [--quick] [--only PART]... [--corpus DIR] [--rules PATH]... [--database PATH] [--rounds N] [--json FILE]

Parts: batch (a corpus), singles (one artifact at a time), load (latency, memory, clients), daemon (serve in the place of clamd), scaling (what one more of each costs).
Each round runs every program once, in another order, and makes ratios of that round's times. The tables show the median of the ratios
and their range. Without options: files of this machine's /usr/bin and /usr/share/doc, and the rules and signatures that come with
Microengine; those are few, so start-up counts for much.
"""
import argparse
import contextlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

import batch
import daemons
import load
import scaling
import singles
import table
from programs import TUNED_ALLOCATOR, Clamd, Clamscan, Microengine, Served, Yara, files_below, tutorial, warm_engine

ROOT = Path(__file__).resolve().parents[3]
PARTS = ("batch", "singles", "load", "daemon", "scaling")
QUICK_BYTES, FULL_BYTES = 4 << 20, 64 << 20


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, help="where the optimised microengine lies")
    parser.add_argument("--quick", action="store_true", help="less of the corpus, three rounds, no scaling: under two minutes with the shipped rules")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part; may be repeated")
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--rules", type=Path, action="append", help="rule file or directory; may be repeated")
    parser.add_argument("--database", type=Path, help="ClamAV signatures")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--json", type=Path, help="also write every time measured there")
    args = parser.parse_args()
    args.rounds = args.rounds or (3 if args.quick else 5)
    args.rules = [path.resolve() for path in args.rules or [ROOT / "config/rules"]]
    args.database = (args.database or ROOT / "config/clamav").resolve()
    args.only = args.only or (PARTS[:3] if args.quick else PARTS)
    return args


def copy_corpus(sources, most, target):
    """The same files on every run on the same machine: every n-th of the sorted, about `most` bytes; none above a sixteenth of that."""
    target.mkdir()
    files = sorted(file for source in sources for file in source.rglob("*") if file.is_file() and not file.is_symlink())
    files = [file for file in files if file.stat().st_size <= most // 16]
    step = -(-sum(file.stat().st_size for file in files) // most)
    chosen = files[::step] if step else []
    if not chosen:
        sys.exit("no files to scan")
    for number, file in enumerate(chosen):
        shutil.copyfile(file, target / f"{number:06}-{file.name}")
    return {"artifacts": len(chosen), "bytes": sum(file.stat().st_size for file in target.iterdir())}


class Bench:
    """What the parts share: the folder, the corpus, and the programs, which start when a part first wants them."""

    def __init__(self, args, stack):
        self.args, self.stack = args, stack
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self.corpus = self.folder / "corpus"
        self.size = copy_corpus([args.corpus] if args.corpus else [Path("/usr/bin"), Path("/usr/share/doc")],
                                QUICK_BYTES if args.quick else FULL_BYTES, self.corpus)
        yara = {"yara": {"rules": [str(rules) for rules in args.rules]}}
        clamav = {"clamav": {"database": [str(args.database)]}}
        self.backends = {"yara": yara, "clamav": clamav, "both": yara | clamav}
        self.peer_yara = Yara(self.folder, args.rules)
        self.clamd = stack.enter_context(Clamd(self.folder / "clamd", args.database))
        self.tutorial = stack.enter_context(tutorial(self.peer_yara.compiled, self.clamd.socket))
        self.asked = {}

    def warm(self, name):
        """An engine with the backends of this name, "... in process" or isolated."""
        if name not in self.asked:
            isolation = "in_process" if name.endswith("in process") else "process"
            backends = self.backends[name.removesuffix(" in process")]
            self.asked[name] = self.stack.enter_context(warm_engine(self.args.bin, self.folder, name.replace(" ", "-"), backends, isolation))
        return self.asked[name]

    def batch(self):
        engines = {name: Microengine(self.args.bin, self.folder, backends) for name, backends in self.backends.items()}
        engines["both in process"] = Microengine(self.args.bin, self.folder, self.backends["both"], "in_process")
        tuned = self.stack.enter_context(Clamd(self.folder / "tuned", self.args.database, TUNED_ALLOCATOR))
        peers = {"yara": self.peer_yara, "clamscan": Clamscan(self.args.database), "clamd": self.clamd, "clamd tuned": tuned,
                 "tutorial": self.tutorial}
        nothing = self.folder / "nothing"
        nothing.write_bytes(b"x")
        made = batch.programs(engines, peers, self.corpus, nothing)
        for scan in made.values():
            scan()  # files into the page cache, rules into the rule cache
        return self.ratios(batch.ROWS, lambda number: batch.one_round(number, made, engines, self.corpus))

    def singles(self):
        asked = {name + how: self.warm(name + how) for name in self.backends for how in ("", " in process")}
        asked |= {"tutorial": self.tutorial, "clamd": self.clamd}
        variants = singles.Variants(self.folder / "variants")
        count = 5 if self.args.quick else 20
        singles.one_round(0, asked, variants, count)
        return self.ratios(singles.ROWS, lambda number: singles.one_round(number, asked, variants, count))

    def ratios(self, rows, one_round):
        rounds = [one_round(number) for number in range(self.args.rounds)]
        table.print_ratios(rows, rounds)
        return table.as_json(rows, rounds)

    def points(self, title, points):
        table.print_points(title, points)
        return {title: points}

    def load(self):
        engine = self.warm("both")
        everything = files_below([self.corpus])
        memory = [load.memory("microengine, both", engine.process.pid, lambda: engine.ask(everything, clients=1)),
                  load.memory("clamd, ClamAV only", self.clamd.process.pid, lambda: self.clamd.scan([self.corpus])),
                  load.memory("tutorial, without its clamd", self.tutorial.process.pid, lambda: self.tutorial.scan([self.corpus]))]
        small = scaling.written(self.folder / "small", 1000, 500)
        return (self.points("memory", memory)
                | self.points("latency, a steady load of small and large", load.latency(engine, self.corpus, 100 if self.args.quick else 1000))
                | self.points("clients, 1,000 artifacts of 500 bytes between them", load.clients(self.warm("yara"), small)))

    def daemon(self):
        environment = {"XDG_CACHE_HOME": str(self.folder / "cache")}
        served = {"clamd": self.clamd}
        for name in ("clamav", "both"):
            served[name] = self.stack.enter_context(Served(self.args.bin, self.folder / f"served-{name}", self.backends[name], environment))
        daemons.one_round(0, served, self.corpus)  # files into the page cache
        return self.ratios(daemons.ROWS, lambda number: daemons.one_round(number, served, self.corpus))

    def scaling(self):
        files = scaling.written(self.folder / "scaling", 128, 10_000)
        rules, folder = self.peer_yara.sources, self.folder
        return (self.points("artifacts and bytes, both backends", scaling.of_artifacts(self.warm("both"), folder))
                | self.points("rules, 10 KB each", scaling.of_rules(self.args.bin, folder, rules, files))
                | self.points("backends, 10 KB each", scaling.of_backends(self.args.bin, folder, [str(rule) for rule in rules[::10]], files)))


def main():
    args = arguments()
    with contextlib.ExitStack() as stack:
        bench = Bench(args, stack)
        print(f"{bench.size['artifacts']} files, {bench.size['bytes'] / 1e6:.1f} MB, {os.cpu_count()} cores, {args.rounds} rounds", flush=True)
        measured = {"cores": os.cpu_count(), "rounds": args.rounds} | bench.size
        for part in args.only:
            measured[part] = getattr(bench, part)()
    if args.json:
        table.write(args.json, measured)


main()
