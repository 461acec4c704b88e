#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An installation, used from elsewhere: it scans, its SDK builds plugins, and it can be staged and moved.

    install_tree_test.py BUILD
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else ROOT / "build/dev"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
PLUGINS = sorted(file.stem for file in (BUILD / "plugins").glob("*.so"))


def call(*command, cwd=None, expected=0, **more):
    """Standard output; nothing of this test's environment but PATH goes along."""
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **more}
    done = subprocess.run([str(word) for word in command], cwd=cwd, env=env, capture_output=True, text=True, timeout=300)
    if done.returncode != expected:
        raise AssertionError(f"{command}: exit {done.returncode}, expected {expected}\n{done.stdout}{done.stderr}")
    return done.stdout


def install(prefix, *options, destdir=""):
    return call("cmake", "--install", BUILD, "--prefix", prefix, *options, DESTDIR=str(destdir))


def guide_plugin():
    """The plugin of the author's guide, as it stands there."""
    text = (ROOT / "docs/plugin-author-guide.md").read_text()
    return re.search(r"```cpp\n(#include <microengine/plugin.hpp>.*?)```", text, re.S)[1]


@unittest.skipUnless(os.access(BUILD, os.W_OK), "cmake --install keeps a list in the build, which belongs to somebody else")
class Case(unittest.TestCase):
    pass


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
        self.assertIn(f"ExecStart={self.prefix}/bin/microengine serve",
                      (self.prefix / "lib/systemd/system/microengine.service").read_text())

    def test_it_can_be_moved(self):
        moved = self.here / "elsewhere"
        shutil.copytree(self.prefix, moved)
        config = moved / "share/microengine/microengine.toml"
        self.scan("--config", config, program=moved / "bin/microengine")

    def test_a_folder_called_plugins_beside_it_changes_nothing(self):
        (self.prefix / "plugins").mkdir()
        self.addCleanup((self.prefix / "plugins").rmdir)
        self.assertEqual(len(json.loads(self.microengine("plugin", "list", "--json"))), len(PLUGINS))


class Staged(Case):
    """DESTDIR and the prefix /usr, as packagers install."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.stage = Path(folder.name).resolve()

    def states(self, config):
        """{backend: state} of the installed program."""
        out = call(self.stage / "usr/bin/microengine", "backends", "--json", "--config", config, HOME=str(self.stage))
        return {row["name"]: row["state"] for row in json.loads(out)["backends"]}

    def test_the_host_alone_has_a_configuration_without_clamav(self):
        install("/usr", "--component", "host", destdir=self.stage)
        self.assertFalse((self.stage / "usr/include").exists())
        self.assertFalse((self.stage / "usr/lib/microengine/plugins/clamav.so").exists())
        config = self.stage / "etc/microengine/microengine.toml"
        before = self.states(config)
        self.assertNotIn("clamav", before)
        self.assertEqual(set(before.values()), {"ready"})
        # The lines of ClamAV, as they say themselves how to use them.
        install("/usr", "--component", "clamav", destdir=self.stage)
        text = config.read_text()
        head, rest = text.split("take away the # before these lines.\n")
        lines, gap, after = rest.partition("\n\n")
        lines = re.sub("^# ", "", lines, flags=re.M).replace('"/usr/share', f'"{self.stage}/usr/share')
        config.write_text(f"{head}\n{lines}{gap}{after}")
        self.assertEqual({**before, "clamav": "ready"}, self.states(config))

    def test_a_changed_configuration_stays(self):
        install("/usr", "--component", "host", destdir=self.stage)
        config = self.stage / "etc/microengine/microengine.toml"
        config.write_text("# mine\n")
        self.assertIn(f"Kept: {config}", install("/usr", "--component", "host", destdir=self.stage))
        self.assertEqual(config.read_text(), "# mine\n")

    def test_the_list_of_what_was_installed_is_whole(self):
        install("/usr", destdir=self.stage)
        listed = set((BUILD / "install_manifest.txt").read_text().splitlines())
        there = {"/" + str(file.relative_to(self.stage)) for file in self.stage.rglob("*") if file.is_file()}
        self.assertEqual(listed, there)

    def test_files_of_the_packages(self):
        for component, package in (("host", "microengine"), ("clamav", "microengine-plugin-clamav"), ("sdk", "microengine-sdk")):
            install("/usr", "--component", component, destdir=self.stage)
            for name in ("copyright", "changelog.Debian.gz"):
                self.assertTrue((self.stage / "usr/share/doc" / package / name).exists(), f"{package}: {name}")
        listed = (ROOT / "packaging/debian/microengine/conffiles").read_text().split()
        there = ["/" + str(file.relative_to(self.stage)) for file in (self.stage / "etc").rglob("*") if file.is_file()]
        self.assertEqual(sorted(listed), sorted(there))


class Sdk(Case):
    """The SDK alone in one prefix, the program in another: plugins of somebody who has nothing else."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.here = Path(folder.name).resolve()
        cls.host, cls.sdk, cls.project = cls.here / "host", cls.here / "sdk", cls.here / "project"
        install(cls.host, "--component", "host")
        install(cls.sdk, "--component", "sdk")
        cls.program = cls.host / "bin/microengine"
        shutil.copytree(ROOT / "tests/package/plugin", cls.project)
        (cls.project / "my_engine.cpp").write_text(guide_plugin())
        shutil.copy(ROOT / "tests/abi/v1_0/plugin.c", cls.project / "c_engine.c")
        (cls.here / "eicar.com").write_bytes(EICAR)
        (cls.here / "letter.txt").write_text("an ordinary letter\n")

    def finds(self, folder):
        exported = {name: call("nm", "-D", "--defined-only", "--format=just-symbols", folder / f"{name}.so").split()
                    for name in ("my_engine", "c_engine")}
        self.assertEqual(exported, dict.fromkeys(exported, ["me_plugin_entry_v1"]))
        words = call(self.program, "scan", "--plugin", folder / "my_engine.so", "--set", 'words=["letter"]', self.here / "letter.txt",
                     expected=1, HOME=str(self.here))
        self.assertIn("Word.letter", words)
        eicar = call(self.program, "scan", "--plugin", folder / "c_engine.so", self.here / "eicar.com", expected=1, HOME=str(self.here))
        self.assertIn("Eicar", eicar)

    def with_cmake(self, name, *options):
        build = self.here / name
        call("cmake", "-G", "Ninja", "-S", self.project, "-B", build, f"-DCMAKE_PREFIX_PATH={self.sdk}", *options)
        call("cmake", "--build", build)
        return build

    def test_cmake(self):
        build = self.with_cmake("cmake", f"-DMICROENGINE_PROGRAM={self.program}")
        self.finds(build)
        # Who installs into the prefix of the program gives it a name that configurations can use.
        call("cmake", "--install", build, "--prefix", self.host)
        self.assertIn("my_engine", call(self.program, "plugin", "list", HOME=str(self.here)))
        tests = re.findall(r"Test +#\d+: (\S+)", call("ctest", "--test-dir", build, "-N"))
        if (self.host / "libexec/microengine/microengine-check").exists():
            self.assertEqual(tests, ["my_engine/check", "c_engine/check"])
            call("ctest", "--test-dir", build, "--output-on-failure", HOME=str(self.here))
        else:
            self.assertEqual(tests, [])

    def test_the_check_is_a_test_where_there_is_one(self):
        host = self.here / "with_check"
        (host / "libexec/microengine").mkdir(parents=True)
        (host / "bin").mkdir()
        (host / "libexec/microengine/microengine-check").touch()
        program = host / "bin/microengine"
        program.write_text(f'#!/bin/sh\necho "$@" >>{self.here}/asked\n')
        program.chmod(0o755)
        build = self.with_cmake("checked", f"-DMICROENGINE_PROGRAM={program}")
        call("ctest", "--test-dir", build)
        self.assertEqual((self.here / "asked").read_text().splitlines(),
                         [f"plugin check --set words=letter {build}/my_engine.so", f"plugin check {build}/c_engine.so"])

    def test_another_major_is_refused(self):
        text = (self.project / "CMakeLists.txt").read_text()
        other = self.here / "major2"
        other.mkdir()
        (other / "CMakeLists.txt").write_text(text.replace("microengine-sdk 1 CONFIG", "microengine-sdk 2 CONFIG"))
        call("cmake", "-G", "Ninja", "-S", other, "-B", other / "build", f"-DCMAKE_PREFIX_PATH={self.sdk}", expected=1)

    def flags(self, *options):
        return call("pkg-config", *options, "microengine-sdk", PKG_CONFIG_PATH=f"{self.sdk}/share/pkgconfig").split()

    def test_pkg_config(self):
        out = self.here / "pkg-config"
        out.mkdir()
        flags = self.flags("--cflags", "--libs")
        flags += ["-O2", "-fPIC", "-fvisibility=hidden"]
        call("g++", "-fno-gnu-unique", *flags, self.project / "my_engine.cpp", "-o", out / "my_engine.so")
        call("gcc", *flags, self.project / "c_engine.c", "-o", out / "c_engine.so")
        self.finds(out)
        self.assertEqual(self.flags("--modversion"), ["1.0"])

    def test_the_compiler_alone(self):
        """The command of the guide, with the folders of an installation."""
        out = self.here / "plain"
        out.mkdir()
        [script] = self.flags("--variable=version_script")
        flags = ["-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-I", self.sdk / "include", f"-Wl,--version-script={script}",
                 "-Wl,-z,defs,-z,relro,-z,now,-z,noexecstack"]
        call("g++", "-std=c++17", "-fno-gnu-unique", *flags, self.project / "my_engine.cpp", "-o", out / "my_engine.so")
        call("gcc", *flags, self.project / "c_engine.c", "-o", out / "c_engine.so")
        self.finds(out)

    def test_a_project_in_c_alone(self):
        alone = self.here / "c_alone"
        alone.mkdir()
        shutil.copy(self.project / "c_engine.c", alone)
        (alone / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.25)\nproject(c LANGUAGES C)\n"
                                              "find_package(microengine-sdk 1 CONFIG REQUIRED)\n"
                                              "microengine_add_plugin(c_engine c_engine.c)\n")
        call("cmake", "-G", "Ninja", "-S", alone, "-B", alone / "build", f"-DCMAKE_PREFIX_PATH={self.sdk}")
        call("cmake", "--build", alone / "build")
        self.assertTrue((alone / "build/c_engine.so").exists())

    def test_a_checkout_in_the_place_of_the_sdk(self):
        """The lines of the guide for it. What the author installs is not the SDK."""
        [lines] = re.findall(r"^(set\(MICROENGINE .*?^include\([^\n]*\n)", (ROOT / "docs/plugin-author-guide.md").read_text(), re.M | re.S)
        text = (self.project / "CMakeLists.txt").read_text()
        project = self.here / "checkout"
        shutil.copytree(self.project, project)
        (project / "CMakeLists.txt").write_text(text.replace("find_package(microengine-sdk 1 CONFIG REQUIRED)", lines))
        call("cmake", "-G", "Ninja", "-S", project, "-B", project / "build", f"-DMICROENGINE={ROOT}", "-DMICROENGINE_PLUGIN_CHECK=OFF")
        call("cmake", "--build", project / "build")
        self.finds(project / "build")
        call("cmake", "--install", project / "build", "--prefix", project / "prefix")
        self.assertEqual(sorted(file.name for file in (project / "prefix").rglob("*") if file.is_file()),
                         ["c_engine.so", "my_engine.so"])

    def test_the_folder_sdk_installs_itself(self):
        """Without the program and what that needs."""
        call("cmake", "-S", ROOT / "sdk", "-B", self.here / "only")
        call("cmake", "--install", self.here / "only", "--prefix", self.here / "only_sdk")
        files = {str(file.relative_to(self.here / "only_sdk")) for file in (self.here / "only_sdk").rglob("*") if file.is_file()}
        same = {str(file.relative_to(self.sdk)) for file in self.sdk.rglob("*") if file.is_file()}
        debian = {"share/doc/microengine-sdk/copyright", "share/doc/microengine-sdk/changelog.Debian.gz",
                  "share/lintian/overrides/microengine-sdk"}
        self.assertEqual(files | debian, same)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
