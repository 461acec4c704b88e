#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`microengine plugin new`: the command, and a project of each language, made, built without a warning, tested and scanned with.

    plugin_new_test.py BIN command|cpp|c|rust
"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BIN = Path(sys.argv[1]).resolve()
WHAT = sys.argv[2]
ROOT = Path(__file__).resolve().parents[2]
RUSTC = Path("/usr/bin/rustc")  # Debian's; a newer one may lie before it on the PATH
STRICT = "-Wall -Wextra -Werror"
# A compiler cache would remember what is built once in folders that are gone.
ENVIRONMENT = {"PATH": f"{BIN}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "CCACHE_DISABLE": "1", "CFLAGS": STRICT,
               "CXXFLAGS": STRICT, "RUSTFLAGS": "-D warnings", "CTEST_OUTPUT_ON_FAILURE": "1"}


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="me new ")  # with blanks
        self.addCleanup(folder.cleanup)
        self.here = Path(folder.name).resolve()

    def run_(self, *command, cwd=None, code=0):
        done = subprocess.run([str(word) for word in command], cwd=cwd or self.here, env={**ENVIRONMENT, "HOME": str(self.here)},
                              capture_output=True, text=True, timeout=250)
        self.assertEqual(done.returncode, code, f"{command}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def new(self, *arguments, code=0):
        return self.run_("microengine", "plugin", "new", *arguments, code=code)

    def tree(self):
        return sorted(str(path.relative_to(self.here)) for path in self.here.rglob("*"))


class Command(Case):
    def test_help_names_the_options(self):
        text = self.new("--help")
        for word in ("NAME", "--language", "cpp", "rust", "--type", "file,url", "--into DIR", "Example:"):
            self.assertIn(word, text)

    def test_a_name_that_will_not_do(self):
        self.assertIn("did you mean 'my_engine'?", self.new("My-Engine", code=64))
        self.assertIn("comes with Microengine", self.new("yara", code=64))
        self.assertIn("at most 40 bytes", self.new("a" * 41, code=64))
        self.assertIn("NAME", self.new(code=64))
        self.assertEqual(self.tree(), [])

    def test_types_and_languages_that_will_not_do(self):
        self.assertIn("must be file, url or file,url, got 'mail'", self.new("x", "--type", "mail", code=64))
        self.assertIn("python", self.new("x", "--language", "python", code=64))
        self.assertEqual(self.tree(), [])

    def test_nothing_is_written_over(self):
        (self.here / "x").mkdir()
        (self.here / "x/mine").write_text("mine")
        self.assertIn(f"{self.here}/x: error: exists and is not empty", self.new("x", code=64))
        self.assertEqual(self.tree(), ["x", "x/mine"])

    def test_the_folder_one_is_in(self):
        self.assertIn("is the folder you are in", self.new("x", "--into", ".", code=64))

    def test_a_folder_without_a_parent(self):
        self.assertIn("does not exist", self.new("x", "--into", "no/where", code=64))

    @unittest.skipIf(os.geteuid() == 0, "root writes everywhere")
    def test_a_folder_that_cannot_be_written(self):
        (self.here / "locked").mkdir(mode=0o500)
        self.assertIn("cannot make a folder here", self.new("x", "--into", "locked/x", code=2))
        self.assertEqual(self.tree(), ["locked"])

    def test_it_is_made_with_ordinary_rights_and_nothing_beside_it(self):
        self.new("x")
        self.assertEqual(os.listdir(self.here), ["x"])
        mask = os.umask(0)
        os.umask(mask)
        self.assertEqual((self.here / "x").stat().st_mode & 0o777, 0o777 & ~mask)

    def test_without_the_program_on_the_path_it_says_where_the_sdk_is(self):
        done = subprocess.run([BIN / "microengine", "plugin", "new", "x"], cwd=self.here, env={"PATH": "/usr/bin:/bin"},
                              capture_output=True, text=True, check=True)
        self.assertIn(f"-DCMAKE_PREFIX_PATH={BIN.parent}", done.stdout)

    def test_templates_that_are_not_installed(self):
        """A program moved away from them."""
        (self.here / "bin").mkdir()
        alone = self.here / "bin/microengine"
        shutil.copy(BIN / "microengine", alone)
        self.assertIn("the templates are part of the SDK", self.run_(alone, "plugin", "new", "x", code=2))
        self.assertFalse((self.here / "x").exists())

    def test_installed_ones_are_found_beside_the_program(self):
        prefix = self.here / "prefix"
        self.run_("cmake", "-S", ROOT / "sdk", "-B", "sdk-build")
        self.run_("cmake", "--install", "sdk-build", "--prefix", prefix)
        (prefix / "bin").mkdir()
        shutil.copy(BIN / "microengine", prefix / "bin")
        self.assertIn(f"-DCMAKE_PREFIX_PATH='{prefix}'", self.run_(prefix / "bin/microengine", "plugin", "new", "x"))
        self.assertTrue((self.here / "x/.github/workflows/ci.yml").exists())
        self.assertTrue((self.here / "x/.gitignore").exists())

    def test_shell_completion_knows_it(self):
        self.assertIn("--language", self.run_("microengine", "completion", "bash"))


class Project(Case):
    """The language of this run."""

    def build(self, name, *arguments, options=""):
        """By the lines that the command prints."""
        lines = self.new(name, "--language", WHAT, *arguments).splitlines()
        self.assertEqual(len(lines), 4)
        options += f" -DRUSTC={RUSTC}" if WHAT == "rust" else ""
        configure = lines[1].replace("cmake -B build", "cmake -B build" + options)
        built = self.run_("sh", "-ec", configure)
        self.assertNotRegex(built, "(?i)warning")
        self.project = self.here / name
        self.plugin = self.project / f"build/{name}.so"
        tested = self.run_("sh", "-ec", lines[2], cwd=self.project)
        self.assertIn("100% tests passed", tested)
        for test in ("detect", "scan", "isolated"):
            self.assertIn(f"{name}/{test}", tested)

    def test_files(self):
        self.build("my_engine")
        exported = self.run_("nm", "-D", "--defined-only", "--format=just-symbols", self.plugin).split()
        self.assertEqual(exported, ["me_plugin_entry_v1"])
        info = self.run_("microengine", "plugin", "info", self.plugin)
        for word in ("My engine 0.1.0", "org.example.my-engine", "parallel scanners, fork after open, deterministic", "claims_benign"):
            self.assertIn(word, info)
        self.assertFalse(b"EICAR-" + b"STANDARD-ANTIVIRUS" in self.plugin.read_bytes(), "the plugin holds the whole test file")
        self.run_("cmake", "--install", "build", "--prefix", self.here / "prefix", cwd=self.project)
        self.assertTrue((self.here / "prefix/lib/microengine/plugins/my_engine.so").exists())
        self.a_broken_detector_is_found_out()

    def a_broken_detector_is_found_out(self):
        """The project's tests must be able to fail."""
        [source] = [file for file in (self.project / "src").glob("detect.*") if file.suffix in (".cpp", ".c", ".rs")]
        text = source.read_text()
        source.write_text(text.replace("ANTIVIRUS-TEST", "ANTIVIRUS_TEST", 1))
        self.run_("cmake", "--build", "build", cwd=self.project)
        failed = self.run_("ctest", "--test-dir", "build", cwd=self.project, code=8)
        for test in ("detect", "scan", "isolated"):
            self.assertRegex(failed, rf"my_engine/{test} \.+\*\*\*Failed")
        self.assertIn('expected exit code 1 and "Eicar-Test-Signature"', failed)

    def test_files_and_urls_by_an_awkward_name(self):
        self.build("class", "--type", "file,url", options=" -DMICROENGINE_PLUGIN_CHECK=OFF")
        self.assertIn("takes      files, URLs", self.run_("microengine", "plugin", "info", self.plugin))

    def test_urls_alone(self):
        self.build("scanner_", "--type", "url", options=" -DMICROENGINE_PLUGIN_CHECK=OFF")


class Rust(unittest.TestCase):
    def test_the_mirrors_are_as_large_as_the_structs_of_the_header(self):
        golden = dict(line.split("\t")[1:] for line in (ROOT / "tests/abi/layout.golden").read_text().splitlines() if "struct me_" in line)
        text = (ROOT / "sdk/template/rust/src/microengine.rs.in").read_text()
        names = {"Descriptor": "me_descriptor", "Setting": "me_setting", "Note<0>": "me_note", "Text": "me_string", "Request": "me_request",
                 "Outcome": "me_result", "Detection": "me_detection", "Host": "me_host_v1", "Plugin": "me_plugin_v1"}
        for rust, c in names.items():
            self.assertIn(f"size_of::<{rust}>() == {golden['struct ' + c]}", text)


class RustPanics(Case):
    def test_a_panic_is_a_missing_vote_and_never_ends_the_program(self):
        self.new("my_engine", "--language", "rust")
        source = self.here / "my_engine/src/detect.rs"
        source.write_text(source.read_text().replace("let mut matches = Vec::new();", 'let mut matches = Vec::new();\n'
                                                     '    if bytes.starts_with(b"boom") { panic!("the detector\'s own text"); }', 1))
        self.run_("cmake", "-S", "my_engine", "-B", "build", f"-DRUSTC={RUSTC}")
        self.run_("cmake", "--build", "build")
        (self.here / "boom").write_text("boom")
        text = self.run_("microengine", "scan", "--explain", "--set", "claims_benign=true", "--plugin", "build/my_engine.so", "boom", code=2)
        self.assertIn("panic: the detector's own text", text)
        self.assertIn("unknown", text)


if __name__ == "__main__":
    if WHAT == "rust" and not RUSTC.exists():
        print(f"SKIPPED: {RUSTC} is not installed (Debian: rustc)")
        sys.exit(77)
    cases = {"command": [Command], "rust": [Project, Rust, RustPanics]}.get(WHAT, [Project])
    load = unittest.defaultTestLoader.loadTestsFromTestCase
    done = unittest.TextTestRunner(verbosity=1).run(unittest.TestSuite([load(case) for case in cases]))
    sys.exit(0 if done.wasSuccessful() else 1)
