"""Signals wait while a guest works, and are handled where it is looked after.

Python runs a signal's handler between any two of its own instructions, and those of a function that a
guest calls are such. An exception out of the handler (``KeyboardInterrupt``) would be raised between
guest and host, where nobody can take it: wasmtime-py's callbacks then leave what they return unset, and the
process aborts.
"""

from __future__ import annotations

import os
import signal
import threading

# The functions of `signal` itself make an enumeration of each number, which takes 4 us a call.
from _signal import getsignal as _get  # type: ignore[import-not-found]
from _signal import signal as _set
from types import FrameType, TracebackType
from typing import Any

# Those that people have handlers for, some of which raise: each costs a call 20 ns.
_NAMES = (
    *("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGBREAK", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGWINCH"),
    *("SIGALRM", "SIGVTALRM", "SIGPROF", "SIGXCPU"),
)
# A signal that the system does not have is SIGINT once more; of equal numbers only the first counts.
_NUMBERS = tuple(int(getattr(signal, name, signal.SIGINT)) for name in _NAMES)
_INT, _TERM, _HUP, _QUIT, _BREAK, _USR1, _USR2, _CHLD, _WINCH, _ALRM, _VTALRM, _PROF, _XCPU = _NUMBERS
_main = threading.main_thread().ident


def _handlers() -> tuple[Any, ...]:
    # Written out: a loop over them takes twice as long.
    return (
        _get(_INT), _get(_TERM), _get(_HUP), _get(_QUIT), _get(_BREAK), _get(_USR1), _get(_USR2),
        _get(_CHLD), _get(_WINCH), _get(_ALRM), _get(_VTALRM), _get(_PROF), _get(_XCPU),
    )  # fmt: skip


class Held:
    """``with held:`` signals that arrive in the block are handled at its end, or when ``deliver`` is called,
    by the handlers that they had at its beginning; at once while ``waits`` is False. ``came`` says whether
    one arrived: its handler may have set others. There is one block at a time.

    In other threads than the main one it does nothing: Python handles signals in the main thread only.
    """

    def __init__(self) -> None:
        self._keep = self._note  # one object, known again in `_end`
        self._found: tuple[Any, ...] = ()
        self._held: tuple[int, ...] = ()  # places in `_found` of handlers in Python
        self._handlers: dict[int, Any] = {}
        self._pending: dict[int, tuple[Any, FrameType | None]] = {}
        self._raised: BaseException | None = None
        self.waits, self.came = True, False

    def __enter__(self) -> None:
        self.waits, self.came = True, False
        if threading.get_ident() != _main:
            return
        handlers, found = self._handlers, _handlers()
        if found != self._found:  # they are mostly the same for ever
            self._found = found
            # Neither ignored nor somebody else's, each signal once.
            self._held = tuple(
                at
                for at, handler in enumerate(found)
                if handler.__class__ is not int and handler is not None and _NUMBERS.index(_NUMBERS[at]) == at
            )
        try:
            for at in self._held:
                number = _NUMBERS[at]
                handlers[number] = found[at]
                _set(number, self._keep)
        except BaseException:
            self._end()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handlers:
            self._end()

    def deliver(self) -> bool:
        """Calls the handlers that are due. True if one raised: that is raised again where the block ends."""
        while self._pending:
            try:
                self._call_one()
            except BaseException as error:  # noqa: BLE001 raised at the end
                self._raised = self._raised or error
        return self._raised is not None

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.came = True
        handler = self._handlers[number]
        if self.waits:
            self._pending[number] = handler, frame
        else:
            handler(number, frame)

    def _call_one(self) -> None:
        # Called and not sent again: who else listens to signals, as asyncio does, has seen it.
        number, (handler, frame) = self._pending.popitem()
        handler(number, frame)

    def _end(self) -> None:
        """Puts all handlers back and calls those that are due, whatever one of them raises meanwhile."""
        first, self._raised = self._raised, None
        while self._handlers or self._pending:
            try:
                while self._handlers:
                    number = next(iter(self._handlers))
                    # A handler that was called may have chosen its successor.
                    if _get(number) is self._keep:
                        _set(number, self._handlers[number])
                    del self._handlers[number]
                while self._pending:
                    self._call_one()
            except BaseException as error:  # noqa: BLE001 raised below
                first = first or error
        if first is not None:
            raise first


def _forked() -> None:
    """The thread that forked is the child's main thread."""
    global _main
    _main = threading.get_ident()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
