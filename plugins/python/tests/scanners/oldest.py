# SPDX-License-Identifier: MIT
"""As scanners were at first: three parameters, and a tuple."""
from polyswarmclient.abstractscanner import AbstractScanner


class Scanner(AbstractScanner):
    async def scan(self, guid, content, chain):
        if b"EVIL" in content:
            return True, True, "Evil.Letter"
        return True, False, ""
