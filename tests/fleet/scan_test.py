#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Scans that go through a broker to workers and back: what is asked, what is answered, and what is refused."""
import hashlib
import queue
import signal
import threading
import unittest

import pika
from fleet import BAD, BENIGN, FRONT, PATIENCE, YARA, Fleet, json, puppet


def url_of(broker):
    return pika.ConnectionParameters("127.0.0.1", broker.port)


class Scans(Fleet):
    def test_a_scan_goes_to_a_worker_and_its_report_comes_back(self):
        worker = self.worker()
        front = self.front()
        for artifact, verdict in (BAD, "malicious"), (BENIGN, "benign"), (b"", "benign"):
            status, _, report = self.scan(front, artifact, "?name=letter.txt")
            self.assertEqual((status, report["verdict"]), (200, verdict), report)
            self.assertEqual(report["artifact"]["name"], "letter.txt")
            self.assertEqual(report["artifact"]["sha256"], hashlib.sha256(artifact).hexdigest())
            self.assertRegex(report["engine"]["fingerprint"], "^[0-9a-f]{16}$")
            self.assertEqual(report["results"][0]["backend"], "yara")
            self.assertTrue(report["results"][0]["signatures"]["version"])
        self.assertEqual(front.instream(BAD), "stream: YARA.bad_word.UNOFFICIAL FOUND")
        self.assertEqual(front.instream(BENIGN), "stream: OK")
        # The front has not opened the backend: it has no helper, the worker has.
        self.assertEqual(len(worker.events("scan")), 5)
        self.wait(lambda: set(self.broker_depths().values()) == {0}, front)
        self.assertEqual((front.stop(), worker.stop()), (0, 0))

    def broker_depths(self):
        return {name: depth for name, depth in self.broker.depths().items() if name.startswith(self.prefix + ".")}

    def test_a_large_artifact_travels_through_the_shared_folder_and_leaves_it(self):
        shared = f'artifact_dir = "{self.here}/shared"\ninline_bytes = 1000'
        self.worker(shared)
        front = self.front(shared)
        self.assertEqual(self.verdict(front, BAD * 1000), "malicious")
        self.assertEqual(self.verdict(front, BENIGN * 1000), "benign")
        self.assertEqual(list((self.here / "shared").iterdir()), [])

    def test_what_cannot_be_sent_is_unknown_and_says_why(self):
        self.worker()
        front = self.front("inline_bytes = 1000")
        _, _, report = self.scan(front, BAD * 1000)
        self.assertEqual(report["verdict"], "unknown")
        self.assertIn("queue.artifact_dir", report["artifact"]["error"])
        self.assertIn("ERROR", front.instream(BAD * 1000))

    def test_without_a_worker_a_job_is_answered_unknown_in_time(self):
        front = self.front("job_timeout_ms = 1000")
        _, _, report = self.scan(front, BAD)
        self.assertEqual(report["verdict"], "unknown")
        self.assertIn("no worker has answered in time", report["artifact"]["error"])
        self.assertEqual(report["results"][0]["reason"], "no_time")

    def test_without_a_worker_who_waits_does_not_wait_long_and_the_operator_is_told(self):
        front = self.front("interactive_wait_ms = 500")
        _, _, report = self.scan(front, BAD, "?timeout_ms=500")
        self.assertEqual(report["verdict"], "unknown")
        self.assertIn("no worker has answered in time", report["artifact"]["error"])
        self.wait(lambda: front.events("no_workers"), front)
        self.worker()
        self.wait(lambda: self.metric(front, "queue_workers") == 1, front)

    def test_other_limits_than_those_of_a_queue_that_is_there_are_explained(self):
        self.front()
        other = self.daemon("other", FRONT + self.queue("max_jobs = 7"), "serve")
        self.wait(lambda: other.events("queue_unreachable"), other)
        self.assertIn("queue.max_jobs and queue.delivery_limit are the broker's once", other.events("queue_unreachable")[0]["why"])

    def test_a_full_queue_is_a_503_and_a_clamd_error_and_never_silence(self):
        front = self.front("max_jobs = 1\njob_timeout_ms = 20000")
        ids = []
        status = 202
        for number in range(50):   # without a worker: they stay
            status, headers, answer = self.scan_later(front, BENIGN + str(number).encode())
            if status != 202:
                break
            ids.append(answer["id"])
        # What was promised waits; who comes then is told.
        def refused():
            status, headers, problem = self.scan(front, BAD)
            return status == 503 and headers["Retry-After"] and problem["type"].endswith("queue_full")
        self.wait(refused, front)
        self.assertIn("Queue full", front.instream(BAD))
        self.worker("max_jobs = 1")
        for job in ids:
            self.wait(lambda job=job: self.state_of(front, job)["state"] == "done", front)
            self.assertEqual([report["verdict"] for report in self.state_of(front, job)["reports"]], ["benign"])
        self.wait(lambda: self.scan(front, BAD)[0] == 200, front)

    def scan_later(self, daemon, artifact):
        status, headers, body = daemon.request("POST", "/v1/scan", artifact, {"Prefer": "respond-async"})
        return status, headers, json.loads(body)

    def state_of(self, daemon, job):
        return json.loads(daemon.request("GET", "/v1/jobs/" + job)[2])

    def test_a_worker_with_fewer_backends_is_not_believed(self):
        self.worker()
        front = self.front(backends=YARA + puppet("benign"))
        _, _, report = self.scan(front, BENIGN)
        self.assertEqual(report["verdict"], "unknown", report)
        self.assertIn("it says nothing of backend 'puppet'", report["artifact"]["error"])
        self.assertIn("ERROR", front.instream(BENIGN))

    def test_the_verdict_is_of_the_machine_that_was_asked_and_not_of_the_worker(self):
        """Its lists, its combiner, its policies: a worker says what each backend said."""
        digest = self.here / "allowed"
        digest.write_text(hashlib.sha256(BAD).hexdigest() + "\n")
        self.worker(config=f'[trusted]\nallow = ["{digest}"]\n')
        front = self.front()
        _, _, report = self.scan(front, BAD)
        self.assertEqual(report["results"][0]["verdict"], "malicious")
        self.assertEqual(report["verdict"], "malicious", report)
        lenient = self.front(name="lenient", config=FRONT + f'[trusted]\nallow = ["{digest}"]\n')
        self.assertEqual(self.verdict(lenient, BAD), "benign")

    def test_a_job_that_comes_again_to_another_worker_is_answered_from_the_cache_that_they_share(self):
        cache = self.here / "cache"
        cache.mkdir(mode=0o700)
        rules = self.here / "common"
        rules.mkdir()
        (rules / "a.yar").write_text('rule bad_word { strings: $a = "a bad word" condition: $a }')
        backends = YARA.replace('"rules"', f'"{rules}"')   # the same settings: one backend to the cache
        shared = f'[cache]\npersistent = true\ndirectory = "{cache}"\n'
        front = self.front(backends=backends)
        first = self.worker(config=shared, name="first", backends=backends)
        _, _, report = self.scan(front, BAD)
        self.assertNotIn("cached", report["results"][0])
        first.stop()
        self.worker(config=shared, name="second", backends=backends)
        _, _, report = self.scan(front, BAD)
        self.assertEqual((report["verdict"], report["results"][0].get("cached")), ("malicious", True), report)

    def test_a_worker_without_its_shared_folder_takes_no_jobs(self):
        folder = self.here / "mount"
        folder.mkdir()
        shared = f'artifact_dir = "{folder}"\ninline_bytes = 1000'
        worker = self.worker(shared)
        folder.rename(self.here / "away")
        front = self.front(shared.replace(str(folder), f"{self.here}/away"))
        answer = queue.SimpleQueue()
        thread = threading.Thread(target=lambda: answer.put(self.verdict(front, BAD * 1000)))
        thread.start()
        self.wait(lambda: worker.request("GET", "/readyz")[0] == 503, worker)
        self.assertIn(b"queue.artifact_dir cannot be read", worker.request("GET", "/readyz")[2])
        (self.here / "away").rename(folder)
        (self.here / "away").symlink_to(folder)
        self.assertEqual(answer.get(timeout=PATIENCE), "malicious")
        thread.join()

    def test_a_queue_that_is_deleted_under_a_worker_is_made_again_and_served(self):
        worker = self.worker()
        front = self.front()
        self.broker.control("delete_queue", f"{self.prefix}.jobs.interactive")
        results = [name for name in self.broker.depths() if name.startswith(self.prefix + ".results.")]
        self.broker.control("delete_queue", results[0])
        self.wait(lambda: worker.events("queue_unreachable") and front.events("queue_unreachable"), front)
        self.wait_until_connected(worker)
        self.wait_until_connected(front)
        self.assertEqual(self.verdict(front, BAD), "malicious")

    def test_a_broker_without_memory_keeps_nobody_waiting_and_loses_nothing(self):
        worker = self.worker()
        front = self.front("job_timeout_ms = 3000")
        self.assertEqual(self.verdict(front, BAD), "malicious")
        self.broker.control("set_vm_memory_high_watermark", "absolute", "1")
        try:
            def blocked():
                status, _, report = self.scan(front, BENIGN)
                self.assertIn(status, (200, 503), report)
                return self.metric(front, "queue_blocked") == 1
            self.wait(blocked, front)
            self.assertEqual(self.scan(front, BENIGN)[0], 503)
            self.assertIn("ERROR", front.instream(BENIGN))
        finally:
            self.broker.control("set_vm_memory_high_watermark", "0.4")
        self.wait(lambda: self.scan(front, BAD)[2].get("verdict") == "malicious", front)
        self.assertEqual((front.events("queue_unreachable"), worker.events("queue_unreachable")), ([], []))
        self.assertEqual(self.metric(worker, "queue_dead_letters_total"), 0)

    def test_a_front_without_a_broker_is_not_ready_and_refuses(self):
        front = self.front()
        self.broker.stop()
        try:
            self.wait(lambda: front.request("GET", "/readyz")[0] == 503, front)
            self.assertIn(b"queue", front.request("GET", "/readyz")[2])
            self.assertEqual(self.scan(front, BAD)[0], 503)
        finally:
            self.broker.start()
        self.worker()
        self.wait_until_connected(front)
        self.assertEqual(self.verdict(front, BAD), "malicious")


class Publishers(Fleet):
    """Jobs of other programs, and what forged ones come to."""

    def setUp(self):
        super().setUp()
        self.connection = pika.BlockingConnection(url_of(self.broker))
        self.addCleanup(self.connection.close)
        self.channel = self.connection.channel()
        self.answers = self.channel.queue_declare("", exclusive=True).method.queue

    def publish(self, job, queue="interactive", reply_to=None):
        body = job if isinstance(job, bytes) else json.dumps(job).encode()
        self.channel.basic_publish("", f"{self.prefix}.jobs.{queue}", body,
                                   pika.BasicProperties(reply_to=reply_to or self.answers, message_id="m"))

    def answer(self):
        for _, _, body in self.channel.consume(self.answers, auto_ack=True, inactivity_timeout=PATIENCE):
            self.assertIsNotNone(body, "no answer")
            return json.loads(body)
        return None

    def job(self, artifact, **more):
        import base64
        return {"schema": "microengine.job/1", "id": "j1", "class": "interactive",
                "artifact": {"name": "a", "type": "file", "size": len(artifact),
                             "bytes": base64.b64encode(artifact).decode()}, **more}

    def test_any_program_may_publish_a_job(self):
        self.worker()
        self.publish(self.job(BAD))
        result = self.answer()
        self.assertEqual((result["schema"], result["id"], result["report"]["verdict"]),
                         ("microengine.result/1", "j1", "malicious"))

    def test_jobs_that_are_wrong_are_refused_with_a_reason(self):
        worker = self.worker()
        wrong = {"no JSON": b"{", "schema": {**self.job(BAD), "schema": "microengine.job/9"},
                 "class": {**self.job(BAD), "class": "urgent"},
                 "base64": {**self.job(BAD), "artifact": {"name": "", "type": "file", "size": 1, "bytes": "!"}},
                 "file": {**self.job(BAD), "artifact": {"name": "", "type": "file", "size": 1, "sha256": "0" * 64,
                                                        "file": "../../etc/passwd"}}}
        for name, job in wrong.items():
            with self.subTest(name):
                self.publish(job)
                result = self.answer()
                self.assertEqual(result["undone"], "refused", result)
        self.assertEqual(self.metric(worker, "scans_total"), 0)

    def test_a_message_that_is_too_large_is_refused_and_disturbs_nobody(self):
        worker = self.worker()
        front = self.front()
        self.publish(b"x" * (25 << 20))
        result = self.answer()
        self.assertEqual(result["undone"], "refused", result)
        self.assertIn("the message has 26214400 bytes, more than 25165824", result["message"])
        results = [name for name in self.broker.depths() if name.startswith(self.prefix + ".results.")]
        self.channel.basic_publish("", results[0], b"x" * (25 << 20))
        self.wait(lambda: self.metric(front, "queue_bad_results_total") == 1, front)
        self.assertEqual(self.verdict(front, BAD), "malicious")
        self.assertEqual((front.events("queue_unreachable"), worker.events("queue_unreachable")), ([], []))

    def test_an_artifact_that_is_not_what_the_job_names_is_not_judged(self):
        self.worker()
        job = self.job(BAD)
        job["artifact"]["sha256"] = hashlib.sha256(BENIGN).hexdigest()
        self.publish(job)
        report = self.answer()["report"]
        self.assertEqual(report["verdict"], "unknown")
        self.assertIn("not those that the job names", report["artifact"]["error"])

    def test_an_expired_job_and_one_for_other_signatures_are_answered(self):
        self.worker()
        self.publish(self.job(BAD, deadline_unix_ms=1))
        self.assertEqual(self.answer()["undone"], "expired")
        self.publish(self.job(BAD, deadline_unix_ms=253402300799999))   # the end of the year 9999
        self.assertEqual(self.answer()["report"]["verdict"], "malicious")
        self.publish(self.job(BAD, generation="0123456789abcdef"))
        result = self.answer()
        self.assertEqual(result["undone"], "generation")
        self.publish(self.job(BAD))
        generation = self.answer()["generation"]
        self.publish(self.job(BAD, generation=generation))
        self.assertEqual(self.answer()["report"]["verdict"], "malicious")

    def test_a_job_that_expires_in_the_queue_is_answered_by_the_next_worker(self):
        self.worker().stop()   # the queues are there, and nobody takes from them
        self.channel.basic_publish("", f"{self.prefix}.jobs.bulk", json.dumps(self.job(BAD)).encode(),
                                   pika.BasicProperties(reply_to=self.answers, message_id="j1", expiration="1"))
        self.worker(name="later")
        self.assertEqual((lambda r: (r["id"], r["undone"]))(self.answer()), ("j1", "expired"))

    def test_a_result_that_nobody_asked_for_changes_nothing(self):
        worker = self.worker()
        front = self.front()
        queues = [name for name in self.broker.depths() if name.startswith(self.prefix + ".results.")]
        self.assertEqual(len(queues), 1)
        forged = {"schema": "microengine.result/1", "id": "0" * 32, "undone": "lost", "message": "forged"}
        for body in b"{", json.dumps(forged).encode(), b"\xff" * 100:
            self.channel.basic_publish("", queues[0], body)
        self.assertEqual(self.verdict(front, BAD), "malicious")
        self.wait(lambda: self.metric(front, "queue_bad_results_total") == 2, front)
        self.assertEqual(self.metric(front, "queue_results_twice_total"), 1)
        self.assertEqual(self.metric(worker, "queue_deliveries_total"), 1)

    def test_a_report_about_another_artifact_is_not_believed(self):
        worker = self.worker()
        self.publish(self.job(BENIGN))
        benign = self.answer()
        self.assertEqual(worker.stop(), 0)
        front = self.front()

        def answer_wrongly(channel, method, properties, body):
            result = json.dumps({**benign, "id": json.loads(body)["id"]})
            channel.basic_publish("", properties.reply_to, result, pika.BasicProperties(message_id=properties.message_id))
            channel.basic_ack(method.delivery_tag)
            channel.stop_consuming()
        self.channel.basic_consume(f"{self.prefix}.jobs.interactive", answer_wrongly)
        reports = queue.SimpleQueue()
        thread = threading.Thread(target=lambda: reports.put(self.scan(front, BAD)[2]))
        thread.start()
        self.channel.start_consuming()
        report = reports.get(timeout=PATIENCE)
        thread.join()
        self.assertEqual(report["verdict"], "unknown", report)
        self.assertIn("it is about another artifact", report["artifact"]["error"])

    def test_answers_cannot_become_jobs(self):
        worker = self.worker()
        self.publish(self.job(BAD), reply_to=f"{self.prefix}.jobs.bulk")
        self.publish(self.job(BAD))
        self.answer()
        self.wait(lambda: {depth for name, depth in self.broker.depths().items() if name.startswith(self.prefix + ".jobs.")} == {0}, worker)
        self.assertEqual(self.metric(worker, "queue_deliveries_total"), 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
