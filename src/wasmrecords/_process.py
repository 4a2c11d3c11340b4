"""Guests in processes of their own: the parent's side of ``isolation="process"``.

A worker process (_process_child) runs one instance after the other of one module. Nothing that it says is
trusted: a reply is copied out of shared memory and then read like a guest's, everything else has a bound,
and a worker that does not answer in time is killed. None of the module's code is in this process.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import _reply
from ._child import cannot_start
from ._errors import ModuleError
from ._fault import NO_ROOM, Fault
from ._instance import OpenOptions
from ._limits import Limits
from ._process_link import PURPOSE, Lost, Region, WorkerProcess
from ._text import clean_text

if TYPE_CHECKING:
    from ._module import ReadModule

_IDLE = 8
"""Idle workers that are kept."""
_CODES = frozenset({"time", "fuel", "memory", "stack", "trap", "exit", "reply", "record_too_large"})


class Workers:
    """The workers of one module, and those among them that are idle. ``locks`` are in force in each."""

    def __init__(self, read: ReadModule, code: bytes | bytearray | memoryview, limits: Limits) -> None:
        self._limits = limits
        self.stateful, self.outputs = read.manifest.stateful, len(read.manifest.outputs)
        # A view of a dict cannot be pickled.
        info = read.info._replace(exports=dict(read.info.exports))
        head = pickle.dumps(read._replace(info=info))
        self._code = Region(8 + len(head) + len(code))
        view = self._code.view
        view[:8] = len(head).to_bytes(8, "little")
        view[8 : 8 + len(head)] = head
        view[8 + len(head) :] = code
        self._code.view.close()
        self._close_code = weakref.finalize(self, os.close, self._code.descriptor)
        self._close_code.atexit = False  # threads may still start workers then
        self._idle: list[WorkerProcess] = []  # a stack: appending and popping is atomic
        self._closed = False
        self._closing = threading.Lock()

    def take(self) -> WorkerProcess:
        """An idle worker, or a new one. Raises :class:`WasmRecordsError` if none can be started."""
        while True:
            try:
                found = self._idle.pop()
            except IndexError:
                return self._start()
            if found.running():
                return found
            found.end()

    def _start(self) -> WorkerProcess:
        with self._closing:
            if self._closed:
                raise ValueError("the transform is closed")
            code = os.dup(self._code.descriptor)
        try:
            return self._started(code)
        finally:
            os.close(code)

    def _started(self, code: int) -> WorkerProcess:
        """A new worker; if it is killed while it comes up another one, as in the middle of a batch."""
        try:
            return WorkerProcess(code, self._limits)
        except Lost:
            pass
        try:
            return WorkerProcess(code, self._limits)
        except Lost as lost:
            raise cannot_start(PURPOSE, f"it {lost}") from None

    def give_back(self, process: WorkerProcess) -> None:
        """A worker that is whole."""
        if self._closed or len(self._idle) >= _IDLE or not process.running():
            process.end()
            return
        self._idle.append(process)
        if self._closed:  # meanwhile
            self.close()

    def close(self) -> None:
        """Ends those that are idle, and each other one when it comes back."""
        with self._closing:
            self._closed = True
            self._close_code()
        while self._idle:
            with contextlib.suppress(IndexError):
                self._idle.pop().end()


class RemoteInstance:
    """Does what :class:`Instance` does, in a worker. Used by one thread at a time, except for ``cancel``."""

    def __init__(
        self, workers: Workers, config: bytes, options: OpenOptions, limits: Limits, log: bool
    ) -> None:
        self._workers, self._limits = workers, limits
        self._opening = json.dumps(options).encode() + b"\n" + config
        self._expected = _reply.Expected(
            options.input,
            limits.output,
            limits.log if log else None,
            options.output == "ndjson",
            options.lineage,
            _reply.WRITTEN_TEXT,
            stateful=workers.stateful,
            outputs=workers.outputs,
        )
        self.refusal: _reply.Row | None = None
        self.spent: int | None = None
        self._process: WorkerProcess | None = None
        self._changing = threading.Lock()
        self._cancelled = self._worked = False
        try:
            self._with_retry(self._open, opened=False)
        except BaseException:
            self.close()
            raise

    def batch(self, data: bytes | bytearray, last: bool, state: int, first: int = 0) -> _reply.Reply:
        """As :meth:`Instance.batch`. A worker that is killed during it is replaced once."""
        return self._answer(len(data), b"B", data, last, state, first)

    def one(self, record: bytes) -> _reply.Reply:
        """As :meth:`FunctionInstance.one`."""
        return self.batch(record, True, 0)

    def flush(self, state: int, first: int = 0) -> _reply.Reply:
        """As :meth:`Instance.flush`."""
        return self._answer(0, b"L", b"", False, state, first)

    def finish(self, first: int = 0) -> _reply.Reply:
        """As :meth:`Instance.finish`."""
        return self._answer(0, b"F", b"", False, 0, first)

    size = 0

    def save(self) -> None:
        """Its memory is in the worker, where nothing is trusted; so nothing is put back either."""
        return

    def relaxed(self) -> contextlib.AbstractContextManager[None]:
        """As :meth:`Instance.relaxed`; its fuel is the worker's."""
        return contextlib.nullcontext()

    def close(self) -> None:
        """Gives the worker back: it may open another instance."""
        with self._changing:
            process, self._process = self._process, None
        if process is not None:
            self._workers.give_back(process)

    def cancel(self) -> None:
        """Stops the call that is under way, or the next one, from any thread."""
        with self._changing:
            self._cancelled = True
            if self._process is not None:
                self._process.kill()

    def _open(self) -> None:
        process = self._workers.take()
        with self._changing:
            self._process = process
            if self._cancelled:  # meanwhile
                process.kill()
        self._worked = False
        kind, block, text = process.ask(b"O", self._opening)
        if kind == b"X":
            try:
                self.refusal = _reply.refusal(block, 0, _reply.WRITTEN_TEXT)
            except _reply.Lie as lie:
                raise Lost(f"gave a refusal that is none: {lie}") from None
            if self.refusal is None:
                raise Lost("refused without a reason")
        elif kind == b"E":
            raise ModuleError(clean_text(text, _reply.WRITTEN_TEXT))
        elif kind == b"F":
            raise self._fault(text)
        elif kind != b"R":
            raise Lost("gave an answer that is none")

    def _ask(self, given: int, *request: Any) -> _reply.Reply:
        process = self._process
        if process is None:
            raise Lost("was stopped")
        kind, block, text = process.ask(*request)
        if self._limits.fuel is not None:
            self.spent = min(process.spent or 0, self._limits.fuel)
        if kind == b"R":
            self._worked = True
            return self._read(block, given)
        if kind == b"F":
            fault = self._fault(text)
            fault.worn = self._worked and fault.code in NO_ROOM
            if block:
                with contextlib.suppress(_reply.Lie):
                    fault.reply = _reply.read(block, 0, given, self._expected)
            raise fault
        if kind == b"E":
            raise Fault("trap", clean_text(text))
        raise Lost("gave an answer that is none")

    def _read(self, block: bytes, given: int) -> _reply.Reply:
        try:
            return _reply.read(block, 0, given, self._expected)
        except _reply.Lie as lie:
            # The worker has checked the same: it is not the guest that lies.
            self._drop()
            raise Fault("reply", f"the worker process's reply cannot be true: {lie}") from None

    def _fault(self, text: str) -> Fault:
        code, sure, message = (*text.split("\n", 2), "", "")[:3]
        if code not in _CODES:
            raise Lost("gave a fault that is none")
        return Fault(code, clean_text(message), sure=sure != "0")

    def _answer(self, given: int, *request: Any) -> _reply.Reply:
        self.spent = None
        try:
            reply: _reply.Reply = self._with_retry(lambda: self._ask(given, *request), opened=True)
            return reply
        except BaseException:
            self.close()
            raise

    def _with_retry(self, work: Callable[[], Any], *, opened: bool) -> Any:
        """Does ``work`` with the worker, and once more with a new one if the worker is lost: it may have been
        killed for reasons of its own. A stateful module is not tried again here, since what it knew is gone:
        the journal sees to that."""
        for attempt in (1, 2):
            try:
                if attempt == 2 and opened:
                    self._open()
                return work()
            except Lost as lost:
                self._drop()
                if self._cancelled:
                    raise Fault("cancelled", "the call was cancelled") from None
                if attempt == 2 or (opened and self._workers.stateful):
                    raise Fault(lost.code, f"the worker process {lost}") from None
            except Fault:
                raise
            except BaseException:
                self._drop()  # it may be in the middle of something
                raise
        raise AssertionError("the second attempt ends above")

    def _drop(self) -> None:
        with self._changing:
            process, self._process = self._process, None
        if process is not None:
            process.end()
