"""Signals wait while a guest works.

Python runs a signal's handler between any two of its own instructions, and those of a function that a
guest calls are such. An exception out of the handler (``KeyboardInterrupt``) would be raised between
guest and host, where nobody can take it: wasmtime-py's callbacks then leave what they return unset, and the
process aborts.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGBREAK")
_NUMBERS = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))


class Held:
    """``with Held():`` what arrives meanwhile is handled at the end, by the handlers as they were.

    In other threads than the main one it does nothing: Python handles signals in the main thread only.
    """

    def __enter__(self) -> None:
        self._handlers: dict[int, Any] = {}
        self._pending: dict[int, tuple[Any, FrameType | None]] = {}
        if threading.current_thread() is not threading.main_thread():
            return
        try:
            for number in _NUMBERS:
                handler = signal.getsignal(number)
                if callable(handler):
                    self._handlers[number] = handler
                    signal.signal(number, self._note)
        except BaseException:
            self._end()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._pending[number] = self._handlers[number], frame

    def _end(self) -> None:
        """Puts all handlers back and calls those that are due, whatever one of them raises meanwhile."""
        first: BaseException | None = None
        while self._handlers or self._pending:
            try:
                while self._handlers:
                    number = next(iter(self._handlers))
                    signal.signal(number, self._handlers[number])
                    del self._handlers[number]
                while self._pending:
                    # Called and not sent again: who else listens to signals, as asyncio does, has seen it.
                    number, (handler, frame) = self._pending.popitem()
                    handler(number, frame)
            except BaseException as error:  # noqa: BLE001 raised below
                first = first or error
        if first is not None:
            raise first
