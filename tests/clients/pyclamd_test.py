#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""pyClamd, Debian's Python client. It runs in the system's Python."""
import json
import subprocess
import unittest

from clients import FOUND, PATIENCE, ClientCase

PROGRAM = """
import json, pyclamd, sys
here = sys.argv[1]
clamd = pyclamd.ClamdUnixSocket(here + "/clamd.sock")
def tried(call):
    try:
        return call()
    except Exception as error:
        return type(error).__name__
read = lambda name: open(here + "/" + name, "rb").read()
print(json.dumps({
    "ping": clamd.ping(), "version": clamd.version(), "stats": clamd.stats(),
    "stream_eicar": tried(lambda: clamd.scan_stream(read("eicar.com"))),
    "stream_clean": tried(lambda: clamd.scan_stream(read("clean.txt"))),
    "stream_large": tried(lambda: clamd.scan_stream(read("large.bin"))),
    "file_eicar": tried(lambda: clamd.scan_file(here + "/eicar.com")),
    "file_clean": tried(lambda: clamd.scan_file(here + "/clean.txt")),
    "multi": tried(lambda: clamd.multiscan_file(here + "/eicar.com")),
    "contscan": tried(lambda: clamd.contscan_file(here + "/eicar.com")),
    "reload": tried(clamd.reload),
}))
"""


class PyClamd(ClientCase):
    def run_client(self):
        done = subprocess.run(["/usr/bin/python3", "-c", PROGRAM, self.here], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_every_command_it_has(self):
        self.serve_well()
        got = self.run_client()
        self.assertTrue(got["ping"])
        self.assertTrue(got["version"].startswith("ClamAV 1."))
        self.assertIn("POOLS: 1", got["stats"])
        self.assertEqual(got["stream_eicar"], {"stream": ["FOUND", FOUND]})
        self.assertIsNone(got["stream_clean"])
        self.assertEqual(got["file_eicar"], {f"{self.here}/eicar.com": ["FOUND", FOUND]})
        self.assertIsNone(got["file_clean"])
        self.assertEqual(got["multi"], {f"{self.here}/eicar.com": ["FOUND", FOUND]})
        self.assertEqual(got["contscan"], {f"{self.here}/eicar.com": ["FOUND", FOUND]})
        self.assertEqual(got["reload"], "RELOADING")
        self.assertEqual(got["stream_large"], "BufferTooLongError")

    def test_with_a_broken_backend_nothing_is_clean(self):
        self.serve_broken()
        got = self.run_client()
        self.assertEqual(got["stream_eicar"], {"stream": ["FOUND", FOUND]})
        self.assertEqual(got["stream_clean"]["stream"][0], "ERROR")
        self.assertEqual(got["file_clean"][f"{self.here}/clean.txt"][0], "ERROR")


if __name__ == "__main__":
    unittest.main()
