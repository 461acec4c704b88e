#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Bounties in, replies out: each accepted one is answered exactly once, in time, whatever breaks.

    MICROENGINE_BOUNTIES   how many the test that kills the daemon posts; 40, and 1000 for a long run
"""
import json
import os
import random
import signal
import socket
import stat
import subprocess
import threading
import time
import unittest

from daemon import BIN, EICAR, PATIENCE, YARA, Case, UnixConnection, puppet
from marketplace import ACCEPTED, SECRET, Marketplace, Webhook, sign

BENIGN = b"it says nothing"
BAD = b"it says a bad word"
MIN, MAX = 62500000000000000, 10**18


class Bounties(Case):
    def setUp(self):
        super().setUp()
        self.market = Marketplace(PATIENCE)
        self.addCleanup(self.market.close)
        (self.here / "secret").write_text(SECRET + "\n")
        (self.here / "secret").chmod(0o600)
        self.webhook = Webhook(lambda: UnixConnection(self.here / "http.sock"))

    def config(self, more="", engine="", backends=YARA, serve=""):
        return ('[http]\nlisten = ["http.sock"]\n[serve]\nwatch = false\n' + serve +
                f'[polyswarm]\njournal = "journal.db"\nallow_hosts = ["127.0.0.1:{self.market.port}"]\n{more}\n'
                f'[[polyswarm.engine]]\nname = "mine"\nsecret_file = "secret"\n{engine}\n' + backends)

    def start(self, **settings):
        return self.serve(self.config(**settings))

    def accept(self, number, artifact=b"", **fields):
        status, body = self.webhook.post(self.market.bounty(number, artifact, **fields))
        self.assertEqual((status, body), (202, ACCEPTED))

    def assert_unknown(self, number, comment):
        reply = self.market.reply(number)
        self.assertEqual((reply["verdict"], reply["bid"], reply["metadata"]["malware_family"]), ("unknown", 0, ""))
        self.assertEqual(reply["metadata"]["comments"], [comment])

    def metric(self, daemon, name):
        _, _, text = daemon.request("GET", "/metrics")
        rows = [line.rsplit(" ", 1) for line in text.decode().splitlines() if line.startswith("microengine_" + name)]
        return sum(float(value) for key, value in rows if key.split("{")[0] == "microengine_" + name)

    def wait_until_closed(self, daemon, count):
        """Books are closed a moment after a reply was acknowledged."""
        until = time.monotonic() + PATIENCE
        while len(daemon.events("bounty_closed")) < count:
            self.assertLess(time.monotonic(), until, daemon.log_text()[-3000:])
            os.sched_yield()


class Verdicts(Bounties):
    def test_a_file_is_fetched_scanned_and_asserted_with_a_bid(self):
        self.start(engine='bid = "maximum"')
        self.accept(1, BAD)
        self.accept(2, BENIGN)
        bad, good = self.market.reply(1), self.market.reply(2)
        self.assertEqual((bad["verdict"], bad["bid"]), ("malicious", MAX))
        self.assertEqual(bad["metadata"]["malware_family"], "bad_word")
        self.assertEqual((good["verdict"], good["bid"]), ("benign", MAX))
        scanner = bad["metadata"]["scanner"]
        self.assertEqual(scanner["environment"], {"operating_system": "linux", "architecture": os.uname().machine})
        self.assertRegex(scanner["version"], r"^[0-9]+([.][0-9]+)*$")
        self.assertIn("yara ", scanner["vendor_version"])
        self.assertEqual(bad["metadata"]["backends"][0]["outcome"], "completed")

    def test_an_arbiter_is_sent_a_vote_without_a_bid(self):
        self.start()
        for number, phase in enumerate(["arbitration", "ARBITRATION_WINDOW", "vote", "Votes"], 1):
            self.accept(number, BAD, phase=phase)
            self.assertEqual(sorted(self.market.reply(number)), ["metadata", "verdict"])
            self.assertEqual(self.market.reply(number)["verdict"], "malicious")
        bounty = self.market.bounty(9, BAD)
        del bounty["phase"]
        bounty["response_url"] = self.market.url("/reply/9/votes/?nonce=x")
        self.assertEqual(self.webhook.post(bounty)[0], 202)
        self.assertNotIn("bid", self.market.reply(9))

    def test_a_backend_that_fails_is_never_benign_and_the_others_count(self):
        for number, does in enumerate(["fail", "throw", "crash", "wait"], 1):
            with self.subTest(does):
                backends = puppet(does, "timeout_ms = 500\n") + YARA
                daemon = self.serve(self.config(backends=backends).replace("journal.db", f"journal-{number}.db"))
                self.accept(10 * number, BAD)
                self.assertEqual(self.market.reply(10 * number)["verdict"], "malicious")
                daemon.close()
                alone = self.config(backends=puppet(does, "timeout_ms = 500\n"))
                daemon = self.serve(alone.replace("journal.db", f"journal-{number}.db"))
                self.accept(10 * number + 1, BENIGN)
                reply = self.market.reply(10 * number + 1)
                self.assertEqual((reply["verdict"], reply["bid"]), ("unknown", 0))
                daemon.close()

    def test_an_engine_can_have_backends_secret_and_path_of_its_own(self):
        (self.here / "other").write_text("another secret, of the other")
        (self.here / "other").chmod(0o600)
        more = ('backends = ["yara"]\n[[polyswarm.engine]]\nname = "other"\npath = "/other/engine"\n'
                'secret_file = "other"\nbackends = ["puppet"]\n')
        self.start(engine=more, backends=YARA + puppet("benign"))
        other = Webhook(self.webhook.connect, "/other/engine")
        self.accept(1, BAD)
        self.assertEqual(other.post(self.market.bounty(2, BAD))[0], 401)
        self.assertEqual(other.post(self.market.bounty(2, BAD), secret="another secret, of the other")[0], 202)
        self.assertEqual(self.market.reply(1)["verdict"], "malicious")
        reply = self.market.reply(2)
        self.assertEqual(reply["verdict"], "benign")
        self.assertEqual([row["name"] for row in reply["metadata"]["backends"]], ["puppet"])

    def test_a_url_is_judged_by_its_text_or_by_what_is_found_there(self):
        self.start(backends=puppet("malicious"))
        inline = self.market.bounty(1, None, artifact_type="url", artifact_uri="http://malware.example/landing")
        listed = self.market.bounty(2, b"# a list\nhttp://malware.example/landing\n", artifact_type="url",
                                    mimetype="text/uri-list")
        nothing = self.market.bounty(3, b"\x00\x01", artifact_type="url", mimetype="text/uri-list")
        for bounty in inline, listed, nothing:
            self.assertEqual(self.webhook.post(bounty)[0], 202)
        self.assertEqual(self.market.reply(1)["verdict"], "malicious")
        self.assertEqual(self.market.reply(2)["verdict"], "malicious")
        self.assert_unknown(3, "SKIPPED:CANNOT-FETCH")
        self.assertEqual(sorted(self.market.fetched), ["/artifact/2", "/artifact/3"])


class Misbehaving(Bounties):
    def test_an_artifact_that_cannot_be_had_is_unknown(self):
        self.start(more="max_artifact_bytes = 1000\nfetch_attempts = 2")

        def endless(handler):
            handler.send_response(200)
            handler.end_headers()
            try:
                while True:
                    handler.wfile.write(b"x" * 65536)
            except OSError:
                pass

        traps = [socket.create_server((host, 0)) for host in ("127.0.0.1", "127.0.0.2")]
        for trap in traps:
            trap.setblocking(False)
            self.addCleanup(trap.close)
        here, inside = (trap.getsockname()[1] for trap in traps)

        def redirected(handler):
            handler.answer(302, Location=f"http://127.0.0.2:{inside}/artifact/1")

        def unbounded(handler):
            handler.send_response(200)
            handler.end_headers()
            handler.wfile.write(BENIGN)
            handler.close_connection = True

        def compressed(handler):
            handler.answer(200, b"\x1f\x8b\x08\x00", Content_Encoding="gzip")

        def short(handler):
            handler.send_response(200)
            handler.send_header("Content-Length", "100")
            handler.end_headers()
            handler.wfile.write(b"x")
            handler.close_connection = True
        rows = {1: None, 2: b"x" * 1001, 3: endless, 4: redirected, 5: compressed, 6: short, 13: unbounded}
        for number, artifact in rows.items():
            self.accept(number, artifact)
        self.accept(7, BENIGN, sha256="0" * 64)
        self.accept(8, None, artifact_uri=f"http://127.0.0.1:{here}/private")
        self.accept(9, None, artifact_uri="http://169.254.169.254/latest/meta-data/")
        self.accept(10, None, artifact_uri=f"file://{self.here}/secret")
        self.accept(11, None, artifact_uri="gopher://example.org/")
        self.accept(12, None, artifact_uri="ipfs:QmWhatever")
        for number in range(1, 14):
            with self.subTest(number):
                self.assert_unknown(number, "SKIPPED:CANNOT-FETCH")
        for trap in traps:
            self.assertRaises(BlockingIOError, trap.accept)
        self.accept(20, BAD)
        self.assertEqual(self.market.reply(20)["verdict"], "malicious", "it goes on")

    def test_a_fetch_that_fails_once_is_tried_again(self):
        self.start()
        answers = [(500, b""), (200, BAD)]
        self.accept(1, lambda handler: handler.answer(*answers.pop(0)))
        self.assertEqual(self.market.reply(1)["verdict"], "malicious")

    def test_an_artifact_that_does_not_come_is_unknown_in_time(self):
        ended = threading.Event()
        self.addCleanup(ended.set)
        self.start()
        self.accept(1, lambda handler: ended.wait(PATIENCE), lasts=2)
        self.assert_unknown(1, "SKIPPED:CANNOT-FETCH")

    def test_backends_that_hang_are_unknown_in_time(self):
        daemon = self.start(backends=puppet("wait", "timeout_ms = 3600000\n"))
        for number in range(1, 9):
            self.accept(number, BENIGN, lasts=3)
        for number in range(1, 9):
            self.assert_unknown(number, "SKIPPED")
        self.wait_until_closed(daemon, 8)
        self.assertTrue(all(int(event["lead_ms"]) > 0 for event in daemon.events("bounty_closed")),
                        daemon.events("bounty_closed"))

    def test_what_has_expired_is_answered_once_and_at_once(self):
        daemon = self.start()
        self.accept(1, BAD, lasts=-1)
        self.assert_unknown(1, "SKIPPED")
        self.wait_until_closed(daemon, 1)
        self.assertEqual(len(self.market.replies[1]), 1)
        self.assertEqual(self.market.fetched, [])

    def test_a_reply_is_posted_again_with_the_same_bytes_until_it_is_taken(self):
        daemon = self.start()
        retried = {1: [500, 503], 2: ["cut"], 3: [(429, {"Retry_After": "1"})], 4: [408, 425]}
        final = {5: [400], 6: [404], 7: [(302, {"Location": "http://127.0.0.1:1/"})]}
        self.market.acknowledge = {**retried, **final, 8: [409]}
        attempts = {number: len(answers) + 1 for number, answers in retried.items()}
        attempts.update({5: 1, 6: 1, 7: 1, 8: 1})
        for number in attempts:
            self.accept(number, BAD)
        self.wait_until_closed(daemon, len(attempts))
        for number, count in attempts.items():
            with self.subTest(number):
                self.assertEqual(self.market.reply(number)["verdict"], "malicious")
                self.assertEqual(len(self.market.replies[number]), count)
        first, second = (when for when, _ in self.market.replies[3])
        self.assertGreaterEqual(second - first, 1, "as Retry-After wants it")
        results = sorted(event["result"] for event in daemon.events("bounty_closed"))
        self.assertEqual(results, ["delivered"] * 5 + ["refused"] * 3)

    def test_a_marketplace_that_stays_away_past_the_deadline_is_recorded(self):
        daemon = self.start()
        self.market.acknowledge = {1: [500] * 100}
        self.accept(1, BAD, lasts=2)
        self.wait_until_closed(daemon, 1)
        (closed,) = daemon.events("bounty_closed")
        self.assertEqual(closed["result"], "expired")
        self.assertEqual(self.market.reply(1)["verdict"], "malicious")

    def test_a_private_response_url_is_never_connected_to(self):
        daemon = self.start()
        with socket.socket() as trap:
            trap.bind(("127.0.0.1", 0))
            trap.listen()
            trap.settimeout(0)
            self.accept(1, BAD, response_url=f"http://127.0.0.1:{trap.getsockname()[1]}/reply/1?nonce=x")
            self.wait_until_closed(daemon, 1)
            self.assertRaises(BlockingIOError, trap.accept)
        self.assertEqual(daemon.events("bounty_closed")[0]["result"], "refused")

    def test_deliveries_of_one_bounty_are_one_bounty(self):
        daemon = self.start()
        bounty = self.market.bounty(1, BAD)
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(self.webhook.post(bounty))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(answers, [(202, ACCEPTED)] * 8)
        self.wait_until_closed(daemon, 1)
        self.assertEqual(self.webhook.post(bounty), (202, ACCEPTED))
        self.assertEqual(len(self.market.replies[1]), 1)
        self.assertEqual(self.metric(daemon, "polyswarm_duplicates_total"), 8)

    def test_what_is_forged_or_replayed_elsewhere_is_refused(self):
        daemon = self.start()
        bounty = self.market.bounty(1, BAD)
        self.assertEqual(self.webhook.post(bounty, secret="a guess")[0], 401)
        self.assertEqual(self.webhook.send("POST", b"{}", {"X-POLYSWARM-EVENT": "bounty"})[0], 400)
        self.assertEqual(self.webhook.post(bounty, event="party")[0], 400)
        body = b"{}"
        headers = {"Content-Type": "application/json", "X-POLYSWARM-EVENT": "bounty",
                   "X-POLYSWARM-SIGNATURE": sign(body)}
        self.assertEqual(self.webhook.send("POST", body, headers, "/")[0], 404)
        self.assertEqual(self.webhook.post(body)[0], 400)
        self.assertEqual(self.webhook.send("DELETE", b"", {})[0], 405)
        self.assertEqual(self.webhook.send("GET", None, {}), (200, b'{"status":"OK"}'))
        self.assertEqual(self.webhook.post(b"", event="ping"), (200, b'{"status":"OK"}'))
        self.assertEqual(self.market.replies, {})
        self.assertEqual(self.metric(daemon, "polyswarm_signature_failures_total"), 2)

    def test_over_max_pending_it_says_so_and_answers_what_it_took(self):
        hold = threading.Event()
        self.addCleanup(hold.set)

        def held(handler):
            hold.wait(PATIENCE)
            handler.answer(200, BENIGN)
        self.start(more="max_pending = 4")
        answers = [self.webhook.post(self.market.bounty(number, held)) for number in range(10)]
        self.assertEqual([status for status, _ in answers], [202] * 4 + [503] * 6)
        self.assertEqual(answers[9][1], b'{"error":"busy"}')
        hold.set()
        self.market.wait_for_replies(4)
        self.assertEqual(sorted(self.market.replies), [0, 1, 2, 3])


class Money(Bounties):
    def test_a_budget_is_kept_and_a_restart_forgets_nothing(self):
        settings = {"engine": 'bid = "maximum"\nbudget_per_day = "2.1 NCT"'}
        daemon = self.start(**settings)
        bids = []
        for number in range(1, 6):
            if number == 3:
                daemon.stop(signal.SIGKILL)
                daemon = self.start(**settings)
            self.accept(number, BAD)
            bids.append(self.market.reply(number)["bid"])
        self.assertEqual(bids, [MAX, MAX, MIN, 0, 0])
        self.assert_unknown(4, "SKIPPED")

    def test_filters_and_rates_keep_bounties_out_without_a_download(self):
        self.start(more='max_per_minute = 2', engine='[[polyswarm.filter]]\naction = "reject"\nkey = "mimetype"\n'
                                                     'op = "startswith"\nvalue = "video/"\n')
        self.accept(1, BAD, mimetype="video/mp4")
        self.assert_unknown(1, "SKIPPED")
        for number in range(2, 5):
            self.accept(number, BAD)
            self.market.reply(number)
        self.assertEqual(self.market.reply(3)["verdict"], "malicious")
        self.assert_unknown(4, "SKIPPED")
        self.assertEqual(self.market.fetched, ["/artifact/2", "/artifact/3"])

    def test_an_artifact_of_no_known_type_is_not_fetched(self):
        self.start()
        self.accept(1, BAD, artifact_type="banana")
        self.assert_unknown(1, "SKIPPED:TYPE-UNSUPPORTED")
        self.assertEqual(self.market.fetched, [])


class Guarantee(Bounties):
    def test_killed_at_any_moment_each_accepted_bounty_has_one_reply(self):
        count = int(os.environ.get("MICROENGINE_BOUNTIES", "40"))
        dice = random.Random(7)
        kills = 0
        accepted = set()
        daemon = self.start(engine='bid = "maximum"')
        numbers = iter(range(1, count + 1))
        number = next(numbers)
        while number is not None:
            burst = dice.randrange(1, max(2, count // 8))
            for _ in range(burst):
                try:
                    bounty = self.market.bounty(number, BAD if number % 2 else BENIGN, lasts=2 * PATIENCE)
                    if self.webhook.post(bounty)[0] == 202:
                        accepted.add(number)
                except OSError:
                    pass   # it died before it answered: perhaps accepted, perhaps not
                number = next(numbers, None)
                if number is None:
                    break
            if dice.random() < 0.5:   # while the last ones are in work, or once some are done
                self.market.wait_for_replies(dice.randrange(0, len(accepted) + 1))
            daemon.stop(signal.SIGKILL)
            kills += 1
            daemon = self.start(engine='bid = "maximum"')
        with self.market.changed:
            done = self.market.changed.wait_for(lambda: accepted <= set(self.market.replies), PATIENCE)
        self.assertTrue(done, f"no reply: {sorted(accepted - set(self.market.replies))}\n{daemon.log_text()[-3000:]}")
        for number in accepted:
            self.assertEqual(self.market.reply(number)["verdict"], "malicious" if number % 2 else "benign")
        self.assertGreater(len(accepted), count // 2)
        until = time.monotonic() + PATIENCE
        while self.metric(daemon, "polyswarm_pending") > 0:
            self.assertLess(time.monotonic(), until)
        self.assertEqual(daemon.stop(), 0)
        print(f"{count} bounties, {kills} kills: {len(accepted)} accepted, each answered once")

    def test_told_to_end_it_answers_everything_it_took(self):
        ended = threading.Event()
        self.addCleanup(ended.set)
        daemon = self.start(serve="drain_timeout_ms = 300\n")
        for number in range(1, 5):
            self.accept(number, lambda handler: ended.wait(PATIENCE))
        self.accept(5, BAD)
        self.market.reply(5)
        daemon.signal(signal.SIGTERM)
        self.market.wait_for_replies(5)
        for number in range(1, 5):
            self.assert_unknown(number, "SKIPPED")
        self.assertEqual(daemon.stop(0), 0)

    def test_told_to_keep_them_the_next_start_takes_them_up(self):
        ended = threading.Event()
        self.addCleanup(ended.set)
        settings = {"more": 'on_stop = "keep"', "serve": "drain_timeout_ms = 300\n"}
        daemon = self.start(**settings)
        self.accept(1, lambda handler: ended.wait(PATIENCE))
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(self.market.replies, {})
        listed = subprocess.run([BIN / "microengine", "bounties", "--owed", "--config", self.here / "microengine.toml"],
                                capture_output=True, text=True, check=True).stdout.splitlines()
        self.assertEqual([len(listed), listed[1].split()[-1]], [2, "accepted"])
        self.market.artifacts["/artifact/1"] = BAD
        self.start(**settings)
        self.assertEqual(self.market.reply(1)["verdict"], "malicious")

    def test_what_was_being_scanned_is_kept_too(self):
        settings = {"more": 'on_stop = "keep"', "serve": "drain_timeout_ms = 300\n",
                    "backends": puppet("wait", "timeout_ms = 3600000\n")}
        daemon = self.start(**settings)
        self.accept(1, BAD, lasts=4 * PATIENCE)
        until = time.monotonic() + PATIENCE
        while self.metric(daemon, "scans_running") == 0:
            self.assertLess(time.monotonic(), until)
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(self.market.replies, {})
        self.start(more=settings["more"])
        self.assertEqual(self.market.reply(1)["verdict"], "malicious")

    def test_a_start_that_fails_leaves_what_is_owed_to_the_next(self):
        daemon = self.start()
        hold = threading.Event()
        self.addCleanup(hold.set)
        self.accept(1, lambda handler: hold.wait(PATIENCE), lasts=4 * PATIENCE)
        daemon.stop(signal.SIGKILL)
        self.market.artifacts["/artifact/1"] = BAD
        failed = self.serve(self.config().replace('["http.sock"]', f'["{self.here}/nowhere/http.sock"]'), ready=False)
        self.assertNotEqual(failed.process.wait(PATIENCE), 0)
        self.assertEqual(self.market.replies, {})
        self.start()
        self.assertEqual(self.market.reply(1)["verdict"], "malicious")

    def test_no_secret_and_no_nonce_is_ever_logged(self):
        daemon = self.start()
        self.market.acknowledge = {2: [(500, {"echo": True})], 3: [(400, {"echo": True})]}
        bodies = []
        for number in range(1, 5):
            body = json.dumps(self.market.bounty(number, BAD if number < 4 else None)).encode()
            bodies.append(body)
            self.assertEqual(self.webhook.post(body)[0], 202)
        self.wait_until_closed(daemon, 4)
        self.assertEqual(daemon.stop(), 0)
        log = daemon.log_text()
        self.assertNotIn(SECRET, log)
        self.assertNotIn("nonce-", log)
        for body in bodies:
            self.assertNotIn(sign(body), log)
        self.assertIn("?redacted", log)
        self.assertEqual(stat.S_IMODE((self.here / "journal.db").stat().st_mode), 0o600)

    def test_the_books_balance(self):
        daemon = self.start()
        self.market.acknowledge = {2: [400]}
        for number in range(1, 6):
            self.accept(number, BAD)
        self.wait_until_closed(daemon, 5)
        until = time.monotonic() + PATIENCE
        while self.metric(daemon, "polyswarm_pending") > 0:
            self.assertLess(time.monotonic(), until)
        self.assertEqual(self.metric(daemon, "polyswarm_bounties_total"), 5)
        self.assertEqual(self.metric(daemon, "polyswarm_replies_total"), 5)


class Starting(Bounties):
    def assert_refused(self, config, *words):
        daemon = self.serve(config, ready=False)
        self.assertEqual(daemon.process.wait(PATIENCE), 78)
        for word in words:
            self.assertIn(word, daemon.log_text())
        daemon.close()

    def test_without_a_usable_secret_it_does_not_start(self):
        config = self.config()
        for text in "", "\n":
            (self.here / "secret").write_text(text)
            self.assert_refused(config, "secret")
        (self.here / "secret").unlink()
        self.assert_refused(config, "secret")
        self.assert_refused(config.replace('secret_file = "secret"', ""),
                            "set secret_file or MICROENGINE_POLYSWARM_SECRET")

    def test_a_journal_that_is_none_is_not_touched(self):
        (self.here / "journal.db").write_text("something else, and precious" * 100)
        self.assert_refused(self.config(), "journal.db", "move it away")
        self.assertIn("precious", (self.here / "journal.db").read_text())

    def test_two_daemons_cannot_share_a_journal(self):
        self.start()
        self.assert_refused(self.config().replace("http.sock", f"{self.here}/http2.sock"), "in use by another process")

    def test_secrets_are_changed_by_a_reload(self):
        (self.here / "previous").write_text(SECRET)
        (self.here / "previous").chmod(0o600)
        (self.here / "secret").write_text("the new webhook secret")
        daemon = self.start(engine='previous_secret_file = "previous"')
        self.assertEqual(self.webhook.post(b"", event="ping")[0], 200)
        self.assertEqual(self.webhook.post(b"", event="ping", secret="the new webhook secret")[0], 200)
        self.assertEqual(self.metric(daemon, "polyswarm_previous_secret_total"), 1)
        (self.here / "previous").write_text("\n")
        self.assertEqual(daemon.request("POST", "/v1/reload")[0], 200)
        self.assertEqual(self.webhook.post(b"", event="ping")[0], 401)
        (self.here / "secret").write_text("")
        self.assertEqual(daemon.request("POST", "/v1/reload")[0], 409)
        self.assertEqual(self.webhook.post(b"", event="ping", secret="the new webhook secret")[0], 200)

    def test_eicar_as_the_tutorials_have_it(self):
        self.start(backends='[[backend]]\nname = "eicar"\nplugin = "eicar"\n')
        self.accept(1, EICAR)
        reply = self.market.reply(1)
        self.assertEqual((reply["verdict"], reply["metadata"]["malware_family"]), ("malicious", "EICAR"))
        self.assertTrue(MIN <= reply["bid"] <= MAX)


if __name__ == "__main__":
    unittest.main()
