# SPDX-License-Identifier: MIT
"""What was measured, as ratios of the times of one round, so that a machine that changes its speed changes both sides."""
import dataclasses
import json
import statistics


@dataclasses.dataclass(frozen=True)
class Row:
    """Rounds are dicts of seconds; a row divides one of a round's times by another. The target is what the ratio should be at most."""

    name: str
    ours: str
    theirs: str
    target: float | None = None

    def ratios(self, rounds):
        return [times[self.ours] / times[self.theirs] for times in rounds]


def median(rounds, name):
    return statistics.median(times[name] for times in rounds)


def seconds(value):
    return f"{value:.2f} s" if value >= 1 else f"{value * 1e3:.2f} ms"


def print_ratios(rows, rounds):
    print(f"\n{'ours : theirs':<58} {'ours':>9} {'theirs':>9} {'ratio':>7} {'range':>13}  target", flush=True)
    for row in rows:
        each = row.ratios(rounds)
        middle = statistics.median(each)
        met = "" if row.target is None else f"{row.target:>6.2f} {'met' if middle <= row.target else 'not met'}"
        print(f"{row.name:<58} {seconds(median(rounds, row.ours)):>9} {seconds(median(rounds, row.theirs)):>9} {middle:>7.3f} "
              f"{f'{min(each):.3f}-{max(each):.3f}':>13}  {met}", flush=True)


def as_json(rows, rounds):
    return {"seconds": {name: [times[name] for times in rounds] for name in rounds[0]},
            "ratios": {row.name: {"each": row.ratios(rounds), "target": row.target} for row in rows}}


def print_points(title, points):
    """A list of dicts with the same keys, as a table."""
    print(f"\n{title}")
    cells = [list(points[0])] + [[f"{value:.3g}" if isinstance(value, float) else str(value) for value in point.values()] for point in points]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    for row in cells:
        print("  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths)), flush=True)


def write(path, measured):
    path.write_text(json.dumps({"schema": "microengine.bench.peers/2"} | measured, indent=1))
