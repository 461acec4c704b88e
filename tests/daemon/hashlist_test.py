#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lists of digests under a running daemon: a new list is taken without a lost scan, a bad one is refused."""
import hashlib
import os
import signal
import threading
import unittest

from daemon import Case

BACKEND = '[[backend]]\nname = "lists"\nplugin = "hashlist"\nsettings.block = ["block"]\nsettings.allow = ["allow"]\n'
BAD, LATER, GOOD = b"a bad one", b"bad from tomorrow on", b"a good one"


def line(data, name=""):
    return f"{hashlib.sha256(data).hexdigest()} {name}\n"


class Lists(Case):
    def setUp(self):
        super().setUp()
        self.write("block", line(BAD, "Bad.One"))
        self.write("allow", line(GOOD))

    def write(self, name, text):
        """As whoever updates a list should: a new file, renamed."""
        (self.here / f"{name}.tmp").write_text(text)
        os.rename(self.here / f"{name}.tmp", self.here / name)

    def wait_for(self, daemon, event, number=1):
        while len(daemon.events(event)) < number:
            self.assertIsNone(daemon.process.poll())
            daemon.command("PING")
        return daemon.events(event)[number - 1]

    def test_a_changed_list_is_taken_and_no_scan_is_lost(self):
        daemon = self.serve("[serve]\nsettle_ms = 100\n" + self.CLAMD + BACKEND)
        wrong, ending = [], threading.Event()

        def work():
            while not ending.is_set():
                answers = daemon.instream(BAD), daemon.instream(GOOD)
                if answers != ("stream: lists.Bad.One FOUND", "stream: OK"):
                    wrong.append(answers)
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            self.assertRegex(daemon.instream(LATER), "ERROR$", "on no list: unknown, which is never OK")
            for turn in range(1, 6):
                self.write("block", line(BAD, "Bad.One") + line(LATER, f"Turn.{turn}"))
                self.wait_for(daemon, "reloaded", turn)
                self.assertEqual(daemon.instream(LATER), f"stream: lists.Turn.{turn} FOUND")
        finally:
            ending.set()
            for thread in threads:
                thread.join()
        self.assertEqual(wrong, [])
        self.assertEqual(daemon.stop(), 0)

    def test_a_bad_list_is_refused_and_the_old_one_goes_on(self):
        daemon = self.serve("[serve]\nwatch = false\n" + self.CLAMD + BACKEND)
        self.write("block", line(LATER) + "nonsense\n")
        daemon.signal(signal.SIGHUP)
        refusal = self.wait_for(daemon, "reload_refused")
        self.assertIn('block:2: expected a digest, got "nonsense"', refusal["why"])
        self.assertEqual(daemon.instream(BAD), "stream: lists.Bad.One FOUND")
        self.write("block", line(LATER, "Bad.Two"))
        daemon.signal(signal.SIGHUP)
        self.wait_for(daemon, "reloaded")
        self.assertEqual(daemon.instream(LATER), "stream: lists.Bad.Two FOUND")


if __name__ == "__main__":
    unittest.main()
