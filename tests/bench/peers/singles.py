# SPDX-License-Identifier: MIT
"""One artifact at a time, asked of programs that have loaded everything; never the same bytes twice, so that nobody's cache answers."""
import itertools
import statistics
import struct
from pathlib import Path

from table import Row

KINDS = ("EICAR 68 B", "PE 544 B", "text 10 KB", "ELF 1 MB")
ROWS = [row for kind in KINDS for row in (
    Row(f"{kind}, both : the slower of the two alone", f"{kind} both", f"{kind} slower", 1.05 if kind in KINDS[2:] else None),
    Row(f"{kind}, both in process : the slower of the two alone", f"{kind} both in process", f"{kind} slower in process"),
    Row(f"{kind}, both : the tutorial's Python microengine", f"{kind} both", f"{kind} tutorial",
        {"EICAR 68 B": 0.3, "PE 544 B": 0.03}.get(kind)),
    Row(f"{kind}, both : clamd, a descriptor each, ClamAV only", f"{kind} both", f"{kind} clamd"))]


def smallest_pe():
    """Headers and one section of 32 bytes: a program for Windows that returns at once."""
    dos = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    coff = b"PE\0\0" + struct.pack("<HHIIIHH", 0x14C, 1, 0, 0, 0, 224, 0x102)
    optional = struct.pack("<HBBIIIIIIIIIHHHHHHIIIIHHIIIIII", 0x10B, 8, 0, 512, 0, 0, 4096, 4096, 8192, 0x400000, 4096, 512, 4, 0, 0, 0, 4, 0,
                           0, 8192, 512, 0, 3, 0, 1 << 20, 4096, 1 << 20, 4096, 0, 16).ljust(224, b"\0")
    section = b".text\0\0\0" + struct.pack("<IIIIIIHHI", 32, 4096, 32, 512, 0, 0, 0, 0, 0x60000020)
    return (dos + coff + optional + section).ljust(512, b"\0") + b"\xc3".ljust(32, b"\x90")


def bodies():
    # Made here, so that nothing in the tree trips a scanner. ClamAV wants EICAR's hash or its start at offset 0: blanks may follow.
    eicar = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    words = b" ".join(b"the quick brown fox jumps over the lazy dog %d" % n for n in range(400))
    programs = sorted(file for file in Path("/usr/bin").iterdir() if file.is_file() and 900_000 < file.stat().st_size < 1_200_000)
    elf = next(content for content in (file.read_bytes() for file in programs) if content.startswith(b"\x7fELF"))
    return dict(zip(KINDS, (eicar, smallest_pe(), words[:10_000], elf)))


class Variants:
    """Files of each kind that differ in their last bytes only."""

    def __init__(self, folder):
        self.folder, self.bodies, self.number = folder, bodies(), itertools.count()
        folder.mkdir()

    def of(self, kind, count):
        for file in self.folder.iterdir():
            file.unlink()
        files = []
        for _ in range(count):
            number = next(self.number)
            body = self.bodies[kind]
            if kind == KINDS[0]:  # what may follow it is blank
                mark = "".join(" \t"[number >> bit & 1] for bit in range(20)).encode()
                content = body + mark
            else:
                content = body[:-4] + struct.pack("<I", number)
            files.append(self.folder / f"{number}")
            files[-1].write_bytes(content)
        return files


def one_round(number, asked, variants, count):
    """asked: name -> a program that is asked. The median of its times, a kind each."""
    names = list(asked)
    turn = number % len(names)
    times = {}
    for kind in KINDS:
        for name in names[turn:] + names[:turn]:
            answer = asked[name].ask(variants.of(kind, count))
            times[f"{kind} {name}"] = statistics.median(answer["each"])
        times[f"{kind} slower"] = max(times[f"{kind} yara"], times[f"{kind} clamav"])
        times[f"{kind} slower in process"] = max(times[f"{kind} yara in process"], times[f"{kind} clamav in process"])
    return times
