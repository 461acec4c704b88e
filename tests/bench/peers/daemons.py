# SPDX-License-Identifier: MIT
"""microengine serve in the place of clamd: the same client, socket, files and signatures. How long all of it takes, and how long each
client waits."""
from load import percentiles
from programs import files_below
from table import Row

CLIENTS = 8
ROWS = (
    Row("ClamAV only, clamdscan --multiscan --fdpass : clamd", "clamav, clamdscan", "clamd, clamdscan"),
    Row("both backends, clamdscan --multiscan --fdpass : clamd", "both, clamdscan", "clamd, clamdscan"),
    Row(f"ClamAV only, {CLIENTS} clients with streams : clamd", "clamav, streams", "clamd, streams"),
    Row(f"both backends, {CLIENTS} clients with streams : clamd", "both, streams", "clamd, streams"),
    Row("ClamAV only, a stream's p50 : clamd", "clamav, p50", "clamd, p50"),
    Row("ClamAV only, a stream's p99 : clamd", "clamav, p99", "clamd, p99"),
    Row("both backends, a stream's p50 : clamd", "both, p50", "clamd, p50"),
    Row("both backends, a stream's p99 : clamd", "both, p99", "clamd, p99"),
)


def one_round(number, daemons, corpus):
    """Each daemon once, in another order every round."""
    times = {}
    names = list(daemons)
    names = names[number % len(names):] + names[:number % len(names)]
    files = files_below([corpus])
    for name in names:
        times[f"{name}, clamdscan"] = daemons[name].scan([corpus]).wall
    for name in names:
        answer = daemons[name].stream(files, CLIENTS)
        times[f"{name}, streams"] = answer["seconds"]
        waits = percentiles(answer["each"])
        times |= {f"{name}, p50": waits["p50 ms"] / 1e3, f"{name}, p99": waits["p99 ms"] / 1e3, f"{name}, max": waits["max ms"] / 1e3}
    return times
