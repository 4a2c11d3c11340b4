"""The clock of all guests, and the time that each of their calls may take.

A :class:`Ticker` moves an engine's epoch while guests work: a timer of the system where there is one, so
that a busy interpreter does not hold it up, a Python thread elsewhere. A guest looks at the epoch at each
loop and call; every slice of its time it asks its :class:`Watch`, which sends it back to work or stops it.
"""

from __future__ import annotations

import atexit
import math
import os
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ._errors import GuestError, WasmRecordsError
from ._native import epoch_function
from ._timer import Timer, make_timer

if TYPE_CHECKING:
    import wasmtime

FINE, COARSE = 0.01, 0.05
"""Seconds between two ticks: while a short deadline runs, and otherwise. A tick costs 80 us."""
SLICE = 0.1
"""Seconds after which a guest is looked after, at the latest: Ctrl-C waits no longer than that."""
_IDLE = 1.0
"""Seconds without a guest after which nothing ticks."""
_PAUSE = 1.0
"""Seconds between two looks, beyond a slice, that nobody can have worked: the process was stopped."""
_PATIENCE = 2.0
"""Seconds that the end of the process waits for guests."""


def ticks(seconds: float, tick: float) -> int:
    """Ticks that surely cover ``seconds``: one more, for the tick that is already under way."""
    return math.ceil(seconds / tick) + 1


class Watch:
    """The time of one instance: at most ``seconds`` for a call, at most twice that until the record ends
    that it had in hand by then.

    ``progress`` tells how many records the call has finished, None where none are; ``leaves``, whether there
    is a reason to stop that is none of time.
    After a call, ``stopped`` says whether it was; ``over``, whether because its time was; ``sure``, whether
    the record in hand had all of that. No call follows one that was stopped.

    ``tick`` is the longest time between two ticks that suits it; ``first``, the ticks until its first look.
    """

    def __init__(
        self, seconds: float, progress: Callable[[], int | None], leaves: Callable[[], bool]
    ) -> None:
        self._seconds, self._progress, self._leaves = seconds, progress, leaves
        # A short deadline has few looks: each of them waits for the interpreter when it is busy.
        self._slice = min(SLICE, max(seconds / 2, FINE))
        self.tick = COARSE if seconds >= 10 * COARSE else FINE
        self.first = ticks(self._slice, self.tick)
        self.stopped = self.over = self.sure = self.cancelled = False
        self.start()

    def start(self) -> float:
        """A call begins: when."""
        self.unseen = True  # most calls end before the first look, which sets the rest
        self.looked = now = time.monotonic()
        return now

    def cancel(self) -> None:
        """Stops the call that is under way, or the next one, from any thread."""
        self.cancelled = True

    def look(self) -> int:
        """Ticks until the next look, 0 to stop the guest."""
        left = 0.0 if self._leaves() or self.cancelled else self._left()
        self.stopped = left <= 0
        return 0 if self.stopped else ticks(min(left, self._slice), self.tick)

    def _left(self) -> float:
        """Seconds that the call may still take, as far as is known now."""
        if self.unseen:
            self.unseen = self._overtime = False
            self._elapsed = self._since = 0.0
            self._finished: int | None = 0
        now = time.monotonic()
        step, self.looked = now - self.looked, now
        # While the process was stopped the guest has not used up any of its time.
        self._elapsed += step if step < self._slice + _PAUSE else self._slice
        finished = self._progress()
        moved = finished != self._finished
        if moved:
            self._finished, self._since = finished, self._elapsed
        in_hand = self._elapsed - self._since
        left = self._seconds - in_hand
        if self._elapsed >= self._seconds:
            if left <= 0 or (moved and self._overtime) or self._elapsed >= 1.9 * self._seconds:
                self.over, self.sure = True, left <= 0
                return 0.0
            self._overtime = True
            return min(left, 1.9 * self._seconds - self._elapsed)
        return min(left, self._seconds - self._elapsed)


class Ticker:
    """Moves one engine's epoch while calls are between ``begin`` and ``end``, and a second longer: by a timer
    if there is one, else by a thread that calls ``increment``."""

    def __init__(self, increment: Callable[[], object], timer: Timer | None) -> None:
        self._increment, self._timer = increment, timer
        self._tick = COARSE
        self._lock = threading.Lock()
        self._running: set[Watch] = set()  # adding and discarding are atomic
        self._ticking = self._used = self._leaving = False

    def begin(self, watch: Watch) -> float:
        """A call begins: when. Raises :class:`GuestError` when the interpreter is about to end."""
        watch.unseen = True  # as with watch.start()
        watch.looked = now = time.monotonic()
        self._running.add(watch)
        self._used = True
        if not self._ticking or self._leaving or watch.tick < self._tick:
            self._start(watch.tick)
        return now

    def end(self, watch: Watch) -> None:
        """It is over."""
        self._running.discard(watch)

    def _start(self, tick: float) -> None:
        with self._lock:
            if self._leaving:
                self._running.clear()
                raise too_late()
            self._tick = min(tick, self._tick) if self._ticking else tick
            if self._timer is not None:
                self._timer.start(self._tick)
            if self._ticking:
                return
            # With a timer the thread only sees to it that an idle process is left in peace.
            thread = threading.Thread(target=self._run, name="wasmrecords-epoch", daemon=True)
            try:
                thread.start()
            except RuntimeError as error:  # the system has no more threads to give
                self._running.clear()
                if self._timer is not None:
                    self._timer.stop()
                raise WasmRecordsError(f"no deadline can be kept: {error}") from None
            self._ticking = True

    def _run(self) -> None:
        idle = 0.0
        while True:
            # Never two ticks closer than this: a late one is not made up for.
            period = self._tick if self._timer is None else _IDLE / 2
            time.sleep(period)
            if self._timer is None:
                self._increment()
            if self._running or self._used:
                self._used, idle = False, 0.0
                continue
            idle += period
            if idle < _IDLE:
                continue
            with self._lock:
                self._ticking = False
                # Who begins after this line starts it again; who began before it is seen here.
                if not self._running:
                    if self._timer is not None:
                        self._timer.stop()
                    return
                self._ticking = True

    def pause(self) -> None:
        """Stands still until ``resume``, so that the process can fork."""
        self._lock.acquire()
        if self._timer is not None and self._ticking:
            # The C library starts each tick's thread under a lock of its own, and asks for memory meanwhile,
            # which waits for a fork: a child would inherit that lock.
            self._timer.stop()
            time.sleep(0.002)

    def resume(self) -> None:
        """Goes on, in the parent."""
        if self._timer is not None and self._ticking:
            self._timer.start(self._tick)
        self._lock.release()

    def leave(self) -> None:
        """The interpreter ends: guests in other threads are stopped, since they could not come back."""
        self._leaving = True
        end = time.monotonic() + _PATIENCE
        while (running := list(self._running)) and time.monotonic() < end:
            for watch in running:
                watch.cancel()
            time.sleep(FINE)
        with self._lock:
            if self._timer is not None:
                self._timer.stop()


_tickers: dict[wasmtime.Engine, Ticker] = {}
_make = threading.Lock()
_forked = _ended = False


def ticker(engine: wasmtime.Engine) -> Ticker:
    """The process's ticker for one of its engines. Raises :class:`GuestError` when the interpreter ends."""
    if _ended:
        raise too_late()
    with _make:
        if engine not in _tickers:
            function, argument = epoch_function(engine)
            make = _make_with_care if _forked else make_timer
            timer = make(function, argument)
            _tickers[engine] = Ticker(engine.increment_epoch, timer)
        return _tickers[engine]


def too_late() -> GuestError:
    """The error for a guest that nobody would wait for."""
    return GuestError("the interpreter ends: no guest may begin", code="cancelled")


def leave() -> None:
    """Stops all guests: called before anything that they need is freed."""
    global _ended
    _ended = True
    for found in list(_tickers.values()):
        found.leave()
    _tickers.clear()


def _make_with_care(function: int, argument: int) -> Timer | None:
    """A timer in a forked child, None if it takes too long: a process that forked without Python's doing may
    have left a lock of the C library's closed for ever."""
    made: list[Timer | None] = []
    thread = threading.Thread(target=lambda: made.append(make_timer(function, argument)), daemon=True)
    thread.start()
    thread.join(_PATIENCE)
    return made[0] if made else None


_paused: list[Ticker] = []


def _pause() -> None:
    _make.acquire()
    _paused.extend(_tickers.values())
    for found in _paused:
        found.pause()


def _resume() -> None:
    for found in _paused:
        found.resume()
    _paused.clear()
    _make.release()


def set_ticker(engine: wasmtime.Engine, clock: Ticker) -> None:
    """Moves an engine's epoch by another ticker than the one that it would get."""
    with _make:
        _tickers[engine] = clock


def _forget() -> None:
    """A forked child has none of its parent's threads and timers."""
    global _make, _forked
    _tickers.clear()
    _paused.clear()
    _make, _forked = threading.Lock(), True


atexit.register(leave)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_pause, after_in_parent=_resume, after_in_child=_forget)
