"""Waiting for what does not block: who made it so waits elsewhere, and here there is nothing else to do."""

from __future__ import annotations

import io
import select
from collections.abc import Callable
from typing import Any

from ._errors import SourceError


def wait(file: Any, *, to_write: bool = False) -> None:
    """Until ``file``, a descriptor or an object that has one, has bytes or its end; ``to_write``: room, or no
    reader any more.

    Raises :class:`SourceError` for what has no descriptor.
    """
    try:
        number: int = file if isinstance(file, int) else file.fileno()
    except (AttributeError, OSError):
        raise SourceError(
            f"{type(file).__name__} does not block and has no descriptor to wait for: give a file that blocks"
        ) from None
    if not hasattr(select, "poll"):
        select.select([] if to_write else [number], [number] if to_write else [], [])
        return
    ready = select.poll()  # unlike select it takes numbers from 1,024 on
    ready.register(number, select.POLLOUT if to_write else select.POLLIN)
    ready.poll()


def reads_into(source: Any) -> Callable[[Any], int | None] | None:
    """How a source reads into memory what it has now, so that it waits only where it has nothing; None if it
    reads otherwise."""
    readinto1: Callable[[Any], int | None] | None = getattr(source, "readinto1", None)
    if readinto1 is None:
        return source.readinto if isinstance(source, io.RawIOBase) else None
    if not isinstance(source, (io.BufferedReader, io.BufferedRandom)):
        return readinto1
    held = True

    def read(memory: Any) -> int | None:
        # Behind what its buffer holds, CPython's reads once more if there is room, and waits for that.
        nonlocal held
        if held:
            ready, view = len(source.peek()), memoryview(memory).cast("B")
            held = ready > len(view)
            memory = view[: ready or len(view)]
        return readinto1(memory)

    return read
