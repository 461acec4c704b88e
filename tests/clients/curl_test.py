#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""curl, as the pages of the documentation use it."""
import json
import subprocess
import unittest

from clients import MOST, PATIENCE, YARA, ClientCase


class Curl(ClientCase):
    def config(self):
        return f'[http]\nlisten = ["http.sock"]\nmax_artifact_bytes = {MOST}\n{YARA}'

    def curl(self, *arguments):
        """Status and body."""
        done = subprocess.run(["curl", "-sS", "--unix-socket", self.here / "http.sock", "-w", "\n%{http_code}", *arguments], cwd=self.here,
                              capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stderr)
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body

    def scan(self, name, *arguments):
        status, body = self.curl("--data-binary", f"@{name}", *arguments, "http://localhost/v1/scan")
        return status, json.loads(body)

    def test_a_body_is_judged(self):
        self.serve_well()
        status, report = self.scan("eicar.com")
        self.assertEqual((status, report["verdict"], report["name"]), (200, "malicious", "Eicar_Test"))
        status, report = self.scan("clean.txt")
        self.assertEqual((status, report["verdict"]), (200, "benign"))

    def test_several_files_of_a_form(self):
        self.serve_well()
        status, body = self.curl("-F", "a=@eicar.com", "-F", "b=@clean.txt", "http://localhost/v1/scan")
        self.assertEqual(status, 200)
        self.assertEqual([(r["artifact"]["name"], r["verdict"]) for r in json.loads(body)["reports"]],
                         [("eicar.com", "malicious"), ("clean.txt", "benign")])

    def test_what_is_sent_in_chunks(self):
        self.serve_well()
        with open(self.here / "eicar.com", "rb") as file:
            done = subprocess.run(["curl", "-sS", "--unix-socket", self.here / "http.sock", "-H", "Transfer-Encoding: chunked", "-T", "-",
                                   "-X", "POST", "http://localhost/v1/scan"], stdin=file, capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(json.loads(done.stdout)["verdict"], "malicious")

    def test_what_is_too_large_is_refused(self):
        self.serve_well()
        status, problem = self.scan("large.bin")
        self.assertEqual((status, problem["status"]), (413, 413))

    def test_with_a_broken_backend_nothing_is_benign(self):
        self.serve_broken()
        status, report = self.scan("clean.txt")
        self.assertEqual((status, report["verdict"]), (200, "unknown"))
        self.assertEqual(self.scan("eicar.com")[1]["verdict"], "malicious")

    def test_a_job_is_fetched_later(self):
        self.serve_well()
        status, job = self.scan("eicar.com", "-H", "Prefer: respond-async")
        self.assertEqual(status, 202)
        while job["state"] != "done":
            status, body = self.curl("http://localhost" + job["href"])
            self.assertEqual(status, 200)
            job = json.loads(body)
        self.assertEqual(job["reports"][0]["verdict"], "malicious")

    def test_tls_and_tokens(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                        self.here / "key.pem", "-out", self.here / "cert.pem", "-days", "2", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        (self.here / "key.pem").chmod(0o600)
        tokens = self.here / "tokens"
        tokens.touch(mode=0o600)
        tokens.write_text("a-token-for-mail-servers-1 scan mail\na-token-for-operators-123 admin,metrics ops\n")
        daemon = self.serve(f'[http]\nlisten = ["127.0.0.1:0"]\ntokens_file = "{tokens}"\ntls_certificate = "{self.here}/cert.pem"\n'
                            f'tls_key = "{self.here}/key.pem"\n{YARA}')
        address = daemon.events("listening")[0]["address"]

        def get(path, token=None, *more):
            authorization = ["-H", f"Authorization: Bearer {token}"] if token else []
            done = subprocess.run(["curl", "-sS", "--cacert", self.here / "cert.pem", "-o", "/dev/null", "-w", "%{http_code}", *authorization,
                                   *more, f"https://{address}{path}"], capture_output=True, text=True, timeout=PATIENCE)
            self.assertEqual(done.returncode, 0, done.stderr)
            return int(done.stdout)
        post = ["--data-binary", f"@{self.here}/eicar.com"]
        self.assertEqual(get("/healthz"), 200)
        self.assertEqual(get("/v1/scan", None, *post), 401)
        self.assertEqual(get("/v1/scan", "a-token-for-mail-servers-2", *post), 401)
        self.assertEqual(get("/v1/scan", "a-token-for-mail-servers-1", *post), 200)
        self.assertEqual(get("/v1/scan", "a-token-for-operators-123", *post), 403)
        self.assertEqual(get("/metrics", "a-token-for-mail-servers-1"), 403)
        self.assertEqual(get("/metrics", "a-token-for-operators-123"), 200)
        self.assertEqual(get("/v1/reload", "a-token-for-operators-123", "-X", "POST"), 200)
        self.assertNotIn("a-token-for", daemon.log_text())


if __name__ == "__main__":
    unittest.main()
