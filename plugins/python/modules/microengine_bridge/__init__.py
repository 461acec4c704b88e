# SPDX-License-Identifier: MIT
"""Between the plugin and a scanner class: C++ calls open_backend(), once for each backend."""
import os
import site
import sys

import _microengine

from . import output
from .load import load_class
from .session import Session
from .trouble import SettingError, say

__all__ = ["Backend", "SettingError", "open_backend", "say"]


class Backend:
    """A scanner class. `version` is that of its module, or empty."""

    def __init__(self, scanner_class, name, version):
        self.scanner_class, self.name, self.version = scanner_class, name, version

    def open_scanner(self, temp_dir):
        return Session(self.scanner_class, self.name, temp_dir)


def set_environment(pairs):
    """What os.environ shows; the process's own environment stays as it is, for it may be the host's."""
    kept = {name: os.environ[name] for name in ("HOME", "LC_ALL", "TZ") if name in os.environ}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not name or not equals:
            raise SettingError("environment", f"'{pair}' is not KEY=VALUE")
        kept[name] = value
    encode = os.environ.encodekey
    os.environ._data.clear()
    os.environ._data.update((encode(name), encode(value)) for name, value in kept.items())


def open_backend(script, class_name, search_path, environment):
    if not output.taken:
        output.take()
        sys.path += [folder for folder in site.getsitepackages() if os.path.isdir(folder)]
    set_environment(environment)
    sys.path[:0] = [folder for folder in search_path if folder not in sys.path]
    sys.argv = [script]
    module, scanner_class = load_class(script, class_name)
    version = getattr(module, "__version__", "")
    _microengine.log(_microengine.LOG_DEBUG, f"{script}: {class_name}, Python {sys.version.split()[0]}")
    return Backend(scanner_class, module.__name__.rpartition(".")[2], version if isinstance(version, str) else "")
