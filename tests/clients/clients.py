# SPDX-License-Identifier: MIT
"""What the tests with real clients share: a daemon that finds EICAR, and one whose required backend has failed."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "daemon"))

from daemon import EICAR, PATIENCE, YARA, Case, puppet, read_to_end  # noqa: E402, F401

# Part of the text is enough: a scanner wants all of it, so it does not find this file.
RULE = 'rule Eicar_Test { strings: $a = "EICAR-STANDARD-ANTIVIRUS-TEST-FILE" condition: $a }\n'
FOUND = "YARA.Eicar_Test.UNOFFICIAL"
MOST = 1 << 20   # bytes of an artifact


class ClientCase(Case):
    LISTEN = '["clamd.sock"]'
    MORE = ""

    def setUp(self):
        super().setUp()
        (self.here / "rules/a.yar").write_text(RULE)
        (self.here / "eicar.com").write_bytes(EICAR)
        (self.here / "clean.txt").write_bytes(b"A letter without anything in it.\n")
        (self.here / "large.bin").write_bytes(bytes(MOST + 1))

    def config(self):
        return f"[clamd]\nlisten = {self.LISTEN}\nmax_artifact_bytes = {MOST}\nroots = ['{self.here}']\n{self.MORE}{YARA}"

    def serve_well(self):
        return self.serve(self.config())

    def serve_broken(self):
        """Its second backend fails every scan: no artifact is known to be clean."""
        return self.serve(self.config() + puppet("fail", "required = true\n"))
