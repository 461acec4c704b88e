# SPDX-License-Identifier: MIT
"""What a scanner logs and prints goes to the host's log: standard output is the host's, not ours."""
import io
import logging
import sys

import _microengine

taken = False


class Handler(logging.Handler):
    """Any thread."""

    def emit(self, record):
        try:
            text = self.format(record)
        except Exception:  # a broken record is no reason to lose a scan
            text = f"{record.name}: a line that cannot be formatted"
        level = (_microengine.LOG_ERROR if record.levelno >= logging.ERROR else
                 _microengine.LOG_WARNING if record.levelno >= logging.WARNING else
                 _microengine.LOG_INFO if record.levelno >= logging.INFO else _microengine.LOG_DEBUG)
        _microengine.log(level, text)


class Lines(io.TextIOBase):
    """Each written line is a line of the log."""

    MOST = 4096

    def __init__(self, level):
        self.level, self.rest = level, ""

    def writable(self):
        return True

    def write(self, text):
        *lines, rest = (self.rest + text).split("\n")
        for line in lines:
            _microengine.log(self.level, line)
        self.rest = rest[:self.MOST]
        return len(text)


def take():
    global taken
    taken = True
    handler = Handler()
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.raiseExceptions = False
    sys.stdin = sys.__stdin__ = io.StringIO()
    sys.stdout = sys.__stdout__ = Lines(_microengine.LOG_DEBUG)
    sys.stderr = sys.__stderr__ = Lines(_microengine.LOG_WARNING)
