# SPDX-License-Identifier: MIT
"""One scanner object with its event loop: one scan at a time."""
import asyncio
import concurrent.futures
import contextlib
import inspect
import os
import selectors
import socket
import tempfile
import uuid

import _microengine
from polyswarmartifact import ArtifactType

from .answer import FAILED, VERDICT, read_answer
from .trouble import say, utf8

PARAMETERS = ("guid", "artifact_type", "content", "metadata", "chain")
OLDER = {3: ("guid", "content", "chain"), 4: ("guid", "artifact_type", "content", "chain")}


class Here(concurrent.futures.ThreadPoolExecutor):
    """run_in_executor() and to_thread() without threads: one thread has the interpreter anyway."""

    def submit(self, function, /, *args, **kwargs):
        future = concurrent.futures.Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def new_loop():
    # Waits by poll(), which any worker may call, and makes its descriptors now: later there are no new ones.
    loop = asyncio.SelectorEventLoop(selectors.PollSelector())
    loop.set_default_executor(Here(max_workers=1))
    return loop


def is_own(scanner, method):
    """Is it the class's own, not the base's?"""
    function = getattr(type(scanner), method, None)
    return function is not None and getattr(function, "__module__", "") != "polyswarmclient.abstractscanner"


def method_of(scanner):
    if is_own(scanner, "scan"):
        return scanner.scan
    mode = getattr(getattr(scanner, "mode", None), "name", "ASYNC")
    # Not through the base's scan(): that would start a thread for it.
    for name in ("scan_sync", "scan_async") if mode == "SYNC" else ("scan_async", "scan_sync"):
        if is_own(scanner, name):
            return getattr(scanner, name)
    raise TypeError(f"class {type(scanner).__name__} has no scan(), scan_async() or scan_sync()")


def parameters_of(method):
    """Which of them it takes, by their names or else by their number: interfaces differ by year."""
    try:
        taken = [p for p in inspect.signature(method).parameters.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    except (TypeError, ValueError):
        return PARAMETERS
    names = tuple(p.name for p in taken)
    if names and set(names) <= set(PARAMETERS):
        return names
    return OLDER.get(len([p for p in taken if p.default is p.empty]), PARAMETERS)


class Session:
    def __init__(self, scanner_class, name, temp_dir):
        self.name = name
        self.late = self.told = False
        self.task = None
        if temp_dir:
            os.environ._data[os.environ.encodekey("TMPDIR")] = os.environ.encodevalue(temp_dir)
            tempfile.tempdir = temp_dir
        self.loop = new_loop()
        asyncio.set_event_loop(self.loop)
        # A byte in it wakes the loop: a cancellation.
        self.ear, self.mouth = socket.socketpair()
        self.ear.setblocking(False)
        self.mouth.setblocking(False)
        self.loop.add_reader(self.ear, self.hear)
        self.scanner = scanner_class()
        self.method = method_of(self.scanner)
        self.parameters = parameters_of(self.method)
        if hasattr(self.scanner, "setup") and self.finish(self.scanner.setup(), None) is False:
            raise RuntimeError(f"setup() of class {scanner_class.__name__} says that it did not work")

    def descriptors(self):
        """(to wake the loop by a byte, where such bytes wait)."""
        return self.mouth.fileno(), self.ear.fileno()

    def hear(self):
        # The byte is taken last: if this is interrupted it waits still.
        self.told = True
        if self.task is not None:
            self.task.cancel()
        with contextlib.suppress(BlockingIOError):
            self.ear.recv(1)

    def expire(self, task):
        self.late = True
        task.cancel()

    def finish(self, result, seconds):
        """The result of a coroutine, or what it was already."""
        if not inspect.isawaitable(result):
            return result
        self.task = task = asyncio.ensure_future(result, loop=self.loop)
        timer = None if seconds is None else self.loop.call_later(seconds, self.expire, task)
        try:
            return self.loop.run_until_complete(task)
        finally:
            self.task = None
            if timer is not None:
                timer.cancel()
            if not task.done():
                task.cancel()

    def ask(self, content, is_url, label, mime, sha256, seconds):
        asyncio.set_event_loop(self.loop)  # of this thread, which may be another each time
        if is_url:
            metadata = {"protocol": label.partition("://")[0], "uri": label}
        else:
            metadata = {"filename": label, "filesize": len(content), "mimetype": mime, "sha256": sha256.hex()}
        values = {"guid": str(uuid.UUID(bytes=sha256[:16])), "content": content.decode("utf-8") if is_url else content,
                  "artifact_type": ArtifactType.URL if is_url else ArtifactType.FILE, "metadata": metadata, "chain": "side"}
        return self.finish(self.method(*[values[name] for name in self.parameters]), seconds)

    def scan(self, content, is_url, label, mime, sha256, seconds):
        """(status, why not, state, confidence, name, family, detail); raises nothing."""
        self.late = self.told = False
        try:
            answer = read_answer(self.ask(content, is_url, label, mime, sha256, seconds), self.name)
            if self.late and not answer[2] & VERDICT:  # it has caught what was to end it, and gone on with nothing
                return (_microengine.DEADLINE, "out of time", *FAILED)
            return answer
        except MemoryError:
            return (_microengine.NO_MEMORY, "out of memory", *FAILED)
        except BaseException as error:  # also sys.exit(); and KeyboardInterrupt, by which the host cancels
            if self.told:
                return (_microengine.CANCELLED, "cancelled", *FAILED)
            if self.late and isinstance(error, (asyncio.CancelledError, TimeoutError)):
                return (_microengine.DEADLINE, "out of time", *FAILED)
            return (_microengine.FAILED, utf8(say(error), 2000), *FAILED)

    def close(self):
        try:
            if hasattr(self.scanner, "teardown"):
                self.finish(self.scanner.teardown(), 1)
        finally:
            self.loop.close()
            self.ear.close()
            self.mouth.close()
