#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The marketplace on a fleet: each accepted bounty is answered once, whichever of the front, the workers and the broker ends.

    MICROENGINE_BOUNTIES   how many are posted; 60, and 1000 for a long run
"""
import os
import random
import signal
import unittest

from fleet import BAD, BENIGN, PATIENCE, Fleet, UnixConnection
from marketplace import SECRET, Marketplace, Webhook

BOUNTIES = int(os.environ.get("MICROENGINE_BOUNTIES", "60"))


class Bounties(Fleet):
    def setUp(self):
        super().setUp()
        self.market = Marketplace(10 * PATIENCE)
        self.addCleanup(self.market.close)
        here = self.here / "front"
        here.mkdir()
        (here / "secret").write_text(SECRET + "\n")
        (here / "secret").chmod(0o600)
        self.webhook = Webhook(lambda: UnixConnection(here / "http.sock"))

    def config(self):
        return ('[http]\nlisten = ["{here}/http.sock"]\n[polyswarm]\njournal = "journal.db"\n'
                f'allow_hosts = ["127.0.0.1:{self.market.port}"]\n[[polyswarm.engine]]\nname = "mine"\nsecret_file = "secret"\n')

    def start_worker(self, name):
        return self.daemon(name, self.queue(), "worker", ["--http", "{here}/http.sock"])

    def start_front(self):
        return self.daemon("front", self.config() + "[serve]\nwatch = false\n" + self.queue(), "serve")

    def post(self, number):
        try:
            bounty = self.market.bounty(number, BAD if number % 2 else BENIGN, lasts=8 * PATIENCE)
            return self.webhook.post(bounty)[0]
        except OSError:
            return 0   # it died before it answered: perhaps accepted, perhaps not

    def test_a_webhook_without_a_broker_refuses_and_takes_again(self):
        front = self.front(config=self.config())
        self.broker.stop()
        try:
            self.wait(lambda: self.post(1) == 503, front)
        finally:
            self.broker.start()
        self.start_worker("worker")
        self.wait(lambda: self.post(2) == 202, front)
        self.assertEqual(self.market.reply(2)["verdict"], "benign")

    def test_whatever_ends_each_accepted_bounty_has_one_reply(self):
        dice = random.Random(5)
        front = self.front(config=self.config())
        workers = [self.start_worker(f"worker{i}") for i in range(2)]
        ended = {"front": 0, "worker": 0, "broker": 0}
        accepted = set()
        number = 0
        while number < BOUNTIES:
            for _ in range(dice.randrange(1, max(2, BOUNTIES // 8))):
                number += 1
                if self.post(number) == 202:
                    accepted.add(number)
            if dice.random() < 0.5:   # while the last ones are in work, or once some are done
                self.market.wait_for_replies(dice.randrange(0, len(accepted) + 1))
            what = "broker" if number * 3 > BOUNTIES * (ended["broker"] + 1) else dice.choice(["front", "worker"])
            ended[what] += 1
            if what == "broker":
                self.broker.restart()
            elif what == "front":
                front.stop(signal.SIGKILL)
                front = self.start_front()
            else:
                which = dice.randrange(2)
                workers[which].stop(signal.SIGKILL)
                workers[which] = self.start_worker(f"worker{which}")
            self.wait_until_connected(front)
        with self.market.changed:
            done = self.market.changed.wait_for(lambda: accepted <= set(self.market.replies), 4 * PATIENCE)
        self.assertTrue(done, f"no reply: {sorted(accepted - set(self.market.replies))}\n{front.log_text()[-3000:]}")
        for number in accepted:
            self.assertEqual(self.market.reply(number)["verdict"], "malicious" if number % 2 else "benign")
        self.assertGreater(len(accepted), BOUNTIES // 2)
        self.wait(lambda: self.metric(front, "polyswarm_pending") == 0, front)
        self.assertEqual(front.stop(), 0)
        print(f"{BOUNTIES} bounties; the front was killed {ended['front']} times, a worker {ended['worker']}, the broker restarted "
              f"{ended['broker']}: {len(accepted)} accepted, each answered once")


if __name__ == "__main__":
    unittest.main(verbosity=2)
