#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Clients that mean harm, or do it: whatever they do, memory is bounded, no slot is stuck, and who asks well is answered."""
import random
import resource
import struct
import unittest

from daemon import PATIENCE, YARA, Case, chunk, read_to_end

CLIENTS = 1000
MANY = "max_connections = 1200\n"
TIMEOUTS = """
command_timeout_ms = 2000
read_timeout_ms = 2000
send_timeout_ms = 2000
linger_ms = 200
"""


def raise_descriptor_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))


class Clamd(Case):
    def serve_many(self, more=""):
        raise_descriptor_limit()
        return self.serve(self.CLAMD + MANY + more + YARA)

    def serve_impatient(self):
        return self.serve_many(TIMEOUTS)

    def assert_well(self, daemon):
        self.assertEqual(daemon.instream(b"it says a bad word"), "stream: YARA.bad_word.UNOFFICIAL FOUND")
        self.assertEqual(daemon.instream(b"it says nothing"), "stream: OK")

    def test_a_thousand_connections_at_once_are_all_answered(self):
        raise_descriptor_limit()
        daemon = self.serve("[serve]\nqueue_jobs = 4000\n" + self.CLAMD + MANY + YARA)   # of one user alone half
        clients = [daemon.connect() for _ in range(CLIENTS)]
        for number, client in enumerate(clients):
            client.sendall(b"zINSTREAM\0" + chunk(b"%d says a bad word" % number if number % 2 else b"%d" % number) + chunk(b""))
        for number, client in enumerate(clients):
            wanted = b"stream: YARA.bad_word.UNOFFICIAL FOUND\0" if number % 2 else b"stream: OK\0"
            self.assertEqual(read_to_end(client), wanted)
            client.close()

    def test_slow_senders_keep_nobody_out_and_are_ended(self):
        daemon = self.serve_impatient()
        before = daemon.resident_bytes()
        slow = []
        for _ in range(CLIENTS):
            slow.append(daemon.connect())
            slow[-1].sendall(b"zINSTREAM\0" + struct.pack("!I", 1000) + b"x")   # and then nothing
        self.assert_well(daemon)
        self.assertLess(daemon.resident_bytes() - before, 100 << 20)
        for client in slow:
            self.assertEqual(read_to_end(client), b"COMMAND READ TIMED OUT\n")
            client.close()

    def test_slow_commands_are_ended(self):
        daemon = self.serve_impatient()
        slow = []
        for number in range(100):
            slow.append(daemon.connect())
            slow[-1].sendall(b"zPIN"[:number % 5])
        self.assert_well(daemon)
        for client in slow:
            self.assertEqual(read_to_end(client), b"COMMAND READ TIMED OUT\n")
            client.close()

    def test_clients_that_vanish_give_back_what_they_had(self):
        daemon = self.serve_impatient()
        before = daemon.resident_bytes()
        megabyte = bytes(1 << 20)
        for turn in range(200):
            client = daemon.connect()
            client.sendall(b"zINSTREAM\0" + chunk(megabyte))
            if turn % 2:   # a reset instead of an end
                client.setsockopt(1, 13, struct.pack("ii", 1, 0))
            client.close()
        self.assert_well(daemon)
        self.assertLess(daemon.resident_bytes() - before, 64 << 20)
        self.assertEqual(daemon.events("clamd_connection_failed"), [])

    def test_half_closed_clients_get_their_answer(self):
        daemon = self.serve_many()
        for _ in range(50):
            with daemon.connect() as client:
                client.sendall(b"zINSTREAM\0" + chunk(b"a bad word") + chunk(b""))
                client.shutdown(1)
                self.assertEqual(read_to_end(client), b"stream: YARA.bad_word.UNOFFICIAL FOUND\0")

    def test_garbage_harms_nobody(self):
        daemon = self.serve_impatient()
        dice = random.Random(1)
        for _ in range(500):
            with daemon.connect() as client:
                word = dice.choice([b"", b"z", b"n", b"zINSTREAM\0", b"nIDSESSION\n", b"zFILDES\0", b"zSCAN "])
                try:
                    client.sendall(word + dice.randbytes(dice.choice([1, 10, 3000])))
                    client.shutdown(1)
                    self.assertLess(len(read_to_end(client)), 100_000)
                except (BrokenPipeError, ConnectionResetError):
                    pass
        self.assert_well(daemon)

    def test_what_is_too_large_is_refused_before_it_is_kept(self):
        daemon = self.serve(self.CLAMD + "max_artifact_bytes = 1048576\noversize_linger_ms = 2000\n" + YARA)
        before = daemon.resident_bytes()
        with daemon.connect() as client:
            client.sendall(b"zINSTREAM\0" + struct.pack("!I", 0xFFFFFFFF))
            self.assertEqual(read_to_end(client), b"INSTREAM size limit exceeded. ERROR\0")
        self.assertLess(daemon.resident_bytes() - before, 32 << 20)
        self.assert_well(daemon)

    def test_a_reader_that_takes_no_answer_is_ended(self):
        daemon = self.serve_impatient()
        with daemon.connect() as client:
            client.sendall(b"zIDSESSION\0")
            client.settimeout(PATIENCE)
            with self.assertRaises((BrokenPipeError, ConnectionResetError)):
                while True:
                    client.sendall(b"zVERSIONCOMMANDS\0" * 1000)
        self.assert_well(daemon)

    def test_under_all_of_it_at_once_good_clients_are_served(self):
        daemon = self.serve_impatient()

        def harm(dice):
            with daemon.connect() as client:
                client.sendall(dice.choice([b"z", b"zINSTREAM\0" + struct.pack("!I", 5000) + b"x", dice.randbytes(50),
                                            b"zINSTREAM\0" + chunk(dice.randbytes(100_000)), b"zIDSESSION\0zPING\0"]))
        self.serve_good_ones_beside(daemon, harm)


if __name__ == "__main__":
    unittest.main()
