# SPDX-License-Identifier: MIT
"""Exceptions as one sentence."""
import os
import traceback

MOST = 400  # characters of an exception's own words, which may quote the artifact
FRAMES = 4


class SettingError(Exception):
    def __init__(self, setting, text):
        super().__init__(text)
        self.setting, self.text = setting, text


def utf8(value, most):
    """Text that has an encoding, cut to so many bytes of it."""
    return value[:most].encode("utf-8", "replace")[:most].decode("utf-8", "ignore")


def words(error):
    try:
        text = str(error)
    except Exception:  # its own __str__ may be broken
        text = "it cannot be shown"
    text = " ".join(utf8(text, MOST + 1).split())
    return text if len(text) <= MOST else text[:MOST] + "…"


def places(error):
    """The last frames outside of this package, innermost first."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith("<microengine_bridge/")]
    return [f"{os.path.basename(f.filename)}:{f.lineno} in {f.name}" for f in reversed(frames[-FRAMES:])]


def say(error):
    """`ValueError: what it says (file.py:12 in scan; file.py:3 in parse)`; of a syntax error its own line."""
    text = words(error)
    sentence = f"{type(error).__name__}: {text}" if text else type(error).__name__
    where = "" if isinstance(error, SyntaxError) else "; ".join(places(error))
    return f"{sentence} ({where})" if where else sentence
