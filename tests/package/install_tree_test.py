#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An installation, used from elsewhere: it scans, and can be staged and moved.

    install_tree_test.py BUILD
"""
import json
import re
import sys
import tempfile
import unittest
from pathlib import Path

from installing import BUILD, EICAR, ROOT, Case, call, install

PLUGINS = sorted(file.stem for file in (BUILD / "plugins").glob("*.so"))


class Installed(Case):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.here = Path(folder.name).resolve()
        cls.prefix = cls.here / "prefix"
        cls.program = cls.prefix / "bin/microengine"
        install(cls.prefix)
        (cls.here / "home").mkdir()
        (cls.here / "eicar.com").write_bytes(EICAR)
        (cls.here / "letter.txt").write_text("an ordinary letter\n")
        cls.config = cls.prefix / "share/microengine/microengine.toml"

    def microengine(self, *arguments, expected=0, program=None):
        return call(program or self.program, *arguments, cwd=self.here, expected=expected, HOME=str(self.here / "home"))

    def scan(self, *arguments, program=None):
        """Of both artifacts each backend must say the right thing."""
        out = self.microengine("scan", "--format", "json", *arguments, "eicar.com", "letter.txt", expected=1, program=program)
        reports = {report["artifact"]["name"]: report for report in json.loads(out)}
        self.assertEqual(reports["eicar.com"]["verdict"], "malicious")
        self.assertEqual(reports["letter.txt"]["verdict"], "benign")
        said = {name: {row["backend"]: row["verdict"] for row in report["results"]} for name, report in reports.items()}
        for backend in ("eicar", "yara", "clamav"):
            self.assertEqual(said["eicar.com"][backend], "malicious", backend)
            self.assertEqual(said["letter.txt"][backend], "unknown" if backend == "eicar" else "benign", backend)

    def test_it_scans_isolated_with_its_own_configuration(self):
        # Where the machine has one in /etc, that comes first.
        named = ["--config", self.config] if Path("/etc/microengine/microengine.toml").exists() else []
        self.scan(*named)

    def test_it_scans_in_process(self):
        config = self.config.with_name("in_process.toml")
        text = self.config.read_text()
        config.write_text(re.sub(r'^(plugin = .*|isolation = "process".*)$',
                                 lambda line: line[0].replace('"process"', '"in_process"') if "isolation" in line[0]
                                 else line[0] + ("" if "eicar" in line[0] else '\nisolation = "in_process"'), text, flags=re.M))
        self.assertEqual(config.read_text().count('\nisolation = "in_process"'), text.count("\n[[backend]]"))
        self.scan("--config", config)

    def test_it_lists_its_plugins(self):
        listed = json.loads(self.microengine("plugin", "list", "--json"))
        self.assertEqual(sorted(Path(plugin["file"]).stem for plugin in listed), PLUGINS)
        self.assertLessEqual({"clamav", "command", "eicar", "yara"}, set(PLUGINS))
        for plugin in listed:
            self.assertEqual(Path(plugin["file"]).parent, self.prefix / "lib/microengine/plugins")

    def test_nothing_in_it_names_the_build(self):
        for file in self.prefix.rglob("*"):
            if file.is_file() and file.suffix not in (".so", "") and file.suffix != ".gz":
                self.assertNotIn(str(BUILD).encode(), file.read_bytes(), file)
        for binary in [self.program, *self.prefix.glob("lib*/microengine/**/*.so"), self.prefix / "libexec/microengine/microengine-backend"]:
            self.assertNotRegex(call("readelf", "-d", binary), "RPATH|RUNPATH")

    def test_pages_and_completions(self):
        self.assertIn("_microengine", (self.prefix / "share/zsh/site-functions/_microengine").read_text())
        call("bash", "-n", self.prefix / "share/bash-completion/completions/microengine")
        self.assertIn("complete -c microengine", (self.prefix / "share/fish/vendor_completions.d/microengine.fish").read_text())
        self.assertTrue((self.prefix / "share/doc/microengine/docs/configuration.md").exists())
        units = {unit.name for unit in (ROOT / "config/systemd").iterdir() if unit.suffix in (".service", ".socket")}
        installed = self.prefix / "lib/systemd/system"
        self.assertEqual({unit.name for unit in installed.iterdir()}, units)
        for service in installed.glob("*.service"):
            self.assertIn(f"\nExecStart={self.prefix}/bin/microengine ", service.read_text(), service)

    def test_it_can_be_moved(self):
        moved = self.here / "elsewhere"
        self.prefix.rename(moved)
        self.addCleanup(moved.rename, self.prefix)
        config = moved / "share/microengine/microengine.toml"
        self.scan("--config", config, program=moved / "bin/microengine")

    def test_a_folder_called_plugins_beside_it_changes_nothing(self):
        (self.prefix / "plugins").mkdir()
        self.addCleanup((self.prefix / "plugins").rmdir)
        self.assertEqual(len(json.loads(self.microengine("plugin", "list", "--json"))), len(PLUGINS))


class Staged(Case):
    """DESTDIR and the prefix /usr, as packagers install."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.stage = Path(folder.name).resolve()
        cls.config = cls.stage / "etc/microengine/microengine.toml"
        install("/usr", "--component", "host", destdir=cls.stage)
        cls.after_the_host_alone = {file.name for file in cls.stage.rglob("*")}
        cls.text = cls.config.read_text()

    def setUp(self):
        self.config.write_text(self.text)

    def states(self):
        """{backend: state} of the installed program."""
        out = call(self.stage / "usr/bin/microengine", "backends", "--json", "--config", self.config, HOME=str(self.stage))
        return {row["name"]: row["state"] for row in json.loads(out)["backends"]}

    def test_the_host_alone_has_a_configuration_without_clamav(self):
        self.assertFalse({"include", "clamav.so"} & self.after_the_host_alone)
        before = self.states()
        self.assertNotIn("clamav", before)
        self.assertEqual(set(before.values()), {"ready"})
        # The lines of ClamAV, as they say themselves how to use them.
        install("/usr", "--component", "clamav", destdir=self.stage)
        head, rest = self.text.split("take away the # before these lines.\n")
        lines, gap, after = rest.partition("\n\n")
        lines = re.sub("^# ", "", lines, flags=re.M).replace('"/usr/share', f'"{self.stage}/usr/share')
        self.config.write_text(f"{head}\n{lines}{gap}{after}")
        self.assertEqual({**before, "clamav": "ready"}, self.states())

    def test_a_changed_configuration_stays(self):
        self.config.write_text("# mine\n")
        self.assertIn(f"Kept: {self.config}", install("/usr", "--component", "host", destdir=self.stage))
        self.assertEqual(self.config.read_text(), "# mine\n")

    def test_the_list_of_what_was_installed_is_whole(self):
        self.config.unlink()
        install("/usr", "--component", "host", destdir=self.stage)
        listed = (BUILD / "install_manifest_host.txt").read_text().splitlines()
        for file in ("/etc/microengine/microengine.toml", "/usr/bin/microengine", "/usr/lib/systemd/system/microengine.service",
                     "/usr/share/microengine/microengine.toml"):
            self.assertIn(file, listed)

    def test_files_of_the_packages(self):
        for component, package in (("host", "microengine"), ("clamav", "microengine-plugin-clamav"), ("sdk", "microengine-sdk")):
            install("/usr", "--component", component, destdir=self.stage)
            for name in ("copyright", "changelog.Debian.gz"):
                self.assertTrue((self.stage / "usr/share/doc" / package / name).exists(), f"{package}: {name}")
        listed = (ROOT / "packaging/debian/microengine/conffiles").read_text().split()
        there = ["/" + str(file.relative_to(self.stage)) for file in (self.stage / "etc").rglob("*") if file.is_file()]
        self.assertEqual(sorted(listed), sorted(there))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
