#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A Prometheus server that scrapes, and its own check of how metrics are named."""
import json
import re
import subprocess
import unittest
import urllib.parse
import urllib.request

from pathlib import Path

from cicap_test import free_port
from clients import PATIENCE, YARA, ClientCase


class Prometheus(ClientCase):
    def serve_both(self):
        return self.serve(f'[clamd]\nlisten = ["clamd.sock"]\n[http]\nlisten = ["127.0.0.1:0"]\n{YARA}')

    def address_of(self, daemon):
        return next(event["address"] for event in daemon.events("listening") if event["frontend"] == "http")

    def test_promtool_has_nothing_to_say(self):
        daemon = self.serve_both()
        daemon.instream(b"x")
        with urllib.request.urlopen(f"http://{self.address_of(daemon)}/metrics", timeout=PATIENCE) as answer:
            text = answer.read()
        done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, b""))

    def test_what_is_scraped_can_be_asked_for(self):
        daemon = self.serve_both()
        for _ in range(3):
            daemon.instream((self.here / "eicar.com").read_bytes())
        port = free_port()
        (self.here / "prometheus.yml").write_text(
            f"global: {{scrape_interval: 1s}}\nscrape_configs:\n- job_name: microengine\n  static_configs:\n"
            f"  - targets: ['{self.address_of(daemon)}']\n")
        server = subprocess.Popen(["prometheus", f"--config.file={self.here}/prometheus.yml", f"--storage.tsdb.path={self.here}/data",
                                   f"--web.listen-address=127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)

        def ask(query):
            url = f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": query})
            try:
                with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
                    result = json.load(answer)["data"]["result"]
            except OSError:   # it is starting
                return None
            return result[0]["value"][1] if result else None
        query = 'microengine_scans_total{frontend="clamd",verdict="malicious"}'
        while (value := ask(query)) is None:
            self.assertIsNone(server.poll())
        self.assertEqual(value, "3")
        self.assertEqual(ask("up"), "1")
        self.assertEqual(ask('microengine_backend_state{backend="yara",state="ready"}'), "1")

    def test_every_query_of_the_dashboard_names_a_metric_that_there_is(self):


        root = Path(__file__).resolve().parents[2]
        dashboard = json.loads((root / "docs/grafana-dashboard.json").read_text())
        known = set(re.findall(r'(?:FamilySpec\{|gauge\(|counter\(|Numbers\(MetricType::\w+, )\s*"(\w+)"',
                               (root / "host/app/serve/metrics_registry.cpp").read_text() +
                               (root / "host/app/serve/live_metrics.cpp").read_text()))
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                for name in re.findall(r"\b(?:microengine|process)_\w+", target["expr"]):
                    plain = re.sub(r"_bucket$", "", name.removeprefix("microengine_"))
                    self.assertIn(plain, known, target["expr"])


if __name__ == "__main__":
    unittest.main()
