# SPDX-License-Identifier: MIT
"""Whole corpora: every program scans the same files from its start to its end."""
import os

from table import Row

# "warm" is without start-up: less the same round's time for an artifact of one byte.
ROWS = [
    Row("YARA, load included : yara -C", "yara", "peer yara", 0.9),
    Row("ClamAV, load included : clamscan", "clamav", "peer clamscan", 0.3),
    Row("ClamAV, warm : clamd + clamdscan", "warm clamav", "peer clamd", 0.55),
    Row("ClamAV, warm : the same, tuned allocator", "warm clamav", "peer clamd tuned", 0.95),
    Row("both, warm : clamd + clamdscan, ClamAV only", "warm both", "peer clamd", 0.6),
    Row("both, warm : the tutorial's Python microengine", "warm both", "peer tutorial", 0.2),
    Row("both, warm : ideal, CPU of both alone / cores", "warm both", "ideal", 1.05),
    Row("both, CPU : sum of both alone", "warm both cpu", "cpu of both alone", 1.03),
    Row("both, warm, in process : isolated", "warm both in process", "warm both"),
    Row("both, a rescan with --cache, load included : the first", "rescan both", "first both"),
    Row("both, a rescan with --cache, warm : the first", "warm rescan both", "warm first both", 0.05),
    Row("YARA, a rescan with --cache, load included : the first", "rescan yara", "first yara", 0.05),
    Row("YARA, from start to the first verdict : 60 ms", "start yara", "60 ms", 1.0),
]
ENGINES = ("yara", "clamav", "both", "both in process")


def programs(engines, peers, corpus, nothing):
    """name -> what scans the corpus once; "start ..." scans one byte."""
    made = {f"peer {name}": lambda peer=peer: peer.scan([corpus]) for name, peer in peers.items()}
    for name, engine in engines.items():
        made[name] = lambda engine=engine: engine.scan([corpus])
        made[f"start {name}"] = lambda engine=engine: engine.scan([nothing])
    return made


def one_round(number, made, engines, corpus):
    """name -> seconds; the order turns with the rounds, so that no program always runs behind the same one."""
    names = list(made)
    turn = number * 3 % len(names)
    times = {"60 ms": 0.06}
    for name in names[turn:] + names[:turn]:
        took = made[name]()
        times[name], times[f"{name} cpu"] = took.wall, took.cpu
    for name in ("yara", "both"):
        first, again = engines[name].scan_twice([corpus])
        times[f"first {name}"], times[f"rescan {name}"] = first.wall, again.wall
    for name in ENGINES:
        for suffix in ("", " cpu"):
            times[f"warm {name}{suffix}"] = max(times[name + suffix] - times[f"start {name}{suffix}"], 1e-3)
    for which in ("first", "rescan"):
        times[f"warm {which} both"] = max(times[f"{which} both"] - times["start both"], 1e-3)
    times["cpu of both alone"] = times["warm yara cpu"] + times["warm clamav cpu"]
    times["ideal"] = times["cpu of both alone"] / os.cpu_count()
    return times
