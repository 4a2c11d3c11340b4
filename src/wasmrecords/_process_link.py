"""One worker process as its parent sees it: pipes, shared memory, and its end.

Whatever it says has a bound, in bytes and in time, and replies are copied out of the shared memory.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import fcntl
import json
import mmap
import os
import select
import subprocess
import tempfile
import time
import weakref

from ._child import cannot_start, end, lacks_package, signal_name, start_child
from ._deadline import too_late
from ._fault import Fault
from ._limits import Limits, MiB, show_bytes
from ._process_child import ANSWER, LONGEST_TEXT, REQUEST
from ._text import clean_text

PURPOSE = "isolation='process' runs the module in a process of its own"
_START = 60.0
"""Seconds that a worker may take to come up."""
_GRACE = 3.0
"""Seconds beyond twice ``Limits.time`` after which a worker that has not answered is killed."""
_ROOM = 64 * MiB
"""Bytes of shared memory, each way, beyond what the limits say."""


class Lost(Exception):
    """A worker is gone, or to be given up: why. ``code`` is that of the fault, if it goes on like this."""

    def __init__(self, why: str, code: str = "killed") -> None:
        super().__init__(why)
        self.code = code


class Region:
    """Memory that two processes share. What nobody has written to yet takes no room; nobody can make it
    smaller while the other one reads."""

    def __init__(self, size: int) -> None:
        if hasattr(os, "memfd_create"):
            self.descriptor = os.memfd_create("wasmrecords", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        else:
            with tempfile.TemporaryFile(prefix="wasmrecords-") as file:
                self.descriptor = os.dup(file.fileno())
        try:
            os.ftruncate(self.descriptor, size)
            self._seal("F_SEAL_SHRINK", "F_SEAL_GROW")
            self.view = mmap.mmap(self.descriptor, size)
        except BaseException:
            os.close(self.descriptor)
            raise

    def _seal(self, *names: str) -> None:
        if hasattr(fcntl, "F_ADD_SEALS") and hasattr(os, "memfd_create"):
            for name in (*names, "F_SEAL_SEAL"):
                fcntl.fcntl(self.descriptor, fcntl.F_ADD_SEALS, getattr(fcntl, name))

    def close(self) -> None:
        """Gives the memory back; the other process may have it still."""
        self.view.close()
        os.close(self.descriptor)


class WorkerProcess:
    """One worker: pipes, shared memory, and its end.

    Raises :class:`Lost` if it is killed while it comes up, :class:`WasmRecordsError` if it cannot come up.
    """

    def __init__(self, code: int, limits: Limits) -> None:
        self._limits = limits
        if _ended:
            raise too_late()
        with contextlib.ExitStack() as undo, contextlib.ExitStack() as passed:
            try:
                # More than a batch and its reply have, but for many failures with a text of their own each.
                self.input = Region(2 * limits.record + _ROOM)
                undo.callback(self.input.close)
                self.output = Region(10 * limits.output + limits.log + _ROOM)
                undo.callback(self.output.close)
                alive, self._alive = os.pipe()
                undo.callback(os.close, self._alive)
                passed.callback(os.close, alive)
                descriptors = []
                for number in (code, self.input.descriptor, self.output.descriptor, alive):
                    # A process without standard descriptors uses their numbers for these, and the worker
                    # has pipes there.
                    descriptors.append(fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 3))
                    passed.callback(os.close, descriptors[-1])
            except (OSError, ValueError) as error:
                raise cannot_start(PURPOSE, str(error)) from None
            arguments = [*map(str, descriptors), json.dumps(dataclasses.asdict(limits))]
            process = start_child("_process_child", arguments, purpose=PURPOSE, descriptors=descriptors)
            undo.pop_all()
        self.process = process
        # Also when nobody closes it, when it is collected; at the end of the interpreter `_leave` does it.
        self._end = weakref.finalize(self, _end, process, self.input, self.output, self._alive)
        self._end.atexit = False
        _alive.add(self)
        self.spent: int | None = None
        self._wait = select.poll()
        assert process.stdin is not None  # noqa: S101 for the type checker: it was made with pipes
        assert process.stdout is not None  # noqa: S101 the same
        self._wait.register(process.stdout.fileno(), select.POLLIN)
        # Who answers without having read fills the pipe, and must not keep its parent waiting for room.
        os.set_blocking(process.stdin.fileno(), False)
        try:
            with _Call(self):
                self._hear(time.monotonic() + _START)
        except Lost as lost:
            if _ended:
                raise too_late() from None
            status, words = self.process.poll(), b""
            if process.stderr and status is not None:
                with contextlib.suppress(ValueError):  # the end of the interpreter has closed it
                    words = process.stderr.read(4096)
            self.end()
            last = clean_text(words.decode("utf-8", "replace").strip().rpartition("\n")[2], 400)
            why = f"it {lost}: {last}" if last else f"it {lost}"
            if status is not None and status < 0:
                raise
            raise cannot_start(PURPOSE, why, lacking=lacks_package(status or 0, words)) from None
        except BaseException:
            self.end()
            raise

    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.process.poll() is None

    def end(self) -> None:
        """Kills it, and gives everything back."""
        self._end()

    def kill(self) -> None:
        """Kills it, from any thread; who waits for its answer sees to the rest."""
        self.process.kill()

    def forget(self) -> None:
        """In a forked child: lets go of the worker, which is the parent's."""
        if self._end.detach() is None:
            return  # it was ended before, and its descriptors may be others' by now
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()
        os.close(self._alive)
        self.input.close()
        self.output.close()
        self.process.returncode = 0  # it is no child of this process

    def ask(
        self, kind: bytes, data: bytes | bytearray = b"", last: bool = False, state: int = 0, first: int = 0
    ) -> tuple[bytes, bytes, str]:
        """One request and its answer: kind, the reply block, text. Raises :class:`Lost`."""
        until = time.monotonic() + 2 * self._limits.time + _GRACE
        if len(data) > len(self.input.view):
            raise Fault(
                "record_too_large", f"{show_bytes(len(data))} do not fit the shared memory (limit record)"
            )
        with _Call(self):
            self.input.view[: len(data)] = data
            self._say(REQUEST.pack(kind, last, state, first, len(data)))
            kind, length, text = self._hear(until)
            if length > len(self.output.view):
                raise Lost("gave a reply outside of the shared memory")
            # Copied before anything of it is read: the other side could change it meanwhile.
            return kind, self.output.view[:length], text

    def _say(self, request: bytes) -> None:
        assert self.process.stdin is not None  # noqa: S101 for the type checker: it was made with pipes
        try:
            written = self.process.stdin.write(request)
        except OSError:
            raise self._lost() from None
        if written != len(request):
            raise Lost("did not read what it was asked and was stopped")

    def _hear(self, until: float) -> tuple[bytes, int, str]:
        kind, length, spent, size = ANSWER.unpack(self._read(ANSWER.size, until))
        self.spent = spent - 1 if spent else None
        if size > LONGEST_TEXT:
            raise Lost("said more than it may")
        return kind, length, self._read(size, until).decode("utf-8", "replace") if size else ""

    def _read(self, size: int, until: float) -> bytes:
        assert self.process.stdout is not None  # noqa: S101 for the type checker: it was made with pipes
        data = b""
        while len(data) < size:
            if not self._wait.poll(max(0.0, until - time.monotonic()) * 1000):
                raise Lost("did not answer in time and was stopped (limit time)", "time")
            part = self.process.stdout.read(size - len(data))
            if not part:
                raise self._lost()
            data += part
        return data

    def _lost(self) -> Lost:
        try:
            status = self.process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            return Lost("closed its pipes and was stopped")
        name = signal_name(status)
        return Lost(f"was killed by {name}" if status < 0 else f"ended with {name}")


def _end(process: subprocess.Popen[bytes], input: Region, output: Region, alive: int) -> None:
    end(process)
    input.close()
    output.close()
    os.close(alive)


class _Call:
    """``with _Call(worker):`` somebody waits for it. Raises :class:`GuestError` when the interpreter ends."""

    def __init__(self, worker: WorkerProcess) -> None:
        self._worker = worker

    def __enter__(self) -> None:
        _calling.add(self._worker)
        if _ended:
            _calling.discard(self._worker)
            raise too_late()

    def __exit__(self, *_: object) -> None:
        _calling.discard(self._worker)


_alive: weakref.WeakSet[WorkerProcess] = weakref.WeakSet()
_calling: set[WorkerProcess] = set()  # adding and discarding are atomic
_ended = False


def _leave() -> None:
    """The interpreter ends: threads that wait for a worker are let go before what they use is closed."""
    global _ended
    _ended = True
    end = time.monotonic() + _GRACE
    while (calling := list(_calling)) and time.monotonic() < end:
        for process in calling:
            process.kill()
        time.sleep(0.01)
    for process in list(_alive):
        process.end()


atexit.register(_leave)


def _forget() -> None:
    """A forked child has no part in its parent's workers: they end with the parent alone."""
    for process in list(_alive):
        process.forget()
    _alive.clear()
    _calling.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
