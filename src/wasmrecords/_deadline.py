"""The clock of all guests: one thread that moves the engine's epoch, never faster than its rate.

A guest carries a deadline counted in ticks (``Limits.time``); wasmtime traps it at a loop or a call once
the epoch has passed it. The thread runs only while guests may: a second after the last deadline that was
set it sleeps.
"""

from __future__ import annotations

import atexit
import math
import os
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import wasmtime

TICK = 0.01
"""Seconds between two ticks: the resolution of ``Limits.time``."""
_IDLE = 100
"""Ticks behind the last deadline after which the thread goes to sleep."""


def ticks(seconds: float) -> int:
    """Ticks that surely cover ``seconds``: one more, for the tick that is already under way."""
    return math.ceil(seconds / TICK) + 1


class Ticker:
    """Moves one engine's epoch. ``touch`` before each call of a guest."""

    # Counted in ticks and not by the clock: a machine that was suspended has not used up any of them.

    def __init__(self, engine: wasmtime.Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._now = self._until = 0

    def touch(self, ticks: int) -> None:
        """Keeps the epoch moving for at least so many ticks from now."""
        # Half of the idle time to spare: most touches find that all is well and need no lock.
        if self._now + ticks + _IDLE // 2 > self._until:
            with self._lock:
                self._until = max(self._until, self._now + ticks + _IDLE)
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="wasmrecords-epoch", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        increment = self._engine.increment_epoch
        while True:
            # Never two ticks closer than this: a late one is not made up for, or a deadline came too soon.
            time.sleep(TICK)
            increment()
            self._now += 1
            if self._now > self._until:
                # A touch between the check and the reset is seen by the second look.
                self._thread = None
                if self._now > self._until:
                    return
                with self._lock:
                    if self._thread is not None:
                        return
                    self._thread = threading.current_thread()


_ticker: Ticker | None = None
_owner: wasmtime.Engine | None = None
_make = threading.Lock()


def ticker(engine: wasmtime.Engine) -> Ticker:
    """The process's ticker for its one engine."""
    global _ticker, _owner
    with _make:
        if _ticker is None or _owner is not engine:
            _ticker, _owner = Ticker(engine), engine
        return _ticker


def _forget() -> None:
    """A forked child has none of its parent's threads."""
    global _ticker, _owner, _make
    _ticker, _owner, _make = None, None, threading.Lock()


# At the end of the process as well: what is left of wasmtime has to go while its modules are still there.
atexit.register(_forget)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
