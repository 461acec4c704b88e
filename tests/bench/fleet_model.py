#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a fleet of 10 to 1,000 workers would do: a simulation fed with measured times. It is a model, not a measurement.

    fleet_model.py [--broker-us 560] [--service-ms 9.6,244,632] [--bytes 37000] [--load 0.8]

Assumed, each a parameter: jobs arrive at random (Poisson) at a share --load of what all slots together can do. Scans take as
long as measured: half of them up to the first figure of --service-ms, 99 % up to the second, all up to the third, linear in
between on a logarithmic scale; a worker has --slots of them at once. The broker does one thing at a time: a job takes it
--broker-us, for publishing, confirming, delivering and acknowledging job and result together. The artifact store gives --store-mb
a second, and an artifact has --bytes on average, of which a share --shared goes through it. The network is that of the broker:
--network-mb a second, for what travels inside jobs and results. Not in it: cache hits (they only help), workers that end, bursts.
"""
import argparse
import heapq
import math
import random


def service_times(text):
    half, most, all_ = (float(word) / 1000 for word in text.split(","))
    points = [(0.0, half / 20), (0.5, half), (0.99, most), (1.0, all_)]

    def draw(dice):
        where = dice.random()
        for (low, short), (high, long) in zip(points, points[1:]):
            if where <= high:
                share = (where - low) / (high - low)
                return math.exp(math.log(short) + share * (math.log(long) - math.log(short)))
        return all_
    return draw


class Station:
    """Does one thing at a time, in the order of arrival."""

    def __init__(self):
        self.free = 0.0
        self.busy = 0.0

    def serve(self, now, takes):
        begin = max(now, self.free)
        self.free = begin + takes
        self.busy += takes
        return self.free


def simulate(workers, options, draw, mean):
    dice = random.Random(workers)
    slots = workers * options.slots
    rate = options.load * slots / mean
    broker, store, network = Station(), Station(), Station()
    free = [0.0] * slots
    heapq.heapify(free)
    now, waits, ends = 0.0, [], []
    inline = options.bytes * (1 - options.shared) * 4 / 3 + options.report_bytes
    for _ in range(options.jobs):
        now += dice.expovariate(rate)
        at = broker.serve(now, options.broker_us / 1e6)
        at = network.serve(at, inline / (options.network_mb * 1e6))
        slot = heapq.heappop(free)
        begin = max(at, slot)
        ready = store.serve(begin, options.bytes * options.shared / (options.store_mb * 1e6))
        end = ready + draw(dice)
        heapq.heappush(free, end)
        waits.append(begin - now)
        ends.append(end)
    span = max(ends)
    waits.sort()
    busy = {"broker": broker.busy / span, "store": store.busy / span, "network": network.busy / span,
            "workers": options.jobs * mean / slots / span}
    return {"offered": rate, "done": options.jobs / span, "p50": waits[len(waits) // 2], "p99": waits[len(waits) * 99 // 100],
            "busy": busy, "binds": max(busy, key=busy.get)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--service-ms", default="9.6,244,632", help="half, 99 %%, all of the scans take at most so long")
    parser.add_argument("--slots", type=int, default=2)
    parser.add_argument("--broker-us", type=float, default=560)
    parser.add_argument("--bytes", type=float, default=37_000)
    parser.add_argument("--report-bytes", type=float, default=2_000)
    parser.add_argument("--shared", type=float, default=0.8, help="share of bytes that goes through the store")
    parser.add_argument("--store-mb", type=float, default=500)
    parser.add_argument("--network-mb", type=float, default=110)
    parser.add_argument("--load", type=float, default=0.8)
    parser.add_argument("--jobs", type=int, default=100_000)
    options = parser.parse_args()
    draw = service_times(options.service_ms)
    dice = random.Random(1)
    mean = sum(draw(dice) for _ in range(100_000)) / 100_000
    print(f"a scan takes {mean * 1000:.1f} ms on average; {options.load:.0%} of all slots' capacity is offered\n")
    print("| workers | offered/s | done/s | wait p50 ms | wait p99 ms | workers | broker | store | network | binds |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for workers in 10, 20, 50, 100, 200, 500, 1000:
        row = simulate(workers, options, draw, mean)
        busy = row["busy"]
        print(f"| {workers} | {row['offered']:.0f} | {row['done']:.0f} | {row['p50'] * 1000:.1f} | {row['p99'] * 1000:.1f} | "
              f"{busy['workers']:.0%} | {busy['broker']:.0%} | {busy['store']:.0%} | {busy['network']:.0%} | {row['binds']} |")


main()
