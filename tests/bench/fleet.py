#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What it costs to scan through a queue: the same artifacts in one process, and through a broker with one and two workers.

    fleet.py --bin build/bench/bin [--artifacts 2000] [--rounds 3] [--size 500] [--json FILE]

Rounds in the order A B C C B A, so that a machine that grows slower harms all alike. What is printed are medians; the broker, the
workers, the front and this client share the machine, which is said with the number of its cores.
"""
import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "fleet"), str(HERE.parent / "daemon")]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bin", required=True)
    parser.add_argument("--artifacts", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", type=int, default=500)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--json")
    return parser.parse_args()


ARGUMENTS = arguments()
os.environ["DAEMON_BIN"] = ARGUMENTS.bin
from broker import Broker   # noqa: E402
from daemon import RULE, YARA, Daemon, UnixConnection   # noqa: E402

HTTP = '[http]\nlisten = ["{here}/http.sock"]\n[serve]\nwatch = false\n[cache]\nmemory_bytes = 0\n[log]\nlevel = "warning"\n'


def start(folder, name, config, command, more=()):
    here = folder / name
    (here / "rules").mkdir(parents=True)
    (here / "rules/a.yar").write_text(RULE)
    return Daemon(here, config.replace("{here}", str(here)) + YARA, arguments=list(more), command=command)


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
            fields = stat.read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def tree(pids):
    children = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, left = [], list(pids)
    while left:
        pid = left.pop()
        found.append(pid)
        left += children.get(pid, [])
    return found


def send(front, artifacts, size, connections):
    """Artifacts a second, and each one's time in ms."""
    numbers = iter(range(artifacts))
    lock = threading.Lock()
    times = []

    def work():
        connection = UnixConnection(front.here / "http.sock")
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            began = time.monotonic()
            connection.request("POST", "/v1/scan", (b"%d " % number).ljust(size, b"x"))
            answer = connection.getresponse()
            report = json.loads(answer.read())
            assert answer.status == 200 and report["verdict"] == "benign", report
            times.append((time.monotonic() - began) * 1000)
    threads = [threading.Thread(target=work) for _ in range(connections)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return artifacts / (time.monotonic() - began), times


def measure(folder, number, kind, broker):
    queue = f'[queue]\nurl = "{broker.url}"\nprefix = "round{number}"\n'
    workers = {"in process": 0, "one worker": 1, "two workers": 2}[kind]
    daemons = [start(folder, f"{number}-front", HTTP + (queue if workers else ""), "serve")]
    daemons += [start(folder, f"{number}-worker{i}", '[log]\nlevel = "warning"\n[cache]\nmemory_bytes = 0\n' + queue, "worker")
                for i in range(workers)]
    front = daemons[0]
    while front.request("GET", "/readyz")[0] != 200:
        time.sleep(0.05)
    send(front, 200, ARGUMENTS.size, ARGUMENTS.connections)   # warm
    pids = tree([daemon.process.pid for daemon in daemons])
    broker_pids = tree([broker.process.pid])
    before, before_broker = cpu_seconds(pids), cpu_seconds(broker_pids)
    rate, times = send(front, ARGUMENTS.artifacts, ARGUMENTS.size, ARGUMENTS.connections)
    used, used_broker = cpu_seconds(pids) - before, cpu_seconds(broker_pids) - before_broker
    _, alone = send(front, 200, ARGUMENTS.size, 1)
    for daemon in daemons:
        daemon.stop()
    cuts = statistics.quantiles(times, n=100)
    return {"rate": rate, "p50_ms": cuts[49], "p99_ms": cuts[98], "alone_ms": statistics.median(alone),
            "cpu_us": used / ARGUMENTS.artifacts * 1e6, "broker_cpu_us": used_broker / ARGUMENTS.artifacts * 1e6}


def main():
    kinds = ["in process", "one worker", "two workers"]
    results = {kind: [] for kind in kinds}
    with tempfile.TemporaryDirectory(prefix="microengine-bench-") as name:
        folder = Path(name)
        broker = Broker(folder / "broker")
        try:
            number = 0
            for turn in range(ARGUMENTS.rounds):
                for kind in kinds if turn % 2 == 0 else reversed(kinds):
                    number += 1
                    results[kind].append(measure(folder, number, kind, broker))
                    print(kind, {key: round(value, 2) for key, value in results[kind][-1].items()}, file=sys.stderr)
        finally:
            broker.close()
    middle = {kind: {key: statistics.median(one[key] for one in rows) for key in rows[0]} for kind, rows in results.items()}
    print(f"{ARGUMENTS.artifacts} artifacts of {ARGUMENTS.size} bytes, {ARGUMENTS.connections} connections, "
          f"{os.cpu_count()} cores for all of it, medians of {ARGUMENTS.rounds} rounds\n")
    print("| | artifacts/s | p50 ms | p99 ms | alone ms | CPU us: ours | CPU us: broker |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for kind, row in middle.items():
        print(f"| {kind} | {row['rate']:.0f} | {row['p50_ms']:.1f} | {row['p99_ms']:.1f} | {row['alone_ms']:.2f} | "
              f"{row['cpu_us']:.0f} | {row['broker_cpu_us']:.0f} |")
    if ARGUMENTS.json:
        Path(ARGUMENTS.json).write_text(json.dumps({"arguments": vars(ARGUMENTS), "rounds": results, "medians": middle}, indent=1))


main()
