#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A microengine as the PolySwarm tutorials build one from two backends: yara-python, and a clamd that is asked with INSTREAM, side by
side under asyncio.gather, one artifact after the other.

    tutorial.py COMPILED_RULES CLAMD_SOCKET

Reads a JSON object {"files": [...]} per line, and prints {"seconds": S, "each": [seconds], "found": N}.
"""
import asyncio
import json
import struct
import sys
import time

import yara

CHUNK = 1 << 16


class YaraBackend:
    def __init__(self, compiled):
        self.rules = yara.load(compiled)

    async def scan(self, content):
        return bool(await asyncio.get_running_loop().run_in_executor(None, lambda: self.rules.match(data=content)))


class ClamBackend:
    def __init__(self, path):
        self.path = path

    async def scan(self, content):
        reader, writer = await asyncio.open_unix_connection(self.path)
        writer.write(b"zINSTREAM\0")
        for start in range(0, len(content), CHUNK):
            part = content[start:start + CHUNK]
            writer.write(struct.pack("!L", len(part)) + part)
            await writer.drain()
        writer.write(struct.pack("!L", 0))
        answer = (await reader.read()).rstrip(b"\0")
        writer.close()
        return answer.endswith(b" FOUND")


async def judge(backends, content):
    return any(await asyncio.gather(*(backend.scan(content) for backend in backends)))


async def scan(backends, files):
    start, each, found = time.monotonic(), [], 0
    for path in files:
        began = time.monotonic()
        with open(path, "rb") as file:
            found += await judge(backends, file.read())
        each.append(time.monotonic() - began)
    print(json.dumps({"seconds": time.monotonic() - start, "each": each, "found": found}), flush=True)


async def main():
    backends = [YaraBackend(sys.argv[1]), ClamBackend(sys.argv[2])]
    print("ready", flush=True)
    for line in sys.stdin:
        await scan(backends, json.loads(line)["files"])


asyncio.run(main())
