#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""clamscan, the npm package that web applications check uploads with. Installed into a folder of the test's own."""
import json
import os
import subprocess
import unittest
from pathlib import Path

from clients import FOUND, PATIENCE, ClientCase

VERSION = "2.4.0"
PROGRAM = """
const NodeClam = require('clamscan'), fs = require('fs'), here = process.argv[1];
const tried = (promise) => promise.catch((error) => ({ failed: String(error.message || error) }));
(async () => {
  const clam = await new NodeClam().init({ preference: 'clamdscan', clamscan: { active: false },
    clamdscan: { socket: here + '/clamd.sock', localFallback: false, timeout: 20000 } });
  const stream = (name) => tried(clam.scanStream(fs.createReadStream(here + '/' + name)));
  const file = (name) => tried(clam.isInfected(here + '/' + name));
  console.log(JSON.stringify({
    version: await tried(clam.getVersion()), ping: (await tried(clam.ping())) ? 'pong' : '',
    streamEicar: await stream('eicar.com'), streamClean: await stream('clean.txt'), streamLarge: await stream('large.bin'),
    fileEicar: await file('eicar.com'), fileClean: await file('clean.txt') }));
  process.exit(0);
})();
"""


class NpmClamscan(ClientCase):
    def run_client(self):
        folder = Path(os.environ.get("CLIENTS_NODE", "/tmp/microengine-clients-node"))
        if not (folder / "node_modules/clamscan").exists():
            subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, f"clamscan@{VERSION}"], check=True,
                           timeout=300)
        done = subprocess.run(["node", "-e", PROGRAM, str(self.here)], capture_output=True, text=True, timeout=PATIENCE,
                              env={**os.environ, "NODE_PATH": str(folder / "node_modules")})
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_streams_and_files(self):
        self.serve_well()
        got = self.run_client()
        self.assertTrue(got["version"].startswith("ClamAV 1."), got)
        self.assertEqual(got["ping"], "pong")
        self.assertEqual((got["streamEicar"]["isInfected"], got["streamEicar"]["viruses"]), (True, [FOUND]))
        self.assertEqual(got["streamClean"]["isInfected"], False)
        self.assertIn("failed", got["streamLarge"])
        self.assertEqual((got["fileEicar"]["isInfected"], got["fileEicar"]["viruses"]), (True, [FOUND]))
        self.assertEqual(got["fileClean"]["isInfected"], False)

    def test_with_a_broken_backend_nothing_is_clean(self):
        self.serve_broken()
        got = self.run_client()
        self.assertEqual(got["streamEicar"]["isInfected"], True)
        self.assertNotEqual(got["streamClean"].get("isInfected", "failed"), False, got["streamClean"])
        self.assertNotEqual(got["fileClean"].get("isInfected", "failed"), False, got["fileClean"])


if __name__ == "__main__":
    unittest.main()
