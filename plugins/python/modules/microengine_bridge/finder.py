# SPDX-License-Identifier: MIT
"""Imports what the plugin carries in itself. Run first, with `sources`, a dict of file names and texts."""
import importlib.abc
import importlib.util
import sys


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """The modules of some top-level packages."""

    def __init__(self, files, packages):
        self.files, self.packages = files, packages

    def file_of(self, name):
        path = name.replace(".", "/")
        for file in (path + "/__init__.py", path + ".py"):
            if file in self.files:
                return file
        return None

    def find_spec(self, name, path=None, target=None):
        file = self.file_of(name) if name.partition(".")[0] in self.packages else None
        if file is None:
            return None
        return importlib.util.spec_from_loader(name, self, origin=f"<{file}>", is_package=file.endswith("__init__.py"))

    def exec_module(self, module):
        file = self.file_of(module.__name__)
        exec(compile(self.files[file], f"<{file}>", "exec"), module.__dict__)


# Ours before all; PolySwarm's after all, so that the real packages are taken where they are installed.
sys.meta_path.insert(0, Finder(sources, {"microengine_bridge"}))  # noqa: F821
sys.meta_path.append(Finder(sources, {"polyswarmclient", "polyswarmartifact"}))  # noqa: F821
