"""A timer of the operating system that calls a C function: it ticks also while Python is busy.

POSIX has one (``timer_create`` with ``SIGEV_THREAD``); elsewhere :func:`make_timer` gives None.
"""

from __future__ import annotations

import ctypes
import sys

_MONOTONIC = 1  # Linux: <bits/time.h>, <bits/siginfo-consts.h>
_BY_THREAD = 2


class _SigEvent(ctypes.Structure):
    # glibc and musl agree: 64 bytes, of which a 64-bit system uses the first 32.
    _fields_ = (
        ("value", ctypes.c_void_p),
        ("number", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("function", ctypes.c_void_p),
        ("attributes", ctypes.c_void_p),
        ("rest", ctypes.c_char * 32),
    )


class _Interval(ctypes.Structure):
    _fields_ = (
        ("every_seconds", ctypes.c_long),
        ("every_nanoseconds", ctypes.c_long),
        ("first_seconds", ctypes.c_long),
        ("first_nanoseconds", ctypes.c_long),
    )


class Timer:
    """Calls ``function(argument)`` on a thread of the system's own, at a fixed rate while it is started.

    Both are addresses and must stay valid for ever: a call may still be under way after ``stop``.
    """

    def __init__(self, library: ctypes.CDLL, function: int, argument: int) -> None:
        self._set = library.timer_settime
        self._set.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Interval), ctypes.c_void_p)
        self._timer = ctypes.c_void_p()
        event = _SigEvent(argument, 0, _BY_THREAD, function, None)
        if library.timer_create(_MONOTONIC, ctypes.byref(event), ctypes.byref(self._timer)):
            raise OSError(ctypes.get_errno(), "timer_create")

    def start(self, seconds: float) -> None:
        """Calls every ``seconds`` from now on; fewer than one. Raises :class:`OSError`."""
        self._arm(int(seconds * 1e9))

    def stop(self) -> None:
        """No more calls, but one that is under way."""
        self._arm(0)

    def _arm(self, nanoseconds: int) -> None:
        interval = _Interval(0, nanoseconds, 0, nanoseconds)
        if self._set(self._timer, 0, ctypes.byref(interval), None):
            raise OSError(ctypes.get_errno(), "timer_settime")


def make_timer(function: int, argument: int) -> Timer | None:
    """A timer, None where there is none."""
    if sys.platform != "linux" or ctypes.sizeof(ctypes.c_void_p) != 8:
        return None
    for name in (None, "librt.so.1"):  # its own library before glibc 2.34
        try:
            return Timer(ctypes.CDLL(name, use_errno=True), function, argument)
        except (OSError, AttributeError):
            continue
    return None
