#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Whatever ends, every job has one answer: workers killed, frozen and cut off, the broker restarted, artifacts that kill.

    MICROENGINE_JOBS   how many the test that kills workers sends; 120, and 10000 for a long run
"""
import http.client
import os
import queue
import random
import shutil
import signal
import subprocess
import threading
import time
import unittest

from fleet import BAD, BENIGN, PATIENCE, ZOO, Fleet, UnixConnection, json

JOBS = int(os.environ.get("MICROENGINE_JOBS", "120"))


class Sender:
    """Sends artifacts on several connections at once, and collects what each came to. Refused ones are sent again."""

    def __init__(self, front, jobs, threads=8):
        self.front = front
        self.jobs = queue.SimpleQueue()
        for number in range(jobs):
            self.jobs.put(number)
        self.answers = {}
        self.changed = threading.Condition()
        self.refused = 0
        self.threads = [threading.Thread(target=self.work) for _ in range(threads)]
        for thread in self.threads:
            thread.start()

    @staticmethod
    def artifact(number):
        return (BAD if number % 3 == 0 else BENIGN) + str(number).encode()

    def work(self):
        pause = threading.Event()
        while True:
            try:
                number = self.jobs.get_nowait()
            except queue.Empty:
                return
            status, report = self.send(number)
            while status != 200:
                self.refused += 1
                pause.wait(0.05)
                status, report = self.send(number)
            with self.changed:
                self.answers[number] = report
                self.changed.notify_all()

    def send(self, number):
        connection = UnixConnection(self.front.here / "http.sock")
        try:
            connection.request("POST", "/v1/scan", self.artifact(number), {})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            return 0, None
        finally:
            connection.close()

    def wait_for(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.answers) >= count, 10 * PATIENCE), len(self.answers)

    def join(self):
        for thread in self.threads:
            thread.join(10 * PATIENCE)
            assert not thread.is_alive()


class Losses(Fleet):
    def judge(self, sender, jobs):
        """Each answered once, and rightly."""
        self.assertEqual(sorted(sender.answers), list(range(jobs)))
        for number, report in sender.answers.items():
            self.assertEqual(report["verdict"], "malicious" if number % 3 == 0 else "benign", report)

    def shed(self, front):
        """Reports that said: come back later."""
        return self.metric(front, "queue_refused_total")

    def test_workers_killed_and_the_broker_restarted_lose_nothing(self):
        dice = random.Random(11)
        front = self.front()
        workers = [self.worker(name=f"worker{i}") for i in range(2)]
        sender = Sender(front, JOBS)
        kills, restarts = 0, 0
        done = 0
        while done < JOBS:
            done = min(JOBS, done + dice.randrange(1, max(2, min(JOBS // 8, 250))))
            sender.wait_for(done)
            if restarts < 2 and done > JOBS * (restarts + 1) // 3:
                restarts += 1
                self.broker.restart()
            which = dice.randrange(2)
            workers[which].stop(signal.SIGKILL)
            kills += 1
            workers[which] = self.daemon(f"worker{which}", self.queue(), "worker", ["--http", "{here}/http.sock"])
        sender.join()
        self.judge(sender, JOBS)
        self.wait_until_connected(front)
        # One report for each request: a second answer would be a second report.
        self.assertEqual(self.metric(front, "scans_total"), JOBS + self.shed(front))
        twice = self.metric(front, "queue_results_twice_total")
        print(f"{JOBS} jobs, {kills} workers killed, {restarts} restarts of the broker: each answered once; "
              f"{sender.refused} times told to come back, {twice:.0f} results came twice")

    def test_a_frozen_workers_jobs_go_to_another(self):
        took = self.time_until_another_answers(signal.SIGSTOP)
        print(f"a frozen worker's job was answered by another after {took:.1f} s, with a heartbeat of 2 s")

    def test_a_killed_workers_jobs_go_to_another(self):
        took = self.time_until_another_answers(signal.SIGKILL)
        print(f"a killed worker's job was answered by another after {took * 1000:.0f} ms")

    def time_until_another_answers(self, end):
        """From when a worker that has a job in hand gets this signal."""
        front = self.front()
        frozen = self.worker(name="frozen", backends=f'[[backend]]\nname = "p"\nplugin = "{ZOO}/puppet.so"\nsettings.does = "wait"\n')
        answer = queue.SimpleQueue()
        thread = threading.Thread(target=lambda: answer.put(self.scan(front, BAD)))
        thread.start()
        self.wait(lambda: self.metric(frozen, "queue_in_hand") == 1 or self.metric(frozen, "queue_deliveries_total") == 1, frozen)
        other = self.worker(name="other")
        began = time.monotonic()
        frozen.signal(end)
        status, _, report = answer.get(timeout=10 * PATIENCE)
        took = time.monotonic() - began
        thread.join()
        if end == signal.SIGSTOP:
            frozen.signal(signal.SIGCONT)
        self.assertEqual((status, report["verdict"]), (200, "malicious"))
        self.assertEqual(self.metric(other, "queue_redeliveries_total"), 1)
        return took

    def test_an_artifact_that_kills_workers_is_answered_and_the_others_are_judged(self):
        deadly = f'[[backend]]\nname = "p"\nplugin = "{ZOO}/puppet.so"\nisolation = "in_process"\n' \
                 'settings.does = "crash"\nsettings.marker = "deadly"\n'
        front = self.front(backends=deadly)
        ended = threading.Event()
        deaths = []

        def keep_alive(name):   # as a service manager does
            while not ended.is_set():
                worker = self.daemon(name, self.queue(), "worker", backends=deadly)
                while worker.process.poll() is None:
                    if ended.wait(0.02):
                        return
                deaths.append(worker.process.returncode)
        keepers = [threading.Thread(target=keep_alive, args=(f"worker{i}",)) for i in range(2)]
        for keeper in keepers:
            keeper.start()
        try:
            answer = queue.SimpleQueue()
            thread = threading.Thread(target=lambda: answer.put(self.scan(front, b"deadly")))
            thread.start()
            for number in range(20):
                self.assertEqual(self.verdict(front, BENIGN + str(number).encode()), "benign")
            status, _, report = answer.get(timeout=10 * PATIENCE)
            thread.join()
        finally:
            ended.set()
            for keeper in keepers:
                keeper.join()
        self.assertEqual((status, report["verdict"]), (200, "unknown"))
        self.assertIn("given up after 5 workers", report["artifact"]["error"])
        self.assertEqual(deaths, [-signal.SIGABRT] * 5)

    def test_told_to_end_a_worker_gives_back_what_it_has_not_judged(self):
        front = self.front()
        slow = f'[[backend]]\nname = "p"\nplugin = "{ZOO}/puppet.so"\nsettings.does = "wait"\n'
        worker = self.worker(backends=slow, config="[serve]\ndrain_timeout_ms = 100\n")
        answer = queue.SimpleQueue()
        thread = threading.Thread(target=lambda: answer.put(self.scan(front, BAD)))
        thread.start()
        self.wait(lambda: self.metric(worker, "queue_deliveries_total") == 1, worker)
        self.assertEqual(worker.stop(), 0)
        self.worker(name="next")
        status, _, report = answer.get(timeout=10 * PATIENCE)
        thread.join()
        self.assertEqual((status, report["verdict"]), (200, "malicious"))


def can_make_networks():
    space = f"mefleet-probe{os.getpid()}"
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    made = subprocess.run(["ip", "netns", "add", space], capture_output=True, check=False).returncode == 0
    return made and subprocess.run(["ip", "netns", "delete", space], capture_output=True, check=False).returncode == 0


@unittest.skipUnless(can_make_networks(), "only root, where the kernel lets it, can make a network of its own")
class Cut(Fleet):
    """A worker in a network namespace of its own, whose cable is pulled."""
    HOST = "0.0.0.0"

    def setUp(self):
        super().setUp()
        self.space = f"mefleet{os.getpid()}"
        self.ip("netns", "add", self.space)
        self.addCleanup(self.ip, "netns", "delete", self.space)   # and both ends of the cable with it
        self.ip("link", "add", "mefleet0", "type", "veth", "peer", "name", "mefleet1", "netns", self.space)
        self.ip("addr", "add", "10.213.7.1/24", "dev", "mefleet0")
        self.ip("link", "set", "mefleet0", "up")
        self.ip("-n", self.space, "addr", "add", "10.213.7.2/24", "dev", "mefleet1")
        self.ip("-n", self.space, "link", "set", "mefleet1", "up")

    def ip(self, *words):
        subprocess.run(["ip", *words], check=True)

    def test_the_jobs_of_a_worker_that_is_cut_off_go_to_another_and_it_comes_back(self):
        front = self.front()
        slow = f'[[backend]]\nname = "p"\nplugin = "{ZOO}/puppet.so"\nsettings.does = "wait"\n'
        config = self.queue().replace("0.0.0.0", "10.213.7.1")
        far = self.daemon("far", config, "worker", ["--http", "{here}/http.sock"], slow,
                          wrapper=("ip", "netns", "exec", self.space))
        self.wait_until_connected(far)
        answer = queue.SimpleQueue()
        thread = threading.Thread(target=lambda: answer.put(self.scan(front, BAD)))
        thread.start()
        self.wait(lambda: self.metric(far, "queue_deliveries_total") == 1, far)
        self.ip("link", "set", "mefleet0", "down")
        began = time.monotonic()
        self.worker(name="near")
        status, _, report = answer.get(timeout=10 * PATIENCE)
        took = time.monotonic() - began
        thread.join()
        self.assertEqual((status, report["verdict"]), (200, "malicious"))
        self.wait(lambda: far.request("GET", "/readyz")[0] == 503, far)
        self.ip("link", "set", "mefleet0", "up")
        self.wait_until_connected(far)
        print(f"a worker's job was answered by another {took:.1f} s after its cable was pulled, heartbeat 2 s")


if __name__ == "__main__":
    unittest.main(verbosity=2)
