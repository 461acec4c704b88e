#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The SDK alone in one prefix, the program in another: what somebody builds who has nothing else.

    sdk_test.py BUILD
"""
import re
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

from installing import EICAR, ROOT, Case, call, install


def guide_plugin():
    """The plugin of the author's guide, as it stands there."""
    text = (ROOT / "docs/plugin-author-guide.md").read_text()
    return re.search(r"```cpp\n(#include <microengine/plugin.hpp>.*?)```", text, re.S)[1]


class Sdk(Case):
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
        guide = (ROOT / "docs/plugin-author-guide.md").read_text()
        [lines] = re.findall(r"^(set\(MICROENGINE .*?^include\([^\n]*\n)", guide, re.M | re.S)
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
