# SPDX-License-Identifier: MIT
"""Looks for words, in a thread of its loop's."""
import asyncio

from polyswarmartifact.schema.verdict import Verdict
from polyswarmclient.abstractscanner import AbstractScanner, ScanResult

WORDS = {b"EVIL": "Word.Evil", b"WICKED": "Word.Wicked"}


class Scanner(AbstractScanner):
    def look(self, content):
        return next((family for word, family in WORDS.items() if word in content), "")

    async def scan_async(self, guid, artifact_type, content, metadata, chain):
        family = await asyncio.to_thread(self.look, content)
        return ScanResult(True, bool(family), 0.8, Verdict().set_malware_family(family).json())
