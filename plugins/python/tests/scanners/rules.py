# SPDX-License-Identifier: MIT
"""In the manner of the YARA tutorial; needs python3-yara."""
import os

import yara
from polyswarmartifact.schema.verdict import Verdict
from polyswarmclient.abstractscanner import AbstractScanner, ScanResult

RULES_DIR = os.getenv("RULES_DIR", "docker/yara-rules")


class Scanner(AbstractScanner):
    def __init__(self):
        super().__init__()
        self.rules = yara.compile(os.path.join(RULES_DIR, "demo.yar"))

    async def scan(self, guid, artifact_type, content, metadata, chain):
        matches = self.rules.match(data=content)
        family = matches[0].rule if matches else ""
        return ScanResult(bit=True, verdict=bool(matches), metadata=Verdict().set_malware_family(family).json())
