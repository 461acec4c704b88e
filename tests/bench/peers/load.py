# SPDX-License-Identifier: MIT
"""How an engine that has loaded everything behaves under load: how long the slowest wait, what memory it takes, and what it costs to
have more of each thing."""
import contextlib
import statistics
import threading
from pathlib import Path

from programs import files_below


def percentiles(each):
    ordered = sorted(each)
    at = lambda part: ordered[min(len(ordered) - 1, int(part * len(ordered)))] * 1e3
    return {"p50 ms": at(0.5), "p99 ms": at(0.99), "max ms": ordered[-1] * 1e3}


def latency(engine, corpus, count):
    """One artifact every so often, whether or not the last was answered: at a part of what it can do when all are handed in at once."""
    files = files_below([corpus])
    files = (files * -(-count // len(files)))[:count]
    # Not in the order of their names: neighbours are alike.
    files = files[::7] + [file for index, file in enumerate(files) if index % 7]
    capacity = count / engine.ask(files, clients=1)["seconds"]
    points = []
    for part in (0.25, 0.5, 0.75):
        answer = engine.ask(files, rate=capacity * part)
        points.append({"load": f"{part:.0%}", "artifacts/s": capacity * part} | percentiles(answer["each"]))
    return points


def tree(pid):
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from tree(int(child))


def proportional_mib(pid):
    """Memory of a process and all below it; what several share counts once."""
    total = 0
    for one in tree(pid):
        with contextlib.suppress(OSError):  # it may have ended
            total += sum(int(line.split()[1]) for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines() if line.startswith("Pss:"))
    return total / 1024


def memory(name, pid, work):
    """Before, the most while `work` runs, and after."""
    rest, most, done = proportional_mib(pid), [0.0], threading.Event()

    def watch():
        while not done.wait(0.05):
            most[0] = max(most[0], proportional_mib(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    work()
    done.set()
    watcher.join()
    return {"program": name, "at rest MiB": rest, "under load MiB": most[0], "after MiB": proportional_mib(pid)}


def clients(engine, files):
    """The same artifacts from 1 to 1,000 clients at once: the whole takes no longer."""
    times = {count: [] for count in (1, 10, 100, 1000)}
    for _ in range(5):
        for count, each in times.items():
            each.append(engine.ask(files, clients=count)["seconds"] / len(files) * 1e6)
    return [{"clients": count, "us an artifact": statistics.median(each)} for count, each in times.items()]
