#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""rspamd's antivirus module, asked by rspamc with whole mails."""
import base64
import json
import os
import socket
import subprocess
import textwrap
import unittest

from cicap_test import free_port
from clients import EICAR, FOUND, MOST, PATIENCE, ClientCase

CONFIG = """
lua = "/usr/share/rspamd/rules/rspamd.lua"
options {{
  pidfile = "{here}/rspamd.pid";
  tempdir = "{here}";
  filters = "";
  dns {{ nameserver = ["127.0.0.1:1"]; }}
  control_socket = "{here}/rspamd.control";
}}
logging {{ type = "file"; filename = "{here}/rspamd.log"; level = "info"; }}
worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; }}
modules {{ path = "/usr/share/rspamd/plugins/antivirus.lua"; }}
antivirus {{
  microengine {{
    type = "clamav";
    symbol = "CLAM_VIRUS";
    servers = "{here}/clamd.sock";
    scan_mime_parts = true;
    scan_text_mime = true;
    max_size = 20000000;
    log_clean = true;
    retransmits = 1;
    timeout = 15.0;
  }}
}}
"""


class Rspamd(ClientCase):
    # Any ERROR makes the module fail in a way that sets no symbol: it is told in words that it knows.
    MORE = 'unknown_as = "limits"\n'

    def start_rspamd(self):
        self.port = free_port()
        (self.here / "rspamd.conf").write_text(CONFIG.format(here=self.here, port=self.port))
        os.chmod(self.here, 0o777)
        rspamd = subprocess.Popen(["rspamd", "-f", "-i", "-c", self.here / "rspamd.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def end():
            rspamd.terminate()
            rspamd.wait(PATIENCE)
        self.addCleanup(end)
        while True:   # until it listens
            self.assertIsNone(rspamd.poll(), self.log())
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return

    def log(self):
        path = self.here / "rspamd.log"
        return path.read_text(errors="replace")[-3000:] if path.exists() else ""

    def symbols(self, attachment):
        """What the module makes of a mail with this file."""
        encoded = "\n".join(textwrap.wrap(base64.b64encode(attachment).decode(), 76))
        mail = (f"From: <a@example.org>\nTo: <b@example.net>\nSubject: a file\nMIME-Version: 1.0\nMessage-Id: <1@example.org>\n"
                f"Date: Thu, 01 Jan 2026 00:00:00 +0000\nContent-Type: application/octet-stream; name=file.bin\n"
                f"Content-Disposition: attachment; filename=file.bin\nContent-Transfer-Encoding: base64\n\n{encoded}\n")
        (self.here / "mail").write_text(mail)
        done = subprocess.run(["rspamc", "-h", f"127.0.0.1:{self.port}", "--json", self.here / "mail"], capture_output=True, text=True,
                              timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr + self.log())
        return {name: symbol.get("options", []) for name, symbol in json.loads(done.stdout)["symbols"].items()}

    def test_it_finds_and_passes(self):
        self.serve_well()
        self.start_rspamd()
        self.assertEqual(self.symbols(EICAR).get("CLAM_VIRUS"), [FOUND], self.log())
        self.assertNotIn("CLAM_VIRUS", self.symbols(b"A letter."))
        self.assertNotIn("CLAM_VIRUS_FAIL", self.symbols(b"Another letter."))

    def test_what_could_not_be_judged_is_a_failure_of_its_own(self):
        self.serve_broken()
        self.start_rspamd()
        self.assertIn("CLAM_VIRUS_FAIL", self.symbols(b"A letter."), self.log())
        self.assertIn("CLAM_VIRUS", self.symbols(EICAR))

    def test_what_is_too_large_is_a_failure_of_its_own(self):
        self.serve_well()
        self.start_rspamd()
        self.assertIn("CLAM_VIRUS_FAIL", self.symbols(bytes(MOST + 1)), self.log())


if __name__ == "__main__":
    unittest.main()
