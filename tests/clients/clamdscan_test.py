#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""clamdscan, ClamAV's own client."""
import subprocess
import unittest

from clients import FOUND, PATIENCE, ClientCase


class Clamdscan(ClientCase):
    def clamdscan(self, *arguments):
        (self.here / "clamd.conf").write_text(f"LocalSocket {self.here}/clamd.sock\n")
        done = subprocess.run(["clamdscan", "-c", self.here / "clamd.conf", *arguments], cwd=self.here, capture_output=True, text=True,
                              timeout=PATIENCE)
        return done.returncode, done.stdout + done.stderr

    def test_it_finds_and_passes_by_every_way_in(self):
        self.serve_well()
        for way in ([], ["--stream"], ["--fdpass"], ["--multiscan"], ["--allmatch"], ["--multiscan", "--fdpass"]):
            with self.subTest(way=way):
                code, said = self.clamdscan(*way, self.here / "eicar.com")
                self.assertEqual(code, 1, said)
                self.assertIn(f"eicar.com: {FOUND} FOUND", said)
                code, said = self.clamdscan(*way, self.here / "clean.txt")
                self.assertEqual(code, 0, said)
                self.assertIn("clean.txt: OK", said)

    def test_a_directory(self):
        self.serve_well()
        (self.here / "large.bin").unlink()
        for way in ([], ["--fdpass"], ["--stream"], ["--multiscan"]):
            with self.subTest(way=way):
                code, said = self.clamdscan(*way, "-i", self.here)
                self.assertEqual(code, 1, said)
                self.assertIn("eicar.com: " + FOUND, said)

    def test_what_is_too_large_is_an_error(self):
        self.serve_well()
        code, said = self.clamdscan("--stream", self.here / "large.bin")
        self.assertIn("INSTREAM size limit exceeded", said)
        self.assertEqual(code, 2, said)
        code, said = self.clamdscan("--fdpass", self.here / "large.bin")
        self.assertEqual(code, 2, said)
        self.assertIn("ERROR", said)

    def test_with_a_broken_backend_nothing_is_clean_and_finds_are_found(self):
        self.serve_broken()
        for way in ([], ["--stream"], ["--fdpass"]):
            with self.subTest(way=way):
                code, said = self.clamdscan(*way, self.here / "clean.txt")
                self.assertEqual(code, 2, said)
                self.assertIn("ERROR", said)
                self.assertNotIn("OK", said)
                code, said = self.clamdscan(*way, self.here / "eicar.com")
                self.assertEqual(code, 1, said)

    def test_ping_version_and_reload(self):
        daemon = self.serve_well()
        code, said = self.clamdscan("--ping", "1")
        self.assertEqual(code, 0, said)
        code, said = self.clamdscan("--version")
        self.assertEqual(code, 0, said)
        self.assertTrue(said.startswith("ClamAV 1."), said)
        code, said = self.clamdscan("--reload")
        self.assertEqual(code, 0, said)
        daemon.command("PING")
        self.assertTrue(daemon.events("reload"))


if __name__ == "__main__":
    unittest.main()
