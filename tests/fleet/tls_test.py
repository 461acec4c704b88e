#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A broker that speaks TLS only and knows its users: who is let in, and who is told why not."""
import subprocess
import tempfile
import unittest
from pathlib import Path

from broker import Broker
from fleet import BAD, FRONT, YARA, Fleet

PASSWORD = "the-password-of-the-fleet"


def openssl(*words, folder):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def make_authority(folder, name):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem", folder=folder)


def make_certificate(folder, name, alternative, authority="ca"):
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}",
            "-keyout", f"{name}.key", "-out", f"{name}.csr", folder=folder)
    (folder / "extensions").write_text(f"subjectAltName = {alternative}\n")
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key", "-CAcreateserial",
            "-days", "2", "-extfile", "extensions", "-out", f"{name}.pem", folder=folder)


class Tls(Fleet):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="microengine-tls-")
        cls.addClassCleanup(folder.cleanup)
        cls.keys = Path(folder.name)
        make_authority(cls.keys, "ca")
        make_authority(cls.keys, "another")
        make_certificate(cls.keys, "broker", "DNS:localhost")
        make_certificate(cls.keys, "client", "DNS:worker")
        make_certificate(cls.keys, "stranger", "DNS:worker", authority="another")
        super().setUpClass()
        cls.broker.control("add_user", "fleet", PASSWORD)
        cls.broker.control("set_permissions", "fleet", ".*", ".*", ".*")
        cls.broker.control("delete_user", "guest")

    @classmethod
    def make_broker(cls, folder):
        return Broker(folder, tls=cls.keys)

    def queue(self, more="", password=PASSWORD, ca="ca", certificate="client", name="localhost"):
        secret = self.here / "credentials"
        secret.write_text(f"fleet:{password}\n")
        secret.chmod(0o600)
        (self.keys / f"{certificate}.key").chmod(0o600)
        text = super().queue(f'credentials_file = "{secret}"\nca_file = "{self.keys}/{ca}.pem"\n'
                             f'tls_certificate = "{self.keys}/{certificate}.pem"\ntls_key = "{self.keys}/{certificate}.key"\n{more}')
        return text.replace(self.broker.host, name)

    def why_not_ready(self, **queue):
        front = self.daemon("front", FRONT + self.queue(**queue), "serve", backends=YARA)
        self.wait(lambda: front.events("queue_unreachable"), front)
        self.assertEqual(front.request("GET", "/readyz")[0], 503)
        self.assertEqual(self.scan(front, BAD)[0], 503)
        self.assertEqual(front.stop(), 0)
        self.assertNotIn(queue.get("password", PASSWORD), front.log_text())
        return front.events("queue_unreachable")[0]["why"]

    def test_with_certificates_and_a_password_scans_go_to_a_worker(self):
        worker = self.worker()
        front = self.front()
        self.assertEqual(self.verdict(front, BAD), "malicious")
        self.assertEqual((front.stop(), worker.stop()), (0, 0))
        for daemon in front, worker:
            self.assertNotIn(PASSWORD, daemon.log_text())

    def test_a_broker_of_an_unknown_authority_is_not_believed(self):
        self.assertIn("signed by nobody whom queue.ca_file names", self.why_not_ready(ca="another"))

    def test_a_broker_under_another_name_is_not_believed(self):
        self.assertIn("not for the name '127.0.0.1'", self.why_not_ready(name="127.0.0.1"))

    def test_without_a_certificate_of_the_brokers_authority_nobody_is_let_in(self):
        self.assertTrue(self.why_not_ready(certificate="stranger"))

    def test_a_wrong_password_is_told_without_showing_it(self):
        self.assertRegex(self.why_not_ready(password="a-wrong-one"), "(?i)refused|access|credentials|password|login")


if __name__ == "__main__":
    unittest.main(verbosity=2)
