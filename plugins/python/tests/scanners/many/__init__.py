# SPDX-License-Identifier: MIT
"""In the manner of the multiple-backend tutorial: a scanner that asks others side by side."""
import asyncio
import json

from polyswarmclient.abstractscanner import AbstractScanner, ScanResult

from many.backends.hashes import Scanner as HashScanner
from many.backends.words import Scanner as WordScanner

BACKENDS = [WordScanner, HashScanner]


class Scanner(AbstractScanner):
    def __init__(self):
        super().__init__()
        self.backends = [cls() for cls in BACKENDS]

    async def scan(self, guid, artifact_type, content, metadata, chain):
        results = await asyncio.gather(*[b.scan(guid, artifact_type, content, metadata, chain) for b in self.backends])
        asserting = [r for r in results if r.bit]
        malicious = [r for r in asserting if r.verdict]
        families = [json.loads(r.metadata)["malware_family"] for r in malicious]
        metadata = {"malware_family": families[0] if families else "", "families": families}
        confidence = sum(r.confidence for r in asserting) / max(len(asserting), 1)
        return ScanResult(bool(asserting), bool(malicious), confidence, json.dumps(metadata))
