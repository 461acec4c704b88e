#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""c-icap with its clamd module: what a web proxy asks."""
import re
import socket
import subprocess
import unittest

from clients import FOUND, PATIENCE, ClientCase, read_to_end


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class CIcap(ClientCase):
    def start_icap(self):
        self.port = free_port()
        (self.here / "c-icap.conf").write_text(f"""
PidFile {self.here}/c-icap.pid
CommandsSocket {self.here}/c-icap.ctl
Port 127.0.0.1:{self.port}
StartServers 1
ThreadsPerChild 4
TmpDir {self.here}
ModulesDir /usr/lib/x86_64-linux-gnu/c_icap
ServicesDir /usr/lib/x86_64-linux-gnu/c_icap
TemplateDir /usr/share/c_icap/templates/
TemplateDefaultLanguage en
LoadMagicFile /etc/c-icap/c-icap.magic
ServerLog {self.here}/server.log
AccessLog {self.here}/access.log
Service antivirus_module virus_scan.so
ServiceAlias avscan virus_scan?allow204=on&sizelimit=off&mode=simple
virus_scan.ScanFileTypes TEXT DATA EXECUTABLE ARCHIVE
virus_scan.MaxObjectSize 8M
virus_scan.DefaultEngine clamd
Module common clamd_mod.so
clamd_mod.ClamdSocket {self.here}/clamd.sock
""")
        icap = subprocess.Popen(["c-icap", "-N", "-D", "-f", self.here / "c-icap.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def end():
            icap.terminate()
            try:
                icap.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                icap.kill()
                icap.wait()
        self.addCleanup(end)
        while True:   # until it listens
            self.assertIsNone(icap.poll(), (self.here / "server.log").read_text() if (self.here / "server.log").exists() else "")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return

    def ask(self, name):
        """The ICAP answer to a file that a browser gets: 204 passes it, else the browser gets something else or nothing."""
        body = (self.here / name).read_bytes()
        request = b"GET http://example.org/file HTTP/1.1\r\nHost: example.org\r\n\r\n"
        response = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n" % len(body)
        head = (f"RESPMOD icap://127.0.0.1:{self.port}/avscan ICAP/1.0\r\nHost: 127.0.0.1\r\nAllow: 204\r\nConnection: close\r\n"
                f"Encapsulated: req-hdr=0, res-hdr={len(request)}, res-body={len(request) + len(response)}\r\n\r\n").encode()
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as proxy:
            proxy.sendall(head + request + response + b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n")
            try:
                return read_to_end(proxy).decode(errors="replace")
            except ConnectionResetError:   # its way to say that it failed
                return ""

    def test_it_finds_and_passes(self):
        self.serve_well()
        self.start_icap()
        answer = self.ask("eicar.com")
        self.assertTrue(answer.startswith("ICAP/1.0 200 "), answer)
        self.assertRegex(answer, r"X-Infection-Found: .*Threat=" + re.escape(FOUND))
        self.assertIn("403 Forbidden", answer)
        self.assertTrue(self.ask("clean.txt").startswith("ICAP/1.0 204 "))

    def test_what_could_not_be_judged_is_not_passed(self):
        self.serve_broken()
        self.start_icap()
        for name in ("clean.txt", "large.bin"):
            self.assertIn(self.ask(name).partition("\r\n")[0], ("", "ICAP/1.0 500 Server error"))
        self.assertIn("403 Forbidden", self.ask("eicar.com"))

    def test_what_is_too_large_is_not_passed(self):
        self.serve_well()
        self.start_icap()
        self.assertIn(self.ask("large.bin").partition("\r\n")[0], ("", "ICAP/1.0 500 Server error"))


if __name__ == "__main__":
    unittest.main()
