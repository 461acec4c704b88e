#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The HTTP API of the real program: what it tells of itself, its end, and clients that mean harm."""
import hashlib
import json
import os
import random
import resource
import signal
import socket
import struct
import unittest

from daemon import PATIENCE, YARA, Case, puppet, read_to_end

CLIENTS = 1000
HTTP = '[http]\nlisten = ["http.sock"]\nmax_connections = 1200\n'
IMPATIENT = "header_timeout_ms = 2000\nbody_timeout_ms = 2000\nsend_timeout_ms = 2000\nkeep_alive_ms = 5000\n"


def post(body, *headers):
    head = ["POST /v1/scan HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}", *headers]
    return ("\r\n".join(head) + "\r\n\r\n").encode() + body


class HttpCase(Case):
    def serve_http(self, more=""):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
        return self.serve(HTTP + more + YARA)

    def connect(self, daemon):
        return daemon.connect("http.sock")

    def scan(self, daemon, body):
        status, _, answer = daemon.request("POST", "/v1/scan", body)
        self.assertEqual(status, 200)
        return json.loads(answer)["verdict"]

    def assert_well(self, daemon):
        self.assertEqual(self.scan(daemon, b"it says a bad word"), "malicious")
        self.assertEqual(self.scan(daemon, b"it says nothing"), "benign")


class Tells(HttpCase):
    def test_it_is_ready_and_says_what_it_has(self):
        daemon = self.serve_http()
        self.assertEqual(daemon.request("GET", "/healthz")[0], 200)
        self.assertEqual(daemon.request("GET", "/readyz")[0], 200)
        backends = json.loads(daemon.request("GET", "/v1/backends")[2])["backends"]
        self.assertEqual([(b["name"], b["state"]) for b in backends], [("yara", "ready")])

    def test_old_signatures_are_not_ready(self):

        os.utime(self.here / "rules/a.yar", (1_600_000_000, 1_600_000_000))
        daemon = self.serve("[serve]\nmax_signature_age_hours = 48\n" + HTTP + YARA)
        status, _, body = daemon.request("GET", "/readyz")
        self.assertEqual(status, 503)
        self.assertIn("hours old", body.decode())
        self.assertEqual(self.scan(daemon, b"a bad word"), "malicious", "but it scans")

    def test_a_reload_is_answered_with_its_outcome(self):
        daemon = self.serve_http()
        status, _, body = daemon.request("POST", "/v1/reload")
        self.assertEqual((status, json.loads(body)["replaced"]), (200, True))
        (self.here / "rules/b.yar").write_text("rule broken { condition: }")
        status, _, body = daemon.request("POST", "/v1/reload")
        self.assertEqual(status, 409)
        self.assertIn("b.yar:1: error: syntax error", json.dumps(json.loads(body)))

    def test_tokens_that_cannot_be_taken_refuse_the_reload(self):
        tokens = self.here / "tokens"
        tokens.touch(mode=0o600)
        tokens.write_text("a-token-for-operators-12345678901 scan,admin,metrics ops\n")
        daemon = self.serve_http(f'tokens_file = "{tokens}"\n')
        token = {"Authorization": "Bearer a-token-for-operators-12345678901"}
        self.assertEqual(daemon.request("POST", "/v1/reload", headers=token)[0], 200)
        tokens.write_text("short scan x\n")
        status, _, body = daemon.request("POST", "/v1/reload", headers=token)
        self.assertEqual(status, 409, body)
        metrics = daemon.request("GET", "/metrics", headers=token)[2].decode()
        self.assertIn("microengine_reload_last_refused 1\n", metrics)
        self.assertIn('microengine_reloads_total{result="refused"} 1\n', metrics)

    def test_what_was_scanned_is_counted_and_remembered(self):

        daemon = self.serve_http()
        self.scan(daemon, b"it says a bad word")
        metrics = daemon.request("GET", "/metrics")[2].decode()
        self.assertIn('microengine_scans_total{frontend="http",verdict="malicious"} 1\n', metrics)
        self.assertIn('microengine_http_requests_total{route="/v1/scan",status="200"} 1\n', metrics)
        digest = hashlib.sha256(b"it says a bad word").hexdigest()
        self.assertEqual(json.loads(daemon.request("GET", f"/v1/reports/{digest}")[2])["verdict"], "malicious")

    def test_a_full_queue_is_a_503_with_a_time_to_come_back(self):
        daemon = self.serve("[scan]\nworkers = 1\n[serve]\nqueue_jobs = 2\n" + HTTP + puppet("wait"))
        waiting = []
        for _ in range(8):
            client = self.connect(daemon)
            self.addCleanup(client.close)
            client.sendall(post(b"%d" % len(waiting)))
            waiting.append(client)
        refused = b""
        while b" 503 " not in refused:
            with self.connect(daemon) as client:
                client.settimeout(PATIENCE)
                client.sendall(post(b"one more", "Connection: close"))
                refused = read_to_end(client)
        self.assertIn(b"Retry-After: ", refused)
        self.assertIn(b"queue_full", refused)


class Ends(HttpCase):
    def wait_until_running(self, daemon):
        while b"microengine_scans_running 1\n" not in daemon.request("GET", "/metrics")[2]:
            self.assertIsNone(daemon.process.poll())

    def test_what_is_in_work_is_answered(self):
        daemon = self.serve(HTTP + YARA + puppet("wait", "timeout_ms = 1500\n"))
        client = self.connect(daemon)
        self.addCleanup(client.close)
        client.sendall(post(b"it says a bad word"))
        self.wait_until_running(daemon)
        daemon.signal(signal.SIGTERM)
        daemon.wait_for_manager("STOPPING=1")
        answer = read_to_end(client)
        self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), answer)
        self.assertIn(b'"verdict":"malicious"', answer)
        self.assertEqual(daemon.stop(0), 0)

    def test_after_the_drain_timeout_it_is_unknown(self):
        daemon = self.serve("[serve]\ndrain_timeout_ms = 200\n" + HTTP + puppet("wait"))
        client = self.connect(daemon)
        self.addCleanup(client.close)
        client.sendall(post(b"it says a bad word"))
        self.wait_until_running(daemon)
        daemon.signal(signal.SIGTERM)
        answer = read_to_end(client)
        self.assertNotIn(b'"verdict":"benign"', answer)
        self.assertTrue(b'"verdict":"unknown"' in answer or b" 503 " in answer, answer)
        self.assertEqual(daemon.stop(0), 0)


class Harm(HttpCase):
    def test_a_thousand_connections_at_once_are_all_answered(self):
        daemon = self.serve("[serve]\nqueue_jobs = 4000\n" + HTTP + YARA)   # of one client alone half
        clients = [self.connect(daemon) for _ in range(CLIENTS)]
        for number, client in enumerate(clients):
            client.sendall(post(b"%d says a bad word" % number if number % 2 else b"%d" % number, "Connection: close"))
        for number, client in enumerate(clients):
            answer = read_to_end(client)
            self.assertIn(b'"verdict":"malicious"' if number % 2 else b'"verdict":"benign"', answer)
            client.close()

    def test_slow_heads_and_bodies_keep_nobody_out_and_are_ended(self):
        daemon = self.serve_http(IMPATIENT)
        before = daemon.resident_bytes()
        slow = []
        for number in range(CLIENTS):
            whole = post(bytes(1000))
            slow.append(self.connect(daemon))
            slow[-1].sendall(whole[:20] if number % 2 else whole[:-500])
        self.assert_well(daemon)
        self.assertLess(daemon.resident_bytes() - before, 200 << 20)
        for client in slow:
            self.assertIn(read_to_end(client)[:13], (b"HTTP/1.1 408 ", b""))
            client.close()

    def test_clients_that_vanish_give_back_what_they_had(self):
        daemon = self.serve_http(IMPATIENT)
        before = daemon.resident_bytes()
        for turn in range(200):
            client = self.connect(daemon)
            client.sendall(post(bytes(2 << 20))[:1 << 20])
            if turn % 2:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
        self.assert_well(daemon)
        self.assertLess(daemon.resident_bytes() - before, 64 << 20)

    def test_half_closed_clients_get_their_answer(self):
        daemon = self.serve_http()
        with self.connect(daemon) as client:
            client.sendall(post(b"it says a bad word", "Connection: close"))
            client.shutdown(socket.SHUT_WR)
            self.assertIn(b'"verdict":"malicious"', read_to_end(client))

    def test_garbage_harms_nobody(self):
        daemon = self.serve_http(IMPATIENT)
        dice = random.Random(1)
        starts = [b"", b"GET ", b"POST /v1/scan HTTP/1.1\r\n", b"GET /v1/jobs/", b"POST /v1/scan HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
                  b"POST /v1/scan HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 999\r\n\r\n--b"]
        for _ in range(500):
            with self.connect(daemon) as client:
                try:
                    client.sendall(dice.choice(starts) + dice.randbytes(dice.choice([1, 10, 3000])))
                    client.shutdown(socket.SHUT_WR)
                    answer = read_to_end(client)
                    self.assertTrue(answer == b"" or answer.startswith(b"HTTP/1."), answer)
                    self.assertNotIn(b'"verdict":"benign"', answer)
                except (BrokenPipeError, ConnectionResetError):
                    pass
        self.assert_well(daemon)

    def test_heads_and_bodies_without_end_are_refused(self):
        daemon = self.serve_http("max_artifact_bytes = 1048576\n")
        before = daemon.resident_bytes()
        with self.connect(daemon) as client:
            client.sendall(b"GET /healthz HTTP/1.1\r\n")
            try:
                for _ in range(10_000):
                    client.sendall(b"X-More: " + bytes(1000).replace(b"\0", b"x") + b"\r\n")
            except (BrokenPipeError, ConnectionResetError):
                pass
            self.assertIn(b" 431 ", read_to_end(client))
        with self.connect(daemon) as client:
            client.sendall(b"POST /v1/scan HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
            try:
                for _ in range(10_000):
                    client.sendall(b"2000\r\n" + bytes(0x2000) + b"\r\n")
            except (BrokenPipeError, ConnectionResetError):
                pass
            self.assertIn(b" 413 ", read_to_end(client))
        self.assertLess(daemon.resident_bytes() - before, 32 << 20)
        self.assert_well(daemon)

    def test_under_all_of_it_at_once_good_clients_are_served(self):
        daemon = self.serve_http(IMPATIENT)

        def harm(dice):
            with self.connect(daemon) as client:
                client.sendall(dice.choice([b"GET", post(bytes(100_000))[:5000], dice.randbytes(50), post(dice.randbytes(100_000))]))
        self.serve_good_ones_beside(daemon, harm)


if __name__ == "__main__":
    unittest.main()
