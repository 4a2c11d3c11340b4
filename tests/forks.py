"""What a forked child makes of something."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds that a child has."""


def in_child(work: Callable[[], bool]) -> int:
    """The wait status of a forked child: 0 if ``work`` was true in it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # fork with threads, from Python 3.12 on
        child = os.fork()
    if not child:
        status = 1
        try:
            status = 0 if work() else 2
        finally:
            os._exit(status)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        time.sleep(0.01)
    os.kill(child, 9)
    os.waitpid(child, 0)
    raise AssertionError("the child did not end")
