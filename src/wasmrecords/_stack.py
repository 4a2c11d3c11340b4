"""Whether a thread's stack has room for a guest's: who overruns it ends the process."""

from __future__ import annotations

import ctypes
import sys
import threading

from ._errors import StackLimit
from ._limits import show_bytes

NEEDED_STACK = 768 * 1024
"""Bytes that a thread's stack must have: the guest's, and room for what calls it and what it calls."""


class _Roomy(threading.local):
    known = False


roomy = _Roomy()
"""Whether this thread's stack is known to have that."""


def require_stack() -> None:
    """Refuses a thread whose stack a guest may overrun, with :class:`StackLimit`. Asked once for each."""
    size = _size() if sys.platform == "linux" else None
    if size is not None and size < NEEDED_STACK:
        raise StackLimit(
            f"this thread's stack has {show_bytes(size)}, a guest needs {show_bytes(NEEDED_STACK)}: raise "
            "threading.stack_size() before the thread starts, or `ulimit -s`",
            value=size,
        )
    roomy.known = True


def _size() -> int | None:
    try:
        c = ctypes.CDLL(None)
        c.pthread_self.restype = ctypes.c_void_p
        attributes, size = ctypes.create_string_buffer(256), ctypes.c_size_t()  # glibc and musl need 56 bytes
        if c.pthread_getattr_np(ctypes.c_void_p(c.pthread_self()), attributes):
            return None
        c.pthread_attr_getstacksize(attributes, ctypes.byref(size))
        c.pthread_attr_destroy(attributes)
    except (OSError, AttributeError):
        return None
    return size.value
