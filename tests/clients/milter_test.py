#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""clamav-milter, asked by miltertest as a mail server asks it."""
import subprocess
import unittest

from clients import EICAR, MOST, PATIENCE, ClientCase

SCRIPT = """
conn = mt.connect("%(socket)s", 40, 0.25)
if conn == nil then error("no milter") end
assert(mt.conninfo(conn, "client.example", "192.0.2.1") == nil)
mt.mailfrom(conn, "<sender@example.org>")
mt.rcptto(conn, "<receiver@example.net>")
mt.header(conn, "Subject", "a file for you")
mt.bodystring(conn, %(body)s)
mt.eom(conn)
print("reply", string.char(mt.getreply(conn)), mt.getheader(conn, "X-Virus-Status", 0))
mt.disconnect(conn)
"""


class Milter(ClientCase):
    def start_milter(self):
        (self.here / "milter.conf").write_text(f"""
MilterSocket {self.here}/milter.sock
ClamdSocket unix:{self.here}/clamd.sock
Foreground yes
OnInfected Reject
MaxFileSize 10M
OnFail Defer
AddHeader Replace
User root
LogVerbose yes
LogFile {self.here}/milter.log
""")
        milter = subprocess.Popen(["clamav-milter", "-c", self.here / "milter.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def end():
            milter.terminate()
            milter.wait(PATIENCE)
        self.addCleanup(end)

    def send(self, body):
        """What the mail server is told to do: r is reject, t a temporary failure, a or c to go on."""
        text = '"' + "".join(f"\\{byte:03d}" for byte in body) + '"'
        script = self.here / "mail.lua"
        script.write_text(SCRIPT % {"socket": f"{self.here}/milter.sock", "body": text})
        done = subprocess.run(["miltertest", "-s", script], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr + (self.here / "milter.log").read_text())
        return done.stdout.split()[1]

    def test_mail_with_a_find_is_rejected_and_other_goes_on(self):
        self.serve_well()
        self.start_milter()
        self.assertIn(self.send(EICAR + b"\r\n"), "ry")
        self.assertIn(self.send(b"A letter.\r\n"), "ac")

    def test_mail_that_could_not_be_judged_is_deferred(self):
        self.serve_broken()
        self.start_milter()
        self.assertEqual(self.send(b"A letter.\r\n"), "t")
        self.assertIn(self.send(EICAR + b"\r\n"), "ry")

    def test_mail_that_is_too_large_is_deferred(self):
        self.serve(self.config().replace(str(MOST), "50000"))
        self.start_milter()
        self.assertEqual(self.send(b"x" * 60_000), "t")


if __name__ == "__main__":
    unittest.main()
