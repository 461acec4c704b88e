# SPDX-License-Identifier: MIT
"""Finds the scanner class in a file, or in a package."""
import importlib
import importlib.util
import os
import sys

from .trouble import SettingError, say


def package_of(script):
    """(folder to import from, dotted name) of a package or of a module in one; (folder, None) of a file by itself."""
    folder, name = os.path.split(script)
    parts = [] if name == "__init__.py" else [name.removesuffix(".py")]
    if os.path.isdir(script):
        folder, parts = script, []
        if not os.path.exists(os.path.join(script, "__init__.py")):
            raise SettingError("script", f"{script} is a folder without __init__.py")
    inside = False
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder, name = os.path.split(folder)
        parts.insert(0, name)
        inside = True
    return folder, ".".join(parts) if inside else None


def forget(folder):
    """What an earlier generation has imported from there may have changed. What is installed stays: not all of it can
    be imported twice."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or not file.startswith(folder + os.sep) or not file.endswith(".py"):
            continue
        if "site-packages" not in file and "dist-packages" not in file:
            del sys.modules[name]


def load_file(script):
    """By itself, and under its own name, unless that is somebody else's: a yara.py may import yara."""
    name = os.path.basename(script).removesuffix(".py")
    try:
        found = importlib.util.find_spec(name) if name.isidentifier() and name not in sys.modules else None
        name = name if found is not None and found.origin == script else f"{name}_scanner"
    except (ImportError, ValueError):
        name = f"{name}_scanner"
    spec = importlib.util.spec_from_file_location(name, script)
    if spec is None:
        raise SettingError("script", f"{script} is no Python file: its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def load_class(script, class_name):
    folder, dotted = package_of(script)
    forget(folder)
    # Last: a file beside the script shall not be taken for a module that is installed.
    if folder not in sys.path:
        sys.path.append(folder)
    importlib.invalidate_caches()
    try:
        module = importlib.import_module(dotted) if dotted else load_file(script)
    except SettingError:
        raise
    except BaseException as error:  # also sys.exit()
        raise SettingError("script", f"cannot import {script}: {say(error)}") from None
    file = os.path.realpath(getattr(module, "__file__", None) or "")
    if not file.startswith(os.path.realpath(folder) + os.sep):
        raise SettingError("script", f"{script} is not what was imported: {file or module.__name__} has its name already. "
                           "Backends that share a process share modules: isolate this one")
    scanner_class = getattr(module, class_name, None)
    if isinstance(scanner_class, type):
        return module, scanner_class
    own = [name for name, value in vars(module).items() if isinstance(value, type) and value.__module__ == module.__name__]
    raise SettingError("class", f"{script} has no class {class_name}" + (f"; it has {', '.join(own[:8])}" if own else ""))
