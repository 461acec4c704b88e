# SPDX-License-Identifier: MIT
"""ScanResult, and the base class of scanners. Written anew against the published interface."""
import enum
import platform

from polyswarmartifact.schema.verdict import Verdict


class VerdictState(enum.Enum):
    UNKNOWN = 0
    SUSPICIOUS = 1
    BENIGN = 2
    MALICIOUS = 3


class ScanMode(enum.Enum):
    SYNC = 0
    ASYNC = 1


class ScanResult:
    """bit: do we assert? verdict: is it malicious? confidence: 0.0 to 1.0. metadata: JSON of a Verdict."""

    def __init__(self, bit=False, verdict=False, confidence=1.0, metadata=None):
        self.bit, self.verdict, self.confidence = bit, verdict, confidence
        self.metadata = Verdict().set_malware_family("").json() if metadata is None else metadata

    @property
    def verdict_string(self):
        return VerdictState(2 * bool(self.bit) + bool(self.verdict)).name.lower()

    def __repr__(self):
        return f"<ScanResult bit={self.bit}, verdict={self.verdict}, confidence={self.confidence}, metadata={self.metadata}>"


class AbstractScanner:
    """Override scan_async() or, with ScanMode.SYNC, scan_sync(); or scan() itself, as older engines do."""

    def __init__(self, mode=ScanMode.ASYNC):
        self.mode = mode
        self.system, self.machine = platform.system(), platform.machine()

    async def setup(self):
        return True

    async def teardown(self):
        pass

    async def scan(self, guid, artifact_type, content, metadata, chain):
        if getattr(self, "mode", ScanMode.ASYNC) == ScanMode.SYNC:
            return self.scan_sync(guid, artifact_type, content, metadata, chain)
        return await self.scan_async(guid, artifact_type, content, metadata, chain)

    async def scan_async(self, guid, artifact_type, content, metadata, chain):
        raise NotImplementedError("override scan_async()")

    def scan_sync(self, guid, artifact_type, content, metadata, chain):
        raise NotImplementedError("override scan_sync()")

    async def __aenter__(self):
        if not await self.setup():
            raise RuntimeError("setup() says that it did not work")
        return self

    async def __aexit__(self, exc_type, exc_val, exc_tb):
        await self.teardown()
