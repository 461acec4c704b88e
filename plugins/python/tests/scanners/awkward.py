# SPDX-License-Identifier: MIT
"""Does, or returns, what the artifact says: an expression, or statements after "do"."""
import asyncio
import math
import sys
import time

from polyswarmartifact.schema.verdict import Verdict
from polyswarmclient.abstractscanner import ScanResult


class Broken:
    def __str__(self):
        raise RuntimeError("not even this")

    __repr__ = __str__


class BrokenError(Exception):
    __str__ = Broken.__str__


class Scanner:  # no base class: anything with scan() will do
    async def wait(self):
        await asyncio.sleep(3600)
        return ScanResult(True, False)

    def loop(self):
        while True:
            pass

    def scan(self, guid, artifact_type, content, metadata, chain):
        text = content.decode("latin-1")
        if text.startswith("do "):
            exec(text[3:], {**globals(), "scanner": self})
        if text.startswith("return "):
            return eval(text[7:], {**globals(), "scanner": self})
        return ScanResult(True, False)

    async def deaf(self):
        try:
            await asyncio.sleep(3600)
        except:  # noqa: E722 - as people write it
            pass
        return ScanResult(True, False)
