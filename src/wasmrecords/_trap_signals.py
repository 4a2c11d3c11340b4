"""The engine's signal handlers stay above those of others, so that a trap stays a trap.

A guest that reaches outside of its memory, divides by zero or gives up raises a signal, and the engine set
handlers for those when the first one was made. Handlers that are set later, as by ``faulthandler.enable()``,
get the signal first and end the process. So before a guest works the engine's handlers are put back where
others took their places. Signals that are not a guest's the engine hands on to the handlers before its own.

Code that checks its bounds without signals was measured as well: it is 12 to 25 percent slower.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import platform
import signal
import sys
import threading
from _signal import getsignal as _get  # type: ignore[import-not-found]  # quicker than that of `signal`
from typing import Any

from ._errors import WasmRecordsError

_NAMES = ("SIGSEGV", "SIGILL", "SIGFPE", "SIGBUS")
_NEEDED = _NAMES[:3] if platform.machine() == "x86_64" else _NAMES[:2]
_LIBRARY = b"_libwasmtime.so"
_LARGEST = 256  # a struct sigaction has 152 bytes and begins with the handler's address

_sigaction: Any = None
_ours: list[tuple[int, Any, int]] = []  # a signal, what the engine set for it, and that handler's address
# A signal that the system does not have is SIGSEGV once more.
_SEGV, _ILL, _FPE, _BUS = (int(getattr(signal, name, signal.SIGSEGV)) for name in _NAMES)
_FIRST = int(signal.SIGSEGV)
_known: tuple[Any, ...] = ()  # what Python thought of these signals when they were last looked at


class _Place(ctypes.Structure):
    """``Dl_info`` of ``dladdr``."""

    _fields_ = (
        ("file", ctypes.c_char_p),
        ("base", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("address", ctypes.c_void_p),
    )


class _Action:
    """Room for what the system says about one signal."""

    def __init__(self) -> None:
        self.buffer = ctypes.create_string_buffer(_LARGEST)
        self.handler = ctypes.c_void_p.from_buffer(self.buffer)
        # Made once: to make it for each call takes longer than the call.
        self.place = ctypes.byref(self.buffer)


class _Found(threading.local):
    def __init__(self) -> None:
        self.action = _Action()


_found = _Found()


def remember() -> None:
    """After an engine was made: the handlers in its library are its own.

    Raises :class:`WasmRecordsError` if somebody else's are above them already.
    """
    global _sigaction
    if _ours or sys.platform != "linux":  # a forked process has its parent's
        return
    try:
        # As a part of Python: none of this waits for anything.
        _sigaction, dladdr = ctypes.PyDLL(None).sigaction, ctypes.PyDLL(None).dladdr
        _sigaction.restype = None
    except (OSError, AttributeError):
        return
    found = []
    for name in _NAMES:
        number, action, place = int(getattr(signal, name)), _Action(), _Place()
        _sigaction(ctypes.c_int(number), None, action.place)
        address = action.handler.value or 0
        known = dladdr(ctypes.c_void_p(address), ctypes.byref(place))
        if known and os.path.basename(place.file or b"") == _LIBRARY:
            found.append((number, action.buffer, address))
        elif name in _NEEDED:
            raise WasmRecordsError(
                f"{name} is handled by others than wasmtime, so that a guest's trap would end the process: "
                "call faulthandler.enable(), and what else handles it, before anything uses wasmtime"
            )
    _ours.extend(found)
    put_back()


def keep() -> None:
    """Before a guest works: puts the engine's handlers back where others took their places.

    To ask the system about all of them takes 2 us. It is asked about the first, and Python, which is quicker,
    about the others: who takes signals without Python's doing, as crash reporters do, takes that one.
    """
    if not _ours:
        return
    found = _found.action
    _sigaction(_FIRST, None, found.place)
    taken = found.handler.value != _ours[0][2] or faulthandler.is_enabled()
    if taken or _handlers() != _known:
        put_back()


def put_back() -> None:
    """The same, whatever Python knows."""
    global _known
    found = _found.action
    for number, action, address in _ours:
        _sigaction(ctypes.c_int(number), None, found.place)
        if found.handler.value != address:
            _sigaction(ctypes.c_int(number), ctypes.byref(action), None)
    _known = _handlers()


def _handlers() -> tuple[Any, ...]:
    # Written out: a loop over them takes three times as long.
    return _get(_SEGV), _get(_ILL), _get(_FPE), _get(_BUS)
