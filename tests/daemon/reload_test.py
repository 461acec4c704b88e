#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reloads: no scan is lost, a bad generation is refused, and what has not changed is shared."""
import signal
import threading
import unittest

from daemon import YARA, Case, puppet

WATCHING = "[serve]\nsettle_ms = 100\n"
NOT_WATCHING = "[serve]\nwatch = false\n"
OTHER = 'rule other_word { strings: $a = "another word" condition: $a }\n'


class Load:
    """Clients that scan without a pause, each answer checked."""

    def __init__(self, daemon, clients=3):
        self.wrong = []
        self.answers = 0
        self.ending = threading.Event()
        self.daemon = daemon
        self.threads = [threading.Thread(target=self.work, args=(i,)) for i in range(clients)]
        for thread in self.threads:
            thread.start()

    def work(self, client):
        turn = 0
        while not self.ending.is_set():
            turn += 1
            bad = turn % 2 == 0
            # Never twice the same: it is scanned, not remembered.
            data = f"{client} {turn} it says {'a bad word' if bad else 'nothing'}".encode()
            wanted = "stream: YARA.bad_word.UNOFFICIAL FOUND" if bad else "stream: OK"
            try:
                answer = self.daemon.instream(data)
            except OSError as error:
                answer = repr(error)
            if answer != wanted:
                self.wrong.append((data, answer))
            self.answers += 1

    def end(self):
        self.ending.set()
        for thread in self.threads:
            thread.join()
        return self.wrong


class Reloads(Case):
    def reloads(self, daemon):
        return [event for event in daemon.events() if event["event"] in ("reloaded", "reload_refused")]

    def reload(self, daemon):
        """By SIGHUP; the outcome."""
        before = len(self.reloads(daemon))
        daemon.signal(signal.SIGHUP)
        return self.next_reload(daemon, before)

    def assert_reloaded(self, daemon):
        outcome = self.reload(daemon)
        self.assertEqual(outcome["event"], "reloaded", outcome)

    def load(self, daemon):
        """It ends with the test, however that ends."""
        load = Load(daemon)
        self.addCleanup(load.end)
        return load

    def wait_for(self, daemon, holds):
        while not holds():
            self.assertIsNone(daemon.process.poll())
            daemon.command("PING")

    def next_reload(self, daemon, before):
        self.wait_for(daemon, lambda: len(self.reloads(daemon)) > before)
        return self.reloads(daemon)[before]

    def test_new_rules_are_seen_without_being_told(self):
        daemon = self.serve(WATCHING + self.CLAMD + YARA)
        self.assertEqual(daemon.instream(b"another word"), "stream: OK")
        before = len(self.reloads(daemon))
        (self.here / "rules/b.yar").write_text(OTHER)
        self.assertEqual(self.next_reload(daemon, before)["event"], "reloaded")
        self.assertEqual(daemon.instream(b"another word"), "stream: YARA.other_word.UNOFFICIAL FOUND")

    def test_a_hundred_reloads_under_load_lose_no_scan(self):
        daemon = self.serve(NOT_WATCHING + self.CLAMD + YARA)
        load = self.load(daemon)
        sizes = []
        for turn in range(100):
            (self.here / "rules/b.yar").write_text(OTHER.replace("other_word", f"other_{turn}"))
            self.assert_reloaded(daemon)
            if turn in (9, 99):
                sizes.append(daemon.resident_bytes())
        self.assertEqual(load.end(), [])
        self.assertGreater(load.answers, 100)
        self.assertLess(sizes[1], sizes[0] * 1.25 + (8 << 20), "memory does not grow with reloads")
        self.assertEqual(daemon.stop(), 0)

    def test_a_broken_rule_file_is_refused_and_the_old_rules_go_on(self):
        daemon = self.serve(NOT_WATCHING + self.CLAMD + YARA)
        load = self.load(daemon)
        (self.here / "rules/b.yar").write_text("rule broken { condition: }")
        refusal = self.reload(daemon)
        self.assertEqual(refusal["event"], "reload_refused")
        self.assertIn("b.yar:1: error: syntax error", refusal["why"])
        (self.here / "rules/b.yar").unlink()
        self.assert_reloaded(daemon)
        self.assertEqual(load.end(), [])

    def test_a_broken_configuration_is_refused_with_every_problem(self):
        daemon = self.serve(NOT_WATCHING + self.CLAMD + YARA)
        config = self.here / "microengine.toml"
        good = config.read_text()
        config.write_text(good.replace("watch", "watchs").replace('"yara"\nplugin', '"yara"\nplugins'))
        daemon.signal(signal.SIGHUP)
        # One line for each problem, one after the other.
        for suggestion in "did you mean 'watch'", "did you mean 'plugin'":
            self.wait_for(daemon, lambda word=suggestion: any(word in event["why"] for event in daemon.events("reload_refused")))
        self.assertEqual(daemon.instream(b"a bad word"), "stream: YARA.bad_word.UNOFFICIAL FOUND")
        config.write_text(good)
        daemon.signal(signal.SIGHUP)
        self.wait_for(daemon, lambda: daemon.events("reloaded"))

    def test_rules_that_accuse_everything_are_refused(self):
        daemon = self.serve(NOT_WATCHING + self.CLAMD + YARA)
        (self.here / "rules/b.yar").write_text("rule all_of_them { condition: true }")
        self.assertIn("accuses a harmless text, with all_of_them", self.reload(daemon)["why"])
        self.assertEqual(daemon.instream(b"nothing"), "stream: OK")

    def test_a_backend_that_has_not_changed_is_not_opened_again(self):
        daemon = self.serve(NOT_WATCHING + self.CLAMD + YARA)
        opened = len(daemon.events("backend_says"))
        self.assert_reloaded(daemon)
        self.assertEqual(len(daemon.events("backend_says")), opened)
        (self.here / "rules/b.yar").write_text(OTHER)
        self.reload(daemon)
        self.assertGreater(len(daemon.events("backend_says")), opened)

    def test_backends_come_and_go_with_the_configuration(self):
        daemon = self.serve(NOT_WATCHING + self.CLAMD + YARA)
        config = self.here / "microengine.toml"
        without = config.read_text()
        config.write_text(without + puppet("malicious", 'isolation = "in_process"\n'))
        self.assert_reloaded(daemon)
        self.assertEqual(daemon.instream(b"nothing"), "stream: puppet.Puppet.Malicious FOUND")
        config.write_text(without)
        self.assert_reloaded(daemon)
        self.assertEqual(daemon.instream(b"nothing"), "stream: OK")

    def test_in_process_backends_are_reloaded_too(self):
        config = self.CLAMD + YARA.replace('plugin = "yara"\n', 'plugin = "yara"\nisolation = "in_process"\n')
        daemon = self.serve(NOT_WATCHING + config)
        (self.here / "rules/b.yar").write_text(OTHER)
        self.assert_reloaded(daemon)
        self.assertEqual(daemon.instream(b"another word"), "stream: YARA.other_word.UNOFFICIAL FOUND")


class WithoutOverlap(Reloads):
    """Where there is no memory for two databases: scans wait instead."""
    CLAMD = 'reload_memory = "replace"\n' + Case.CLAMD   # the [serve] table is open above it

    def test_a_broken_rule_file_is_refused_and_the_old_rules_go_on(self):
        """They cannot: they had to go. What is not there is an error, never OK."""
        daemon = self.serve(NOT_WATCHING + self.CLAMD + YARA)
        (self.here / "rules/b.yar").write_text("rule broken { condition: }")
        self.assertEqual(self.reload(daemon)["event"], "reload_refused")
        answer = daemon.instream(b"nothing")
        self.assertTrue(answer.endswith("ERROR"), answer)
        (self.here / "rules/b.yar").unlink()
        self.assert_reloaded(daemon)
        self.assertEqual(daemon.instream(b"nothing"), "stream: OK")

    def test_rules_that_accuse_everything_are_refused(self):
        daemon = self.serve(NOT_WATCHING + self.CLAMD + YARA)
        (self.here / "rules/b.yar").write_text("rule all_of_them { condition: true }")
        self.assertIn("accuses a harmless text, with all_of_them", self.reload(daemon)["why"])
        answer = daemon.instream(b"nothing")
        self.assertTrue(answer.endswith("ERROR"), answer)


if __name__ == "__main__":
    unittest.main()
