# SPDX-License-Identifier: MIT
"""In the manner of the first tutorial: a scanner that knows the EICAR test file."""
import logging

from polyswarmartifact import ArtifactType
from polyswarmartifact.schema.verdict import Verdict
from polyswarmclient.abstractmicroengine import AbstractMicroengine
from polyswarmclient.abstractscanner import AbstractScanner, ScanResult

logger = logging.getLogger(__name__)
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
__version__ = "1.2.3"


class Scanner(AbstractScanner):
    def __init__(self):
        super(Scanner, self).__init__()

    async def scan(self, guid, artifact_type, content, metadata, chain):
        if artifact_type != ArtifactType.FILE:
            logger.error("not a file: %s", artifact_type)
            return ScanResult()
        if content == EICAR:
            found = Verdict().set_malware_family("EICAR").add_extra("guid", guid)
            return ScanResult(bit=True, verdict=True, metadata=found.json())
        return ScanResult(bit=True, verdict=False, metadata=Verdict().set_malware_family("").json())


class Microengine(AbstractMicroengine):
    def __init__(self, client, testing=0, scanner=None, chains=None):
        super().__init__(client, testing, Scanner(), chains)
