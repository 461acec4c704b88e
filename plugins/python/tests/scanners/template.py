# SPDX-License-Identifier: MIT
"""In the manner of the engine template: synchronous, with setup() and teardown(), a bid strategy and metadata."""
import platform
import tempfile
import zipfile

from polyswarmartifact import ArtifactType
from polyswarmartifact.schema.verdict import Verdict
from polyswarmclient.abstractscanner import AbstractScanner, ScanMode, ScanResult
from polyswarmclient.bidstrategy import BidStrategyBase


class BidStrategy(BidStrategyBase):
    def __init__(self):
        super().__init__(min_bid_multiplier=8, max_bid_multiplier=8)


class Scanner(AbstractScanner):
    """A zip with a member *.exe is malicious, another zip benign; of the rest it knows nothing."""

    def __init__(self):
        super().__init__(ScanMode.SYNC)
        self.ready = False

    async def setup(self):
        self.ready = True
        return True

    async def teardown(self):
        self.ready = False

    def scan_sync(self, guid, artifact_type, content, metadata, chain):
        verdict = Verdict().set_malware_family("").set_scanner(operating_system=platform.system(), architecture=platform.machine(), version="1.0")
        if artifact_type == ArtifactType.URL:
            return ScanResult(bit=True, verdict=content.endswith(".exe"), confidence=0.5, metadata=verdict.json())
        assert self.ready and metadata["filesize"] == len(content)
        with tempfile.TemporaryFile() as file:
            file.write(content)
            if not zipfile.is_zipfile(file):
                return ScanResult()
            with zipfile.ZipFile(file) as archive:
                bad = [name for name in archive.namelist() if name.endswith(".exe")]
        if bad:
            verdict.set_malware_family("Zip.Exe").add_extra("members", bad)
        return ScanResult(bit=True, verdict=bool(bad), confidence=0.9, metadata=verdict.json())
