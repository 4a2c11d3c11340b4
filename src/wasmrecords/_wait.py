"""Waiting for what does not block: who made it so waits elsewhere, and here there is nothing else to do."""

from __future__ import annotations

import select
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
