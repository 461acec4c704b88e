# SPDX-License-Identifier: MIT
"""What one more artifact, byte, rule and backend costs: one of them grows, all else stays."""
import shutil
import statistics

from programs import warm_engine


def ms_an_artifact(engine, files):
    return statistics.median(engine.ask(files, clients=1)["seconds"] / len(files) * 1e3 for _ in range(3))


def written(folder, count, size):
    """Text that differs from file to file."""
    folder.mkdir()
    for number in range(count):
        line = b"line %d of an ordinary letter, of which nobody needs to be afraid\n" % number
        (folder / str(number)).write_bytes((line * (size // len(line) + 1))[:size])
    return sorted(folder.iterdir())


def of_artifacts(engine, folder):
    points = []
    for count, size in ((16, 10_000), (128, 10_000), (1024, 10_000), (16, 100_000), (16, 1_000_000), (8, 10_000_000)):
        target = folder / f"{count}-{size}"
        files = written(target, count, size)
        points.append({"artifacts": count, "bytes each": size, "ms an artifact": ms_an_artifact(engine, files)})
        shutil.rmtree(target)
    return points


def of_rules(binaries, folder, sources, files):
    points = []
    for part in (100, 10, 1):
        with warm_engine(binaries, folder, f"rules-{part}", {"yara": {"rules": [str(file) for file in sources[::part]]}}) as engine:
            points.append({"rule files": len(sources[::part]), "ms an artifact": ms_an_artifact(engine, files)})
    return points


def of_backends(binaries, folder, rules, files):
    """The same rules again in a backend of another name, and in others that a limit on size keeps idle."""
    points = []
    for asked, idle in ((1, 0), (2, 0), (4, 0), (1, 8)):
        backends = {f"yara-{number}": {"rules": rules} for number in range(asked)}
        backends |= {f"yara-idle{number}": {"rules": rules, "max_artifact_bytes": 1} for number in range(idle)}
        with warm_engine(binaries, folder, f"backends-{asked}-{idle}", backends) as engine:
            points.append({"backends asked": asked, "idle": idle, "ms an artifact": ms_an_artifact(engine, files)})
    return points
